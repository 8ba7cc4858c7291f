"""What a training or an evaluation says about one run of a task, as far as metrics and curves need it."""

from __future__ import annotations

from typing import Protocol


class TaskOutcome(Protocol):
    """One line of a run folder's results; see `ace.training.result.TaskResult`."""

    @property
    def phase(self) -> str:
        """`train`, `validation` or `test`."""
        ...

    @property
    def epoch(self) -> int:
        """Which epoch, from 1; 0 is before the first."""
        ...

    @property
    def window(self) -> int:
        """Which window of online learning, from 0."""
        ...

    @property
    def task_id(self) -> str:
        """The task."""
        ...

    @property
    def family(self) -> str:
        """Its family."""
        ...

    @property
    def success(self) -> bool:
        """True if a program was right in the end."""
        ...

    @property
    def first_try(self) -> bool:
        """True if the first program was right."""
        ...

    @property
    def attempts(self) -> int:
        """How many programs were written."""
        ...

    @property
    def probes(self) -> int:
        """How many probes were run before the first program."""
        ...

    @property
    def calls(self) -> int:
        """Model calls of all roles."""
        ...

    @property
    def input_tokens(self) -> int:
        """Input tokens of all roles."""
        ...

    @property
    def output_tokens(self) -> int:
        """Output tokens of all roles."""
        ...

    @property
    def seconds(self) -> float:
        """Wall time."""
        ...

    @property
    def playbook_version(self) -> int:
        """The version that the task saw."""
        ...

    @property
    def playbook_size(self) -> int:
        """How many strategies were in use in it."""
        ...

    @property
    def playbook_tokens(self) -> int:
        """The tokens of all of them."""
        ...
