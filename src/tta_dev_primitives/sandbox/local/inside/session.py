"""A kernel: one Python process that runs cell after cell in one namespace, and can be forked between two.

It is the guest itself: what it tells the host is a claim. The host knows the process, its time and its end.
"""

from __future__ import annotations

import _thread
import array
import builtins
import json
import linecache
import os
import random
import signal
import socket
import sys
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Final, NoReturn, TypedDict, cast

from . import claims, compiling, display, kernel, notebook
from .box_messages import HOME, Cell, Done, Fork, Forked, Go, KernelReady, Refused, SetUp, Shown
from .command import PATH
from .messages import ErrorClaim

if TYPE_CHECKING:
    import asyncio

_WITH_A_FORK: Final = 3
_CUT_OFF: Final = 1
"""Exit code when the host is gone, or hears no more of what this process says: no cell ends well that way."""
_TOP_LEVEL_AWAIT: Final = 0x2000
"""ast.PyCF_ALLOW_TOP_LEVEL_AWAIT."""
_IS_COROUTINE: Final = 0x80
"""inspect.CO_COROUTINE, whose module is large."""

_MAIN_THREAD: Final = _thread.get_ident()
"""Of every fork of this process, too. Without `threading`, which makes every fork slower."""

# What is needed after guest code ran; it may replace the library's.
_dumps, _loads, _exit = json.dumps, json.loads, os._exit


class _Channel:
    """Lines of JSON to and from the host, which may come with descriptors."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._one_at_a_time = _thread.allocate_lock()
        self._buffer = bytearray()
        self._descriptors: list[int] = []

    def receive(self) -> object:
        """Return the next message; None if the host is gone."""
        while (end := self._buffer.find(b"\n")) < 0:
            space = socket.CMSG_SPACE(_WITH_A_FORK * array.array("i").itemsize)
            data, ancillary, _, _ = self._socket.recvmsg(1 << 16, space, socket.MSG_CMSG_CLOEXEC)
            if not data:
                return None
            self._buffer += data
            for _, _, content in ancillary:
                self._descriptors += array.array("i", content)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return _loads(line)

    def send(self, message: KernelReady | Shown | Done | Forked | Refused) -> None:
        """Send a message, without what no encoding has in its texts."""
        line = _dumps(message, ensure_ascii=False).encode(errors="replace") + b"\n"
        with self._one_at_a_time:
            self._socket.sendall(line)

    def take_descriptors(self) -> list[int]:
        """Return those of the oldest fork that was asked for; another one may wait behind it."""
        taken, self._descriptors = self._descriptors[:_WITH_A_FORK], self._descriptors[_WITH_A_FORK:]
        return taken

    def close(self) -> None:
        self._socket.close()
        for descriptor in self._descriptors:
            os.close(descriptor)


class _Request(TypedDict):
    op: str


def serve(descriptor: int) -> NoReturn:
    """Set up, then run cells until the host is gone."""
    kernel.set_name("playbox-kernel")
    channel = _Channel(descriptor)
    set_up = cast("SetUp", channel.receive())
    session = _Session(channel, set_up)
    channel.send(KernelReady(op="ready"))
    while True:
        request = cast("_Request | None", channel.receive())
        if request is None:
            _exit(_CUT_OFF)
        if request["op"] == "cell":
            session.run(cast("Cell", request))
        elif request["op"] == "fork":
            channel = session.fork(cast("Fork", request))


class _Session:
    """The namespace, and what belongs to it."""

    def __init__(self, channel: _Channel, set_up: SetUp) -> None:
        self._channel = channel
        self._futures = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._number = 0
        self._in_order = False
        self._files: set[str] = set()
        self._home = HOME
        os.environ.clear()
        os.environ.update(HOME=HOME, PATH=PATH, LANG="C.UTF-8", MPLBACKEND=display.BACKEND)
        os.environ.update(set_up["envs"])
        os.chdir(set_up["cwd"])
        main = ModuleType("__main__")
        self._namespace = main.__dict__
        self._namespace.update(__builtins__=builtins, display=self._display)
        self._namespace[notebook.SHELL] = notebook.run_shell
        sys.modules["__main__"] = main
        sys.argv[:] = [""]
        sys.path.insert(0, "")
        display.install(self._show)
        sys.meta_path.insert(0, notebook.Finder(self._display))
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def run(self, cell: Cell) -> None:
        """Run one cell and say what came of it."""
        self._number, self._in_order = cell["number"], cell["in_order"]
        kept = _changed_environment(cell["envs"])
        error: ErrorClaim | None = None
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._execute(cell["code"])
        except BaseException as raised:  # noqa: BLE001  # whatever a cell raises is its result
            error = self._claim(raised)
        _quietly_ignore_interrupts()
        self._in_order = False
        _restore_environment(kept)
        self._channel.send(Done(op="done", number=self._number, error=error))

    def _execute(self, code: str) -> None:
        name = f"<cell {self._number}>"
        self._files.add(name)
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        body, last = _compiled(code, name, self._futures | _TOP_LEVEL_AWAIT)
        self._futures |= body.co_flags & compiling.FUTURES
        try:
            self._evaluate(body)
            if last is not None and (value := self._evaluate(last)) is not None:
                self._namespace["_"] = value
                self._show(value, is_main_result=True)
            display.show_figures()
        finally:
            _flush()

    def _evaluate(self, code: CodeType) -> object:
        value: object = eval(code, self._namespace)  # noqa: S307  # the purpose of this file
        if not code.co_flags & _IS_COROUTINE:
            return value
        if self._loop is None:
            # Not at the top: every run of the sandbox would carry it along.
            import asyncio  # noqa: PLC0415

            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(value)  # type: ignore[arg-type]

    def _display(self, *values: object, raw: bool = False, **_: object) -> None:
        """Show values as a notebook would; with `raw` they are forms already, by MIME type."""
        for value in values:
            self._send_shown(display.raw_forms(value) if raw else display.forms(value), is_main_result=False)

    def _show(self, value: object, *, is_main_result: bool = False) -> None:
        self._send_shown(display.forms(value), is_main_result=is_main_result)

    def _send_shown(self, shown: display.Forms, *, is_main_result: bool) -> None:
        # What was printed before stands above it.
        _flush()
        self._channel.send(
            Shown(
                op="shown",
                number=self._number,
                text=shown.text,
                formats=shown.formats,
                is_main_result=is_main_result,
            )
        )
        if self._in_order and _thread.get_ident() == _MAIN_THREAD:
            # The host has heard; a thread must not wait, it could get the next cell instead.
            self._channel.receive()

    def _claim(self, raised: BaseException) -> ErrorClaim:
        try:
            return claims.of_error(raised, self._files)
        except BaseException:  # noqa: BLE001  # interrupted once more
            return ErrorClaim(name="KeyboardInterrupt", value="", traceback="", line=None)

    def fork(self, request: Fork) -> _Channel:
        """Fork this kernel; return the channel to go on with, which in the new one is another one.

        The new one is a child of the same init, which the host tells of it; until then it runs nothing.
        """
        ends = self._channel.take_descriptors()
        seeds = random.getstate()
        try:
            pid = kernel.fork_for_parent()
        except OSError as error:
            self._channel.send(Refused(op="refused", number=request["number"], reason=str(error)))
        else:
            if pid == 0:
                # A fork reseeds; here the same state is the point of it.
                random.setstate(seeds)
                self._go_on_as_fork(ends)
                return self._channel
            self._channel.send(Forked(op="forked", number=request["number"], pid=pid))
        for descriptor in ends:
            os.close(descriptor)
        return self._channel

    def _go_on_as_fork(self, ends: list[int]) -> None:
        channel, stdout, stderr = ends
        for source, target in ((stdout, 1), (stderr, 2)):
            os.dup2(source, target)
            os.close(source)
        self._channel.close()
        self._channel = _Channel(channel)
        self._loop = None
        go = cast("Go | None", self._channel.receive())
        if go is None:
            _exit(_CUT_OFF)
        _move(self._home, go["home"])
        self._home = go["home"]
        self._channel.send(KernelReady(op="ready"))


def _compiled(code: str, name: str, flags: int) -> tuple[CodeType, CodeType | None]:
    """Compile a cell; lines that are no Python may be those of a notebook."""
    try:
        return compiling.split(code, name, flags)
    except SyntaxError:
        for_python = notebook.with_shell_lines(code)
        if for_python == code:
            raise
    return compiling.split(for_python, name, flags)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def _move(home: str, new_home: str) -> None:
    """Be at the same place below the new home as below the one before."""
    below = os.path.relpath(os.getcwd(), home)
    os.chdir(new_home if below.startswith(os.pardir) else os.path.join(new_home, below))
    os.environ["HOME"] = new_home


def _changed_environment(envs: dict[str, str]) -> dict[str, str | None]:
    """Set variables for one cell; return what they were."""
    kept = {name: os.environ.get(name) for name in envs}
    os.environ.update(envs)
    return kept


def _restore_environment(kept: dict[str, str | None]) -> None:
    for name, value in kept.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _quietly_ignore_interrupts() -> None:
    """Between cells nothing is to be interrupted; one interrupt may be on its way."""
    while True:
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        except KeyboardInterrupt:
            continue
        return
