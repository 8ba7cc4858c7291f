"""What host and jail say to each other, and how much of it. Shared by both sides."""

from __future__ import annotations

from typing import Final, Literal, TypedDict

MAX_CONTROL_BYTES: Final = 65_536
"""One message on the control socket; both ends are trusted."""
MAX_REPORT_BYTES: Final = 524_288
"""All that a guest can claim about its run, with every character escaped; more is a flood."""
MAX_RESULT_CHARS: Final = 20_000
MAX_ERROR_VALUE_CHARS: Final = 8_000
MAX_ERROR_NAME_CHARS: Final = 200
MAX_TRACEBACK_CHARS: Final = 32_000

WORKDIR: Final = "/box"
"""Where a guest finds itself in the namespaces tier."""
PROGRAM_NAME: Final = "main.py"
SEARCH_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
"""PATH inside, where the caller gives no other."""
PACKAGES: Final = "/packages"
"""Where guests find packages, hidden by no directory of a run; in the landlock tier below its scratch."""

INTERPRETER_STEP: Final = "interpreter"
"""The step that is refused where the interpreter cannot be read."""
PACKAGES_STEP: Final = "packages"
"""The step that is refused where packages cannot be read."""
PRELOAD_STEP: Final = "preload"
"""The step that is refused where a module cannot be imported."""
CGROUP_STEP: Final = "cgroup"
"""The step that is refused where total limits cannot be had."""

Tier = Literal["namespaces", "landlock"]


class Shown(TypedDict):
    """A path of the host, and where guests see it."""

    source: str
    target: str


class PackagesConfig(TypedDict):
    """What guests can import: `shown` to them, found in the directories `search`; `preload` are modules."""

    shown: list[Shown]
    search: list[str]
    preload: list[str]


class LaunchConfig(TypedDict):
    """What the launcher is told, once, on its standard input.

    `read_only` are the host's paths that guests may read. `cgroup_fd` is the entrance of the cgroup to move
    to, or -1.
    """

    tier: Tier
    control_fd: int
    cgroup_fd: int
    host_pid: int
    read_only: list[str]
    packages: PackagesConfig
    unprivileged_id: int


class RunLimits(TypedDict):
    """`Limits`, as far as the kernel enforces them; names as there.

    `address_bytes` bounds the address space. Where that is more than `memory_bytes`, it is private writable
    memory that `memory_bytes` bounds, and shared memory is refused.
    """

    cpu_s: int
    memory_bytes: int
    address_bytes: int
    disk_bytes: int
    inodes: int
    open_files: int
    processes: int


class Spawn(TypedDict):
    """Host to zygote, with five descriptors: program (read), stdout, stderr, report and verdict (write)."""

    op: Literal["spawn"]
    id: int
    limits: RunLimits


class OpenBox(TypedDict):
    """Host to zygote, with one descriptor: the control socket of the box's init."""

    op: Literal["open_box"]
    id: int
    limits: RunLimits


class Kill(TypedDict):
    """Host to zygote: kill the run and everything that it started."""

    op: Literal["kill"]
    id: int


class Ready(TypedDict):
    """Zygote to host: confined, waiting for work."""

    op: Literal["ready"]
    landlock_abi: int


class Refused(TypedDict):
    """Launcher or zygote to host: the jail cannot be built. `step` names what failed."""

    op: Literal["refused"]
    step: str
    reason: str


class Exited(TypedDict):
    """Zygote to host: the run is over, nothing of it is left, neither process nor namespace nor directory.

    `status` is as waitpid gives it, of the guest; or of its slot, if that was lost. The verdict, which comes
    before, says how the guest ended.
    """

    op: Literal["exited"]
    id: int
    status: int
    cpu_s: float
    peak_memory_bytes: int


class Failed(TypedDict):
    """Zygote to host: there is no process for the run."""

    op: Literal["failed"]
    id: int
    reason: str


class ProgramHeader(TypedDict):
    """Host to child: 4 bytes of length, this by `marshal`, then the files' contents one after the other.

    With `commands`, the program is among the files, and `code` is not looked at. `lower` are limits that a
    spare takes on, whose own are higher. `notice` is whether the runner gives notice of its exit: the host
    hears of it sooner, and the run is gone later.
    """

    code: str
    commands: list[list[str]]
    envs: dict[str, str]
    files: list[tuple[str, int]]
    lower: RunLimits | None
    notice: bool


class ErrorClaim(TypedDict):
    """A guest's exception as the guest tells it."""

    name: str
    value: str
    traceback: str
    line: int | None


class Report(TypedDict):
    """Child to host: a claim, untrusted, size-capped."""

    result: str | None
    error: ErrorClaim | None
