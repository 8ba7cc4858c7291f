"""A share with Wilson's interval, which is right for few trials and for shares near 0 and 1."""

from __future__ import annotations

from math import sqrt

from .estimate import Estimate, confidence


def wilson(successes: float, n: int, *, level: float = 0.95) -> Estimate:
    """Return the share `successes / n` with Wilson's score interval, within 0..1.

    Successes may be fractions, where each of the n contributes the mean of several dependent trials: that
    varies no more than one trial would, so the interval is rather too wide than too narrow.

    Raises:
        ValueError: there is no trial, or there are more successes than trials.

    Source: Wilson 1927, Journal of the American Statistical Association 22:209-212.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"{successes:g} of {n} is no share; give at least one trial and 0 to n successes")
    z = confidence(level)
    share, weight = successes / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / weight
    half = z / weight * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Estimate(  # the formula gives 0 and 1 for no and for all successes, and holds it, but for rounding
        value=share,
        low=0.0 if successes == 0 else min(max(0.0, middle - half), share),
        high=1.0 if successes == n else max(min(1.0, middle + half), share),
        n=n,
        level=level,
        method="Wilson",
    )
