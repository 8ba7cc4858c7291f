"""What the standing of a bullet rests on: the evidence behind its status, and the replays of it."""

from __future__ import annotations

from pydantic import Field

from .value import Value


class Evidence(Value):
    """What was known of a bullet when its status was decided.

    `relevant` counts judged runs of the window in which it was relevant, `included` those that had it.
    `mean` and `sd` are of its effect on the log odds of success at the first try; `uplift`, with the interval
    from `low` to `high`, is that as a difference of success rates, None if no run tells. `e_value` is the
    anytime-valid evidence that it helps. `window` is how many judged runs the estimate rests on, `version`
    the playbook's, `revision` the bullet's. `better` is the probability that `rival`, which says the
    opposite, does better.
    """

    relevant: int = Field(ge=0)
    included: int = Field(ge=0)
    mean: float
    sd: float = Field(ge=0)
    uplift: float | None = None
    low: float | None = None
    high: float | None = None
    e_value: float = Field(ge=0)
    window: int = Field(ge=0)
    version: int = Field(ge=0)
    revision: int = Field(default=1, ge=1)
    rival: str | None = None
    better: float | None = None


class Replay(Value):
    """One task run twice, with a bullet and without, all else alike; did the first program succeed?"""

    task_id: str
    with_success: bool
    without_success: bool
