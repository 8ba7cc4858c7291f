"""DataProcessingLearner: writes programs that turn files into a table, and learns what the data are like."""

from __future__ import annotations

from importlib.util import find_spec

from ...ace.task import CodeTask
from ...ace.vocabulary import Vocabulary
from ...sandbox.local import LocalSandbox, Packages
from ...sandbox.types import Sandbox
from ...settings import Settings
from ..domain import Domain, DomainLearner
from .output_check import OutputCheck
from .task import DataTask, FileMap

DATA_PROCESSING = Domain(
    name="data-processing",
    vocabulary=Vocabulary(
        libraries=("csv", "json", "numpy", "pandas", "sqlite3", "statistics"),
        error_signatures=(
            *("Idempotent", "NoMissing", "NoRows", "NoTable", "NotIdempotent", "RowCount", "SameValues"),
            *("Schema", "SortedBy", "SumPreserved", "TooMuchMemory", "Unique", "Within"),
            *("KeyError", "UnicodeDecodeError", "ValueError"),
        ),
        keywords=(
            *("aggregate", "csv", "date", "decimal", "delimiter", "duplicate", "encoding", "group", "header"),
            *("join", "merge", "missing", "nan", "outlier", "sort", "total"),
        ),
    ),
    starter=__package__,
    task=DataTask,
)


class DataProcessingLearner(DomainLearner[DataTask]):
    """Solves `DataTask`s; see `DomainLearner` for its arguments.

    Programs in the default sandbox can import numpy and pandas, if they are installed where this runs.
    """

    domain = DATA_PROCESSING

    @staticmethod
    def opened(name: str, settings: Settings) -> Sandbox:
        """Return the sandbox called `name`, with numpy and pandas where that is possible."""
        if name == "local" and find_spec("pandas") is not None:
            return LocalSandbox(packages=Packages.data())
        return DomainLearner.opened(name, settings)

    async def code_task(self, task: DataTask) -> CodeTask:
        """Return the task with its properties in words, and the check that looks at them."""
        check = OutputCheck(
            properties=tuple(task.properties),
            form=task.form,
            hidden=tuple(map(_encoded, task.hidden)),
            memory=task.memory,
        )
        asked = CodeTask(
            task=f"{task.task}\n\n{_told(task)}",
            context=task.context,
            code=task.code,
            files=task.files,
            expected_output=task.expected_output,
            hidden=task.hidden_outputs,
            checks=[check],
            max_iterations=task.max_iterations,
            family=task.family,
        )
        return {**asked, "id": task.id} if task.id else asked


def _told(task: DataTask) -> str:
    """Return what must be true of the output, in words."""
    form = "CSV with a header" if task.form == "csv" else "one JSON object a line"
    return "\n".join((f"Print {form}. It must have:", *(f"- {one.says}" for one in task.properties)))


def _encoded(files: FileMap) -> dict[str, bytes]:
    return {
        name: content.encode() if isinstance(content, str) else content for name, content in files.items()
    }
