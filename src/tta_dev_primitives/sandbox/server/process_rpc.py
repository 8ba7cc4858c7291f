"""E2B's service `process.Process`: start, list, connect to, signal and feed processes of a sandbox."""

from __future__ import annotations

import base64
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final, Literal

from pydantic import Base64Bytes, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..local.boxes import Printed, ProcessEnd
from .bodies import Wire
from .connect import Message, client_stream, server_stream, timeout_s, unary
from .entrance import Entrance, check_user, user_of
from .faults import Fault, Severed, unsupported
from .place import Place
from .processes import Command, ProcessEvent, Running, TimedOut, events_of

_QUIET_S: Final = 50
"""How often a silent stream says that it lives, if the client does not say; as E2B's SDK asks for."""
_SIGNALS: Final = {
    "SIGNAL_SIGTERM": signal.SIGTERM,
    "SIGNAL_SIGKILL": signal.SIGKILL,
    15: signal.SIGTERM,
    9: signal.SIGKILL,
}


class Empty(Wire):
    """A message without fields."""


class ProcessConfig(Wire):
    """What to start."""

    cmd: str = ""
    args: tuple[str, ...] = ()
    envs: dict[str, str] = Field(default_factory=dict[str, str])
    cwd: str | None = None


class StartRequest(Wire):
    """A process to start; a terminal cannot be had."""

    process: ProcessConfig = ProcessConfig()
    pty: dict[str, object] | None = None
    tag: str | None = None
    stdin: bool = True


class Selector(Wire):
    """A process, by number or by tag."""

    pid: int | None = None
    tag: str | None = None


class Selected(Wire):
    """A request about one process."""

    process: Selector = Selector()


class SignalRequest(Selected):
    """A signal for a process."""

    signal: Literal["SIGNAL_SIGTERM", "SIGNAL_SIGKILL", 15, 9]


class Input(Wire):
    """Bytes for a process."""

    stdin: Base64Bytes | None = None
    pty: Base64Bytes | None = None


class InputRequest(Selected):
    """Bytes for one process."""

    input: Input = Input()


class InputData(Wire):
    """Bytes for the process that a stream began with."""

    input: Input = Input()


class StreamInput(Wire):
    """One message of a stream of input: its process first, then bytes."""

    start: Selected | None = None
    data: InputData | None = None


class ProcessService:
    """The service, for the sandbox that a request names."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    @property
    def routes(self) -> list[Route]:
        """What it answers."""
        calls = {
            "List": self.list,
            "Start": self.start,
            "Connect": self.connect,
            "SendInput": self.send_input,
            "StreamInput": self.stream_input,
            "CloseStdin": self.close_stdin,
            "SendSignal": self.send_signal,
            "Update": self.update,
        }
        return [Route(f"/process.Process/{name}", call, methods=["POST"]) for name, call in calls.items()]

    async def list(self, request: Request) -> Response:
        """Return the processes that clients started and that still run."""
        place = await self._enter(request)

        async def work(_message: Empty) -> Message:
            return {"processes": [_told(one) for one in place.processes.all()]}

        return await unary(request, Empty, work)

    async def start(self, request: Request) -> Response:
        """Start a process and stream what it prints, and its end; it lives on if the client goes away."""
        place, limit_s = await self._enter(request), timeout_s(request)

        async def work(message: StartRequest) -> AsyncGenerator[Message]:
            if message.pty is not None:
                raise unsupported("pseudo-terminals (pty)")
            given = message.process
            command = Command(cmd=given.cmd, args=given.args, envs=given.envs, cwd=given.cwd, tag=message.tag)
            running = await place.processes.start(command, stdin=message.stdin, timeout_s=limit_s)
            async with aclosing(_stream(running, request)) as events:
                async for event in events:
                    yield event

        return await server_stream(request, StartRequest, work)

    async def connect(self, request: Request) -> Response:
        """Stream what a running process prints from now on, and its end."""
        place, limit_s = await self._enter(request), timeout_s(request)

        async def work(message: Selected) -> AsyncGenerator[Message]:
            async with aclosing(_stream(_found(place, message), request, limit_s)) as events:
                async for event in events:
                    yield event

        return await server_stream(request, Selected, work)

    async def send_input(self, request: Request) -> Response:
        """Write to a process's standard input."""
        place = await self._enter(request)

        async def work(message: InputRequest) -> Message:
            await _feed(_found(place, message), message.input)
            return {}

        return await unary(request, InputRequest, work)

    async def stream_input(self, request: Request) -> Response:
        """Write to a process's standard input, in order, as long as the client sends."""
        place = await self._enter(request)

        async def work(messages: AsyncIterator[StreamInput]) -> Message:
            running: Running | None = None
            async for message in messages:
                if message.start is not None:
                    running = _found(place, message.start)
                if message.data is not None:
                    if running is None:
                        raise Fault(400, "the stream does not begin with the process it is for")
                    await _feed(running, message.data.input)
            return {}

        return await client_stream(request, StreamInput, work)

    async def close_stdin(self, request: Request) -> Response:
        """Tell a process that nothing more will come."""
        place = await self._enter(request)

        async def work(message: Selected) -> Message:
            await _found(place, message).process.close_stdin()
            return {}

        return await unary(request, Selected, work)

    async def send_signal(self, request: Request) -> Response:
        """End a process."""
        place = await self._enter(request)

        async def work(message: SignalRequest) -> Message:
            await _found(place, message).process.signal(_SIGNALS[message.signal])
            return {}

        return await unary(request, SignalRequest, work)

    async def update(self, request: Request) -> Response:
        """Refuse to resize a terminal, as there are none."""
        await self._enter(request)
        raise unsupported("pseudo-terminals (pty)")

    async def _enter(self, request: Request) -> Place:
        check_user(user_of(request))
        return await self._entrance.enter(request)


async def _stream(
    running: Running, request: Request, limit_s: float | None = None
) -> AsyncGenerator[Message]:
    quiet = request.headers.get("keepalive-ping-interval", "")
    quiet_s = max(1, int(quiet)) if quiet.isascii() and quiet.isdigit() else _QUIET_S
    with running.listening() as listener:
        yield {"event": {"start": {"pid": running.pid}}}
        try:
            async with aclosing(events_of(listener, quiet_s=quiet_s, limit_s=limit_s)) as events:
                async for event in events:
                    yield {"event": {"keepalive": {}} if event is None else _message(event)}
        except TimeoutError:
            raise Fault(504, "the time for this connection is up; the process runs on") from None


def _message(event: ProcessEvent) -> Message:
    match event:
        case Printed():
            return {"data": {event.stream: base64.b64encode(event.data).decode()}}
        case ProcessEnd():
            return {"end": _end(event)}
        case TimedOut():
            raise Fault(504, "the process was killed, as the time for it was up")
        case _:
            raise Severed


def _end(end: ProcessEnd) -> Message:
    """Tell an end as E2B's daemon does, in the words of Go's standard library."""
    if end.exit_code is not None:
        status = f"exit status {end.exit_code}"
        failed = {"error": status} if end.exit_code else {}
        return {"exitCode": end.exit_code, "exited": True, "status": status, **failed}
    status = f"signal: {signal.strsignal(end.signal or 0) or end.signal}".lower()
    return {"exitCode": -1, "exited": False, "status": status, "error": status}


def _told(running: Running) -> Message:
    command = running.command
    config: dict[str, object] = {"cmd": command.cmd, "args": [*command.args], "envs": {**command.envs}}
    if command.cwd is not None:
        config["cwd"] = command.cwd
    return {"config": config, "pid": running.pid, **({"tag": command.tag} if command.tag else {})}


def _found(place: Place, message: Selected) -> Running:
    return place.processes.get(pid=message.process.pid, tag=message.process.tag)


async def _feed(running: Running, given: Input) -> None:
    if given.pty is not None:
        raise unsupported("pseudo-terminals (pty)")
    await running.process.write(given.stdin or b"")
