"""What a halted run tells: what was found, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable

from .record import RunRecord, StepKey, StepRecord


def unknown(run_id: str, kept: StepRecord) -> str:
    """A step that must not run twice was begun, and there is no result."""
    how = f"it raised {kept.error}" if kept.error else "the process ended before it did"
    return (
        f"step {named(kept.key)} of run {run_id!r} must not run twice, was begun with this input (hash "
        f"{kept.input_hash[:12]}), and whether its effect happened is not known: {how}. Find out, then call "
        f"journal.settle({run_id!r}, {kept.path or '/'!r}, result=...) if it did, or "
        f"journal.retry({run_id!r}, {kept.path or '/'!r}) if it did not, and resume the run"
    )


def other_input(run_id: str, kept: StepRecord, now: StepKey) -> str:
    """A step that must not run twice was begun with another input."""
    return (
        f"step {named(now)} of run {run_id!r} must not run twice; it is {kept.status} with the input of hash "
        f"{kept.input_hash[:12]} and would now run with the input of hash {now.input_hash[:12]}. Resume the "
        "run with the input and the steps that it had; or call "
        f"journal.retry({run_id!r}, {kept.path or '/'!r}) to let the step run once more; or take another id"
    )


def other_run_input(before: RunRecord, now: RunRecord, once: Iterable[StepRecord]) -> str:
    """A run that has begun steps which must not run twice was given another input."""
    steps = ", ".join(f"{named(record.key)} ({record.status})" for record in once)
    return (
        f"run {now.run_id!r} was begun with the input of hash {before.input_hash[:12]}, is given that of "
        f"hash {now.input_hash[:12]} now, and has steps that must not run twice: {steps}. Resume it with the "
        f"input that it had, or take another id; journal.retry({now.run_id!r}, step) lets one run once more"
    )


def other_type(run_id: str, kept: StepRecord, error: Exception) -> str:
    """What is kept of a step is not what the step declares to return."""
    return (
        f"the result that is kept of step {named(kept.key)} of run {run_id!r} ({kept.status}) is not of the "
        f"type that the step declares: {error}. Declare the type it had, or settle the step with one that is"
    )


def moved(run_id: str, gone: Iterable[StepRecord]) -> str:
    """Steps that must not run twice have no place in the workflow any more."""
    steps = ", ".join(named(record.key) for record in gone)
    return (
        f"run {run_id!r} has begun steps that must not run twice and are not there in its workflow any more: "
        f"{steps}; at another place or under another name they would run again. Resume the run with the "
        "workflow that began it, or take another run id"
    )


def over(run_id: str, now: StepKey) -> str:
    """A run that is done would do something."""
    return (
        f"run {run_id!r} is done, and step {named(now)} is not in it with the input of hash "
        f"{now.input_hash[:12]}; take another run id, or journal.forget({run_id!r}) to run all of it again"
    )


def given_other(run_id: str, what: str) -> str:
    """A run that is done was resumed with something else."""
    return (
        f"run {run_id!r} is done, with {what} than it was given now; take another run id, or "
        f"journal.forget({run_id!r}) to run all of it again"
    )


def undone(run: RunRecord) -> str:
    """The effects of the run were being undone."""
    return (
        f"the effects of run {run.run_id!r} were being undone, after {run.error}; what is kept of its steps "
        f"no longer holds. See with journal.show({run.run_id!r}) which undo steps are done, undo the others "
        "by hand, and take another run id"
    )


def named(key: StepKey) -> str:
    """Return how messages name a step."""
    return f"{key.name!r} at {key.path or '/'!r}"
