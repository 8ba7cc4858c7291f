"""DataTask: files to process, and what must be true of what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from ...ace.task import HiddenInput
from ...ace.value import Value
from ...core.errors import InvalidTask
from .properties import Property
from .table import Form

FileMap = Mapping[str, bytes | str]
SMALLEST_DIFFERENCE = 1 << 20
"""Bytes by which the larger input must be larger; what a run's memory varies by would hide less."""


class Memory(Value):
    """How much memory a program may take, as the host measures it, beyond that of an empty program.

    `at_most_bytes` is the peak with the given files. `larger` are files of the same names and form with more
    in them, and `bytes_per_byte` is the most that the peak may grow with each further byte of them: about
    0.1 and less where rows are read one after the other, 3 to 40 where all are kept. What is printed with
    them must have the properties, too, but for those that compare with a file. Growth hides in what a program
    takes whatever the input: give `at_most_bytes` as well where that matters.
    """

    at_most_bytes: int | None = Field(default=None, gt=0)
    larger: Mapping[str, bytes] = Field(default_factory=dict)
    bytes_per_byte: float = Field(default=0.5, gt=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataTask:
    """What to process. The program reads `files` and prints a table, as CSV with a header or as JSON lines.

    Every one of `properties` must be true of what it prints, and again with each of `hidden`, which replace
    files and are never told. A table without rows passes only where there is a `RowCount`. Where all of the
    output is known, `expected_output` is compared as well, and in `hidden_outputs` that with other files.
    """

    task: str
    files: FileMap
    properties: Sequence[Property]
    hidden: Sequence[FileMap] = ()
    memory: Memory | None = None
    form: Form = Form.CSV
    expected_output: str | None = None
    hidden_outputs: Sequence[HiddenInput] = ()
    context: str = ""
    code: str = ""
    max_iterations: int = 3
    family: str = "data"
    id: str = ""

    def __post_init__(self) -> None:
        if not self.properties:
            raise InvalidTask("properties=() would let any table pass; say what must be true of the output")
        for one in self.properties:
            for name in one.files:
                if name not in self.files:
                    raise InvalidTask(
                        f"{one!r} names {name!r}, which is none of files={sorted(self.files)!r}"
                    )
        for number, files in enumerate(self.hidden):
            strange = sorted(files.keys() - self.files.keys())
            if strange:
                raise InvalidTask(f"hidden.{number} has {strange[0]!r}, which is none of the task's files")
        if self.memory is not None:
            self._check_memory(self.memory)

    def _check_memory(self, memory: Memory) -> None:
        if not memory.larger:
            if memory.at_most_bytes is None:
                raise InvalidTask("memory says nothing: give at_most_bytes, or larger files")
            return
        more = sum(len(content) - len(self.files.get(name, b"")) for name, content in memory.larger.items())
        if not memory.larger.keys() <= self.files.keys() or more < SMALLEST_DIFFERENCE:
            raise InvalidTask(
                f"memory.larger must replace files of the task by ones that are at least "
                f"{SMALLEST_DIFFERENCE} bytes larger together; they are {more} bytes larger"
            )
