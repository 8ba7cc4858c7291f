"""How much memory a program takes, and how that grows with its input, as the host measures it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ...ace.checks import Finding
from ...ace.verdict import VerdictKind
from ...sandbox.types import Execution
from .task import Memory
from .trial import Trial

Judge: TypeAlias = Callable[[Execution], Finding]


async def memory_finding(memory: Memory, given: Execution, trial: Trial, judge: Judge) -> Finding:
    """Return whether the program keeps within `memory`; `given` is its run with the files of the task.

    `judge` looks at what it prints with larger files: who does nothing with them takes no memory. The peak of
    an empty program is taken off, so that packages that are loaded beforehand do not count.

    Raises:
        SandboxError: the sandbox failed, which says nothing about the program.
    """
    peak = given.usage.peak_memory_bytes
    if memory.at_most_bytes is not None:
        idle = (await trial.idle()).usage.peak_memory_bytes
        if peak - idle > memory.at_most_bytes:
            return _too_much(given, f"takes more than the {memory.at_most_bytes >> 10} KiB of memory allowed")
    if not memory.larger:
        return Finding(kind=VerdictKind.PASSED, score=1.0, execution=given)
    return await _growth(memory, peak, trial, judge)


async def _growth(memory: Memory, peak: int, trial: Trial, judge: Judge) -> Finding:
    files = {**trial.task.files, **memory.larger}
    execution = await trial.run(files)
    found = judge(execution)
    if found.kind is not VerdictKind.PASSED:
        return found
    more = _size(files) - _size(trial.task.files)
    if execution.usage.peak_memory_bytes - peak <= memory.bytes_per_byte * more:
        return Finding(kind=VerdictKind.PASSED, score=1.0, execution=execution)
    return _too_much(
        execution,
        f"takes more memory the larger the input, above {memory.bytes_per_byte:g} bytes for each further "
        "byte: do not keep all rows",
    )


def _size(files: Mapping[str, bytes]) -> int:
    return sum(map(len, files.values()))


def _too_much(execution: Execution, what: str) -> Finding:
    # What was measured is not told: feedback becomes part of prompts, which have to replay.
    return Finding(
        kind=VerdictKind.MEMORY,
        score=0.0,
        execution=execution,
        reason=f"right, but the program {what}",
        signature="TooMuchMemory",
    )
