"""What every sandbox takes and gives back. Names follow E2B's code interpreter."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from ..core.errors import ConfigurationError

_MIB = 1 << 20
NO_FILES: Mapping[str, bytes] = MappingProxyType({})
NO_ENVS: Mapping[str, str] = MappingProxyType({})
NO_FORMATS: Mapping[str, str] = MappingProxyType({})


class Isolation(StrEnum):
    """How strongly a run was confined, weakest last."""

    NAMESPACES = "namespaces"
    """Own user, pid, mount, network and ipc namespaces, Landlock where the kernel has it, and seccomp."""
    LANDLOCK = "landlock"
    """Landlock and seccomp only, one process; where user namespaces are refused."""
    REMOTE = "remote"
    """A virtual machine of a provider."""
    NONE = "none"
    """Not confined at all; only with `allow_unsandboxed=True`."""


class Stop(StrEnum):
    """Why a run ended, as the host saw it; guest code cannot choose it."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    WALL_TIME = "wall_time"
    CPU_TIME = "cpu_time"
    MEMORY = "memory"
    OUTPUT = "output"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may use. Exceeding a limit ends the run, never the host.

    Seconds are wall-clock or CPU seconds, sizes are bytes. `output_bytes` is for stdout and stderr together.
    `processes=None` is what the language needs: one for Python.
    """

    wall_s: float = 10.0
    cpu_s: int = 10
    memory_bytes: int = 1 << 30
    disk_bytes: int = 64 * _MIB
    inodes: int = 10_000
    open_files: int = 256
    processes: int | None = None
    output_bytes: int = _MIB

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ConfigurationError(f"limit {name}={value!r} must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What the run printed, in the order printed, decoded as UTF-8 with replacement characters."""

    stdout: tuple[str, ...] = ()
    stderr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One value that the run displayed, as text (a notebook would show it below the cell).

    `formats` are richer forms, by E2B's names: html, markdown, svg, png, jpeg, pdf, latex, json, javascript,
    data (the columns of a frame) and chart (what a figure shows, where e2b-charts is installed). What is
    binary is in base64; json, data and chart are JSON text.
    `is_main_result` marks the value of the last expression.
    """

    text: str
    is_main_result: bool = False
    formats: Mapping[str, str] = field(default_factory=lambda: NO_FORMATS)

    @property
    def png(self) -> bytes | None:
        """The picture, or None."""
        return base64.b64decode(self.formats["png"]) if "png" in self.formats else None

    @property
    def json(self) -> str | None:
        """The value as JSON text, or None."""
        return self.formats.get("json")

    @property
    def html(self) -> str | None:
        """The value as HTML that nobody checked, or None."""
        return self.formats.get("html")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionError:
    """The exception that ended the guest program: its claim, capped in size.

    `line` is the 1-based line of the submitted code that was executing, or None if it cannot be told.
    """

    name: str
    value: str
    traceback: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the host measured: seconds of wall clock and CPU, peak resident bytes, bytes printed."""

    wall_s: float
    cpu_s: float
    peak_memory_bytes: int
    output_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One finished run. Whatever the guest did, this is a value; only a failing sandbox raises.

    Trusted, because the host observed it: `stop`, `exit_code`, `signal`, `usage`, `isolation`, `truncated`,
    `served`.
    A claim of the guest: `results`, `logs` and `error`.

    `exit_code` is None unless `stop` is EXITED; `signal` is the number that killed it, if one did.
    `truncated` says that output was cut at `Limits.output_bytes`, `served` that a service ran beside it.
    """

    results: tuple[Result, ...] = ()
    logs: Logs = Logs()
    error: ExecutionError | None = None
    stop: Stop
    exit_code: int | None
    signal: int | None = None
    usage: Usage
    isolation: Isolation
    sandbox_id: str
    truncated: bool = False
    served: bool = False

    @property
    def networked(self) -> bool:
        """True if something beyond the program could answer it: a network, or a service beside it."""
        return self.served or self.isolation in {Isolation.REMOTE, Isolation.NONE}

    @property
    def success(self) -> bool:
        """True if the program ended by itself with exit code 0."""
        return self.stop is Stop.EXITED and self.exit_code == 0

    @property
    def stdout(self) -> str:
        """All of stdout as one text."""
        return "".join(self.logs.stdout)

    @property
    def stderr(self) -> str:
        """All of stderr as one text."""
        return "".join(self.logs.stderr)

    @property
    def text(self) -> str | None:
        """The text of the main result, as in E2B's `Execution.text`, or None."""
        return next((result.text for result in self.results if result.is_main_result), None)


class Sandbox(Protocol):
    """A place to run code that nobody trusts. Every run starts from fresh state."""

    @property
    def isolation(self) -> Isolation:
        """How strongly runs are confined."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """The languages that `run_code` accepts here."""
        ...

    async def run_code(
        self,
        code: str,
        *,
        language: str = "python",
        files: Mapping[str, bytes] = NO_FILES,
        envs: Mapping[str, str] = NO_ENVS,
        limits: Limits | None = None,
    ) -> Execution:
        """Run `code` with `files` (relative path -> content) in its working directory.

        Raises:
            SandboxUnavailable: the language is not supported here, or isolation is not possible.
            SandboxCrashed: the sandbox failed; the program is not to blame.
            ConfigurationError: a path, environment name or size is not acceptable.
        """
        ...

    async def aclose(self) -> None:
        """Kill what still runs and free all resources. Idempotent."""
        ...
