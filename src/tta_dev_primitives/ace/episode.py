"""The evidence: one task, how its bullets were chosen, what was tried and what came of it."""

from __future__ import annotations

from pydantic import Field

from .value import Value


class Choice(Value):
    """A relevant bullet, in its wording `revision`, and whether it was put into the prompt.

    That had the probability `propensity`. `conditional` is its probability given all else that was drawn for
    the run: whether there was a playbook, whether the run explored, which other bullets were in. It is 0 or 1
    where that settled it. What is concluded from the presence of one bullet alone rests on it, as bullets
    that are left out together share the blame. None in records from before it was logged.
    """

    bullet_id: str
    propensity: float = Field(ge=0, le=1)
    included: bool
    core: bool
    conditional: float | None = Field(default=None, ge=0, le=1)
    revision: int = Field(default=1, ge=1)


class ProbeRecord(Value):
    """A small program that was run before the first attempt, and what it showed."""

    code: str
    seen: str


class AttemptRecord(Value):
    """One generation and its run. `number` counts from 1; `cited` are ids of bullets; `wall_s` is seconds.

    `error_signature` names the error, such as `KeyError`, and is empty where there is none.
    `speedup` is how many times faster than the given code, where the task measures that.
    """

    number: int = Field(ge=1)
    code: str
    verdict: str
    success: bool
    score: float
    feedback: str
    stop: str
    isolation: str
    cited: tuple[str, ...] = ()
    tokens: int = 0
    usd: float | None = None
    wall_s: float = 0.0
    error_signature: str = ""
    speedup: float | None = None


class Episode(Value):
    """One execution of the loop. Times are ISO 8601 in UTC; `usd` is None where no price is known.

    `id` is the key: committing an episode a second time changes nothing. `held_out` says that the run got no
    playbook, `recorded` is the date of replayed answers. `unchecked`: the task does not say how to tell
    success. `cut_short` says why there were no more attempts, if that was an outage, the budget or the
    deadline. `added` are the ids of the bullets that came of it, `refused` by what rule others were not
    admitted, such as `injection:override`; the store fills both in.
    """

    id: str
    run_id: str
    task_id: str
    family: str
    task: str
    language: str
    playbook_version: int = Field(ge=0)
    held_out: bool = False
    choices: tuple[Choice, ...] = ()
    probes: tuple[ProbeRecord, ...] = ()
    attempts: tuple[AttemptRecord, ...] = ()
    success: bool
    first_try: bool
    verdict: str
    score: float
    tokens: int = 0
    calls: int = 0
    usd: float | None = None
    seed: int
    model: str
    origin: str
    recorded: str | None = None
    started_at: str
    finished_at: str
    unchecked: bool = False
    cut_short: str = ""
    reflected: bool = False
    added: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
