"""Gate: a version of the playbook plays the champion on held-out tasks; what makes it worse is undone."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass

from ...core.context import WorkflowContext
from ..events import Gated, GateResult, Recorded, Restore, Suspend
from ..options import AceOptions
from ..playbook import Playbook
from ..store import Commit, PlaybookStore
from ..task import Task
from .changes import learned
from .contest import EMPTY, Contest, Standings, mixed
from .options import GateOptions
from .plays import Play, Plays, Shown, shown_by
from .repair import Records, Repair, repair
from .report import GateDecided, GateReport
from .rollback import contents_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the gate found, and the events that act on it."""

    report: GateReport
    events: tuple[Suspend | Restore | Gated, ...]

    def commit(self, run_id: str) -> Commit:
        """Return what stores the decision."""
        return Commit(run_id=run_id, decisions=self.events, actor="gate")


class Gate:
    """Measures versions by `play`. A task to which two versions show the same is played once for both.

    `shown` says what a task sees of a playbook; without it, all strategies that are relevant to the task.
    `results` holds what was played, for the caller to keep as long as it wants.
    """

    def __init__(
        self,
        play: Play,
        *,
        options: GateOptions | None = None,
        shown: Shown | None = None,
        results: MutableMapping[str, bool] | None = None,
    ) -> None:
        self.options = options or GateOptions()
        self._play, self._shown = play, shown or shown_by(AceOptions())
        self._results = dict[str, bool]() if results is None else results

    async def decide(
        self, current: Playbook, champion: Playbook, records: Records, tasks: Sequence[Task]
    ) -> Decided:
        """Return what becomes of `current`: better than `champion`, no worse, or to be rolled back.

        The empty playbook plays as well: where it is better than either, all that was learned is on trial.
        Outages count for nobody. `tasks` are held out: nothing was learned from them.

        Raises:
            PlayboxError: what `play` raises, but for outages, a spent budget and a passed deadline.
        """
        plays = Plays(self._play, self._shown, self._results, most=self.options.most_plays)
        order = mixed(tasks, self.options.seed)
        contest = Contest(options=self.options, champion=champion, tasks=order, plays=plays)
        standings = await contest.play(current)
        repaired = await repair(current, contest, standings, records) if standings.worse else None
        report = _report(current, contest, standings, repaired)
        gated = Gated(
            version=current.version,
            contents=contents_digest(current),
            result=report.result,
            undone=tuple(change.event_id for change in repaired.undone) if repaired else (),
            e_value=report.e_value,
            reason=report.reason,
        )
        return Decided(report=report, events=(*(repaired.events if repaired else ()), gated))


async def at_the_gate(
    gate: Gate, store: PlaybookStore, tasks: Sequence[Task], *, every: int | None = None
) -> Decided | None:
    """Return what the gate decides on the latest playbook of `store`, which is left as it is.

    None, and nothing is played, before `every` changes were learned since the gate was last open, by default
    `gate.options.every`.

    Raises:
        PlayboxError: see `Gate.decide` and `PlaybookStore`.
    """
    current = await store.load()
    since = current.gated.version if current.gated is not None else 0
    if learned(await _records(store, since)) < (gate.options.every if every is None else every):
        return None

    async def records(base: Playbook) -> tuple[Recorded, ...]:
        return (await _records(store, base.version))[: current.version - base.version]

    return await gate.decide(current, await champion_of(store, current), records, tasks)


async def gate_playbook(
    gate: Gate,
    store: PlaybookStore,
    tasks: Sequence[Task],
    context: WorkflowContext,
    *,
    every: int | None = None,
) -> GateReport | None:
    """Let the latest playbook of `store` through the gate, and store what is decided in one transaction.

    Returns None where `at_the_gate` does: calling it again changes nothing.

    Raises:
        PlayboxError: as `at_the_gate`; nothing was stored.
    """
    decided = await at_the_gate(gate, store, tasks, every=every)
    if decided is None:
        return None
    await store.commit(decided.commit(context.workflow_id))
    context.emit(GateDecided(report=decided.report))
    return decided.report


async def champion_of(store: PlaybookStore, playbook: Playbook) -> Playbook:
    """Return the champion among the versions before `playbook`, the empty playbook if there is none.

    When histories were merged, the version that was accepted may not be there any more: a champion that
    never stood the test is none.
    """
    accepted = playbook.champion
    if accepted is None or accepted.version > playbook.version:
        return EMPTY
    champion = await store.at_version(accepted.version)
    return champion if contents_digest(champion) == accepted.contents else EMPTY


async def _records(store: PlaybookStore, since: int) -> tuple[Recorded, ...]:
    return tuple(stored.recorded for stored in await store.history(since=since))


def _report(current: Playbook, contest: Contest, standings: Standings, repaired: Repair | None) -> GateReport:
    result = (
        GateResult.ROLLED_BACK if repaired else GateResult.ACCEPTED if standings.better else GateResult.KEPT
    )
    return GateReport(
        result=result,
        reason=_reason(standings, repaired),
        version=current.version,
        champion=contest.champion.version,
        against_champion=standings.against_champion,
        against_empty=standings.against_empty,
        champion_against_empty=standings.champion_against_empty,
        undone=len(repaired.undone) if repaired else 0,
        culprits=repaired.culprits if repaired else (),
        plays=contest.plays.made,
        saved=contest.plays.saved,
        skipped=tuple(contest.plays.skipped),
        spent=contest.plays.spent,
    )


def _reason(standings: Standings, repaired: Repair | None) -> str:
    """Return in a line what was decided, and why."""
    match = standings.against_champion
    score = f"won {match.won} and lost {match.lost} of {len(match.pairs)} held-out tasks against the champion"
    if repaired is None:
        return f"{score}, e-value {match.e_better:.1f}"
    if standings.empty_is_best:
        match = standings.against_empty
        score = f"won {match.won} and lost {match.lost} of {len(match.pairs)} against the empty playbook"
    families = ", ".join(standings.lost_families)
    lost = "" if standings.clearly_worse or not families else f", which loses {families}"
    undone = f"{len(repaired.undone)} of {repaired.changes} changes undone"
    return f"{score}, e-value {match.e_worse:.1f}{lost}; {undone}"
