"""The results of a run folder, and those that they were compared with."""

from __future__ import annotations

from pathlib import Path

from ...ace.training.reading import read_results
from ...ace.training.result import TaskResult
from ...ace.training.run import AGAINST
from ...core.errors import ConfigurationError


def run_results(folder: Path) -> tuple[TaskResult, ...]:
    """Return the results of a run; of an evaluation against no playbook also those of the other side.

    Those against another playbook are left out: its versions count from elsewhere.

    Raises:
        ConfigurationError: there are none, or they cannot be read.
    """
    results = read_results(folder)
    if not results:
        raise ConfigurationError(
            f"there are no results in {str(folder)!r}; name the folder of `playbox train` or `playbox eval`"
        )
    return (*results, *(other for other in read_results(folder / AGAINST) if not other.playbook_size))
