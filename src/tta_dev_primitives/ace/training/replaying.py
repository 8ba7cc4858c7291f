"""A step that replays what is in doubt: the same task with a strategy and without it."""

from __future__ import annotations

from ...core.context import WorkflowContext
from ..evidence.replay import Replayer, calls_for_replays
from ..store import Commit
from .steps import BatchDone, StepDone


async def replay_doubtful(batch: BatchDone, replayed: int, context: WorkflowContext) -> StepDone:
    """Return the replays that the options allow after `batch`; `replayed` calls were made for that before.

    Raises:
        PlayboxError: an outage or a limit ended it, and nothing is stored.
    """
    workshop = batch.workshop
    made = sum(result.calls for result in batch.results)
    calls = calls_for_replays(workshop.options, made=made, replayed=replayed)
    if not calls:
        return StepDone()
    replayer = Replayer(
        loop=workshop.loop(f"replay-{batch.part.scope}", workshop.certain),
        playbook=batch.playbook,
        experience=batch.experience,
    )
    replays = await replayer.replay(batch.tasks, context, calls=calls)
    workshop.watch.check()
    commit = Commit(run_id=context.workflow_id, replays=replays.events) if replays.events else None
    return StepDone(commit=commit, calls=replays.calls)
