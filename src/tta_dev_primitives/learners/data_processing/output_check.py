"""OutputCheck: run the program, read what it prints on the host, and look at properties and memory."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from ...ace.checks import Finding, broken
from ...ace.domain_check import DomainCheck
from ...ace.task import Task
from ...ace.verdict import VerdictKind
from ...core.errors import InvalidTask
from ...sandbox.types import Execution, Limits, Sandbox
from .memory import memory_finding
from .properties import AnyProperty, Idempotent, RowCount, SameValues, SumPreserved
from .table import Form, NoTableError, Table, read_input, read_table
from .table_property import Inputs, TableProperty
from .task import Memory
from .trial import Trial

_SHOWN = 3
_OTHER_DATA = "right with what is given, but not with other data of the same form"


class OutputCheck(DomainCheck):
    """Judges the table that a program prints; the files that it is given are those of the task."""

    properties: tuple[AnyProperty, ...]
    form: Form
    hidden: tuple[Mapping[str, bytes], ...] = ()
    memory: Memory | None = None

    async def prepare(self, sandbox: Sandbox, limits: Limits, task: Task) -> None:  # noqa: ARG002  # the seam's
        """Read the input files that properties compare with.

        Raises:
            InvalidTask: one of them is no table, or lacks a column.
        """
        for files in (task.files, *({**task.files, **hidden} for hidden in self.hidden)):
            inputs = self._inputs(files)
            for one in self.properties:
                if isinstance(one, SumPreserved | SameValues) and one.of not in inputs[one.file].columns:
                    known = ", ".join(inputs[one.file].columns)
                    raise InvalidTask(f"{one!r}: {one.file} has no column {one.of!r}; it has {known}")

    async def judge(self, sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
        """Try the given data, its own output, hidden data, then memory; the first that fails decides."""
        trial = Trial(sandbox=sandbox, limits=limits, task=task, code=code)
        done, stages = 0, 1 + self._again + len(self.hidden) + (self.memory is not None)
        finding: Finding | None = None
        async for finding in self._findings(trial):
            if finding.kind is not VerdictKind.PASSED:
                return replace(finding, score=min((done + finding.score) / stages, 0.99))
            done += 1
        assert finding is not None  # noqa: S101  # the given data are always tried
        return finding

    @property
    def _again(self) -> int:
        return sum(isinstance(one, Idempotent) for one in self.properties)

    async def _findings(self, trial: Trial) -> AsyncIterator[Finding]:
        given = await trial.run(trial.task.files)
        yield self._finding(given, trial)
        for one in self.properties:
            if isinstance(one, Idempotent):
                yield await self._again_finding(one, given, trial)
        for files in self.hidden:
            together = {**trial.task.files, **files}
            yield _secret(self._finding(await trial.run(together), trial, together))
        if self.memory is not None:
            yield await memory_finding(
                self.memory, given, trial, lambda execution: self._by_itself(execution, trial.limits)
            )

    def _finding(
        self, execution: Execution, trial: Trial, files: Mapping[str, bytes] | None = None
    ) -> Finding:
        """Return what one run's output is like."""
        table = self._table(execution, trial.limits)
        if isinstance(table, Finding):
            return table
        inputs = self._inputs(trial.task.files if files is None else files)
        return _judged(execution, self.properties, table, inputs)

    def _by_itself(self, execution: Execution, limits: Limits) -> Finding:
        """Return what the output with larger files is like; those are too large to be read here."""
        table = self._table(execution, limits)
        if isinstance(table, Finding):
            return table
        alone = [one for one in self.properties if not one.files]
        return _judged(execution, alone, table, {})

    def _table(self, execution: Execution, limits: Limits) -> Table | Finding:
        stopped = broken(execution, limits)
        if stopped is not None:
            return stopped
        try:
            return read_table(execution.stdout, self.form)
        except NoTableError as error:
            reason = f"what the program prints cannot be read as {self.form}: {error}"
            return _failed(execution, reason, "NoTable", score=0.0)

    async def _again_finding(self, one: Idempotent, given: Execution, trial: Trial) -> Finding:
        """Feed the output back as the file that it came from."""
        files = {**trial.task.files, one.file: given.stdout.encode(errors="replace")}
        execution = await trial.run(files)
        first, second = self._table(given, trial.limits), self._table(execution, trial.limits)
        if isinstance(first, Finding) or isinstance(second, Finding):
            return _failed(execution, f"{one.says}: not so, it fails with it", "NotIdempotent", score=0.0)
        fault = one.between(first, second)
        if fault is not None:
            return _failed(execution, fault, "NotIdempotent", score=0.0)
        return Finding(kind=VerdictKind.PASSED, score=1.0, execution=execution)

    def _inputs(self, files: Mapping[str, bytes]) -> Inputs:
        named = {name for one in self.properties for name in one.files}
        return {name: read_input(name, files[name]) for name in named}


def _judged(
    execution: Execution, properties: Sequence[TableProperty], table: Table, inputs: Inputs
) -> Finding:
    faults = [(one, fault) for one in properties if (fault := one.fault(table, inputs)) is not None]
    counted = any(isinstance(one, RowCount) for one in properties)
    if not table.rows and not counted:
        return _failed(execution, "the table that the program prints has no rows", "NoRows", score=0.0)
    if not faults:
        return Finding(kind=VerdictKind.PASSED, score=1.0, execution=execution)
    return replace(
        _failed(
            execution,
            f"the program ran, but {len(faults)} of {len(properties)} properties do not hold",
            type(faults[0][0]).__name__,
            score=1 - len(faults) / len(properties),
        ),
        failures=tuple(fault for _, fault in faults[:_SHOWN]),
    )


def _failed(execution: Execution, reason: str, signature: str, *, score: float) -> Finding:
    return Finding(
        kind=VerdictKind.TESTS_FAILED, score=score, execution=execution, reason=reason, signature=signature
    )


def _told_name(finding: Finding) -> str:
    """Return what is wrong, or which of Python's own exceptions it is: a name of its own could say data."""
    if finding.error is None:
        return finding.signature
    name = finding.error.name
    return name if isinstance(getattr(builtins, name, None), type) else ""


def _secret(finding: Finding) -> Finding:
    """Return the finding on hidden data: which property it is may be told, what is in the data may not."""
    if finding.kind is VerdictKind.PASSED:
        return finding
    name = _told_name(finding) or finding.kind.value
    what = f"{name} does not hold" if finding.kind is VerdictKind.TESTS_FAILED else f"it ends with {name}"
    reason = f"{_OTHER_DATA}: {what} there; compute, do not remember"
    return replace(finding, reason=reason, failures=(), secret=True)
