"""ApiClientTask: what a client shall do, what its author can read, and the services that judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...core.errors import InvalidTask
from .scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiClientTask:
    """A client to write: a Python function `entry_point`, called once for each scenario.

    `documentation` is what the model can read about the service; it may leave out what running shows. The
    scenarios stay with the host. `files`: relative path -> content, beside the program.
    """

    task: str
    documentation: str
    entry_point: str
    scenarios: tuple[Scenario, ...]
    code: str = ""
    files: Mapping[str, bytes | str] = field(default_factory=dict[str, bytes | str])
    max_iterations: int = 3
    family: str = "api client"
    id: str = ""

    def __post_init__(self) -> None:
        if not self.scenarios:
            raise InvalidTask("scenarios=() judge no client; give at least one Scenario")
        if not self.entry_point.isidentifier():
            raise InvalidTask(f"entry_point={self.entry_point!r} is no name of a function")
