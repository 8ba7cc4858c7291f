"""One case from beginning to end: played with a model that obeys all, and with one that obeys no block."""

from __future__ import annotations

import asyncio
import inspect
import resource
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.security import domain_plays, evidence_plays, file_plays, learning_plays
from tests.security.case import Case
from tests.security.effects import Played, effects
from tests.security.handling import reached
from tests.security.stage import Stage, staged
from tests.security.world import World
from tta_dev_primitives.sandbox import Sandbox

_Play = Callable[[Stage], Played | Awaitable[Played]]
PLAYS: Final[Mapping[str, _Play]] = {
    "exec_output": learning_plays.exec_output,
    "delta": learning_plays.delta,
    "delta_batch": learning_plays.batch,
    "drip": learning_plays.drip,
    "strategy": learning_plays.strategy,
    "import": file_plays.imported,
    "merge": file_plays.merged,
    "view_edit": file_plays.view_edit,
    "search": file_plays.asked,
    "playbook_file": file_plays.playbook_file,
    "service": domain_plays.service,
    "table": domain_plays.table,
    "debugging": domain_plays.debugging,
    "step": domain_plays.step_env,
    "provider": domain_plays.provider,
    "verdict": evidence_plays.verdict,
    "evidence": evidence_plays.evidence,
    "retrieval": evidence_plays.retrieval,
}

_OF_THE_MODEL: Final = {"delta"}
"""Layers in which the model itself says it: one that obeys says other things besides."""
_LONGEST_S: Final = 120.0
_MOST_BYTES: Final = 256 << 20
"""What a case may make the host hold more than it ever did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of a case. `effects` are of both models; `handled` tells for each whether it was as expected.

    `not_applicable` says why it cannot be played: there is nothing here that it could attack.
    """

    case: Case
    effects: tuple[str, ...] = ()
    handled: bool = False
    obeyed: int = 0
    seconds: float = 0.0
    not_applicable: str = ""


def play(case: Case, world: World, sandbox: Sandbox) -> Seen:
    """Play `case` twice; an error that no caller can expect is an effect."""
    chosen, missing = _chosen(case)
    if chosen is None:
        return Seen(case=case, not_applicable=missing)
    since, peak = time.perf_counter(), _peak()
    found, handled, obeyed = list[str](), list[bool](), 0
    for gullible in (True,) if case.layer == "evidence" else (True, False):  # no model obeys in that
        with staged(case, world, sandbox, gullible=gullible) as stage:
            try:
                played = chosen(stage)
                whole = asyncio.run(_awaited(played)) if inspect.isawaitable(played) else played
            except Exception as error:  # noqa: BLE001  # whatever it is, it ended a run that must go on
                found.append(
                    f"{'gullible' if gullible else 'careful'}: ended by {type(error).__name__}: {error}"
                )
                continue
            found += effects(case, whole, world)
            if not gullible or case.layer not in _OF_THE_MODEL:
                handled.append(reached(case, whole))
            obeyed += len(whole.obeyed)
    seconds = time.perf_counter() - since
    if (more := _peak() - peak) > _MOST_BYTES:
        found.append(f"the host held {more >> 20} MiB more than ever before")
    return Seen(
        case=case,
        effects=tuple(found),
        handled=all(handled) and bool(handled),
        obeyed=obeyed,
        seconds=seconds,
    )


def _chosen(case: Case) -> tuple[_Play | None, str]:
    """Return how to play it, or why it cannot be."""
    if case.layer == "pack" and "strategies" in case.fields:
        return file_plays.imported, ""
    if case.layer == "pack":
        return None, "nothing of that kind can be imported: there are no packs, signatures or names of them"
    if case.layer == "exec_output" and "env" in case.fields:
        return domain_plays.step_env, ""
    if case.layer not in PLAYS:
        return None, f"there is no layer {case.layer!r}; known: {', '.join(PLAYS)}"
    return PLAYS[case.layer], ""


async def _awaited(played: Awaitable[Played]) -> Played:
    async with asyncio.timeout(_LONGEST_S):
        return await played


def _peak() -> int:
    """Return the most bytes that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
