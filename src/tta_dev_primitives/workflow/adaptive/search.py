"""The search: what each candidate would gain on the configuration in use, computed from the log alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .bound import lower_bounds
from .configuration import Configuration
from .forecast import Forecast
from .plan import Plan
from .replay import Requests, worth
from .request import Request


def forecasts(
    log: Sequence[Request], plan: Plan, *, champion: Configuration, seed: int
) -> tuple[Forecast, ...]:
    """Return a forecast for the base and each candidate about which enough requests of the log tell.

    Blocks for some 0.1 s with 60 candidates and 600 requests; numpy releases the interpreter for parts of it.
    """
    utility, caution = plan.utility, plan.caution
    others = [one for one in dict.fromkeys((*plan.choices, plan.probe)) if one != champion]
    if not log or not others:
        return ()
    tries = max(one.retries for one in (champion, *others)) + 1
    requests = Requests.of(log, tries=tries, seed=seed)
    now = worth(requests, champion, utility)
    gains = np.stack([worth(requests, other, utility) - now for other in others], axis=1)
    enough = np.flatnonzero((~np.isnan(gains)).sum(axis=0) >= caution.fewest)
    if not len(enough):
        return ()
    bounds = lower_bounds(gains[:, enough], level=caution.level, seed=seed)
    spread = float(np.nanstd(now))
    return tuple(
        Forecast(
            configuration=others[place],
            instead_of=champion,
            gain=float(bounds.gain[column]),
            low=float(bounds.low[column]),
            n=int(bounds.n[column]),
            spread=spread,
        )
        for column, place in enumerate(enough)
    )
