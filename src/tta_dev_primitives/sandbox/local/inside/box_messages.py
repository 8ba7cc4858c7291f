"""What the host and a box say to each other: its init, kernels and file agent. Shared by both sides."""

from __future__ import annotations

from typing import Final, Literal, TypedDict

from .messages import ErrorClaim

HOME: Final = "/home/user"
"""Where the processes of a box start; the same directory as `messages.WORKDIR`."""
MAX_CELL_BYTES: Final = 16 << 20
"""All that a kernel may say about one cell, pictures included; more is a flood."""
MAX_SHOWN: Final = 1_000
"""How many values one cell may display."""
MAX_FORMAT_CHARS: Final = 8 << 20
"""One form of one displayed value."""

CONFINED: Final = b"+"
"""Said by a process that is to execute a program, before it reads which."""

ProcessKind = Literal["kernel", "files", "command"]


class Start(TypedDict):
    """Host to init, with four descriptors: channel, stdin, stdout, stderr."""

    op: Literal["start"]
    kind: ProcessKind
    id: int


class Watch(TypedDict):
    """Host to init: `pid` is a child of yours that a kernel forked; say when it ends."""

    op: Literal["watch"]
    id: int
    pid: int


class Signal(TypedDict):
    """Host to init: send a signal to a process that it reported; with pid -1 to all of the box.

    With an `id` above 0 it is told when that is done.
    """

    op: Literal["signal"]
    id: int
    pid: int
    number: int


class Signalled(TypedDict):
    """Init to host: the signal that was asked for as `id` is sent."""

    op: Literal["signalled"]
    id: int


class Opened(TypedDict):
    """Init to host: the box is there."""

    op: Literal["opened"]


class Started(TypedDict):
    """Init to host: the process that was asked for as `id`."""

    op: Literal["started"]
    id: int
    pid: int


class NotStarted(TypedDict):
    """Init to host; `id` is 0 if there is no box at all."""

    op: Literal["not_started"]
    id: int
    reason: str


class Ended(TypedDict):
    """Init to host: a process is reaped. `status` is as waitpid gives it."""

    op: Literal["ended"]
    pid: int
    status: int
    cpu_s: float
    peak_memory_bytes: int


class CommandHeader(TypedDict):
    """Host to a process that is to execute a program: 4 bytes of length, this as JSON, end."""

    argv: list[str]
    envs: dict[str, str]
    cwd: str


class SetUp(TypedDict):
    """Host to kernel, first: what holds for all cells."""

    op: Literal["set_up"]
    envs: dict[str, str]
    cwd: str


class Cell(TypedDict):
    """Host to kernel: run this; `envs` for this cell only.

    With `in_order` the kernel waits after each displayed value until it is `Heard`.
    """

    op: Literal["cell"]
    number: int
    code: str
    envs: dict[str, str]
    in_order: bool


class Heard(TypedDict):
    """Host to kernel: the displayed value is taken, and what was printed before it."""

    op: Literal["heard"]


class Fork(TypedDict):
    """Host to kernel, with three descriptors for the new one: channel, stdout, stderr.

    `number` tells its answer from that to a fork before it, which nobody waited for.
    """

    op: Literal["fork"]
    number: int


class Go(TypedDict):
    """Host to a kernel that was just forked: your init knows you. `home` is a directory of your own to be."""

    op: Literal["go"]
    home: str


class KernelReady(TypedDict):
    """Kernel to host: set up, or a fork of one that is."""

    op: Literal["ready"]


class Forked(TypedDict):
    """Kernel to host."""

    op: Literal["forked"]
    number: int
    pid: int


class Refused(TypedDict):
    """Kernel to host: there is no room for a fork."""

    op: Literal["refused"]
    number: int
    reason: str


class Shown(TypedDict):
    """Kernel to host, a claim: a value that the cell displayed. `formats` are other forms, by E2B's names."""

    op: Literal["shown"]
    number: int
    text: str
    formats: dict[str, str]
    is_main_result: bool


class Done(TypedDict):
    """Kernel to host, a claim: the cell is over."""

    op: Literal["done"]
    number: int
    error: ErrorClaim | None


FileOperation = Literal["read", "write", "list", "stat", "make_directory", "move", "remove", "copy_tree"]


class FileRequest(TypedDict):
    """Host to file agent: a line of this, and `size` bytes where something is written.

    `target` is for a move, `depth` for a list.
    """

    operation: FileOperation
    path: str
    target: str
    depth: int
    size: int


class FileEntry(TypedDict):
    """One name in the file system, links not followed. `kind` is file, directory, symlink or other."""

    name: str
    path: str
    kind: str
    size: int
    mode: int
    modified_s: float
    owner: str
    group: str
    link_target: str | None


MAX_ANSWER_BYTES: Final = 64 << 20
"""The line of an answer, which holds names; not what is read."""


class FileAnswer(TypedDict):
    """File agent to host: a line of this, and `size` bytes where something was read.

    `error` is an errno, 0 if all went well.
    """

    error: int
    reason: str
    entries: list[FileEntry]
    size: int
