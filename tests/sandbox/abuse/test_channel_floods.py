"""What a kernel may say to the host is bounded: in lines, in bytes, and in what parsing it costs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tta_dev_primitives.core.errors import SandboxCrashed, SessionEnded
from tta_dev_primitives.sandbox import BOX_LIMITS, Box, LocalSandbox, Session, Stop
from tta_dev_primitives.sandbox.local.boxes.channel import LineChannel
from tta_dev_primitives.sandbox.local.boxes.claims import Done, Ready, Shown, read_claim

SHORT = replace(BOX_LIMITS, wall_s=5.0, output_bytes=200_000)
SAY = """
import os
def say(data):
    rest = memoryview(data)
    while rest: rest = rest[os.write(3, rest):]
"""
SHOWN = b'{"op":"shown","number":1,"text":"","formats":{%s},"is_main_result":true}'


@pytest.fixture
async def box(only_namespaces: LocalSandbox) -> AsyncIterator[Box]:
    async with await only_namespaces.open_box(limits=SHORT) as box:
        yield box


@pytest.fixture
async def session(box: Box) -> Session:
    return await box.start_kernel()


@pytest.fixture
async def theirs() -> AsyncIterator[tuple[LineChannel, socket.socket]]:
    channel = LineChannel(1000)
    other = socket.socket(fileno=channel.far_end())
    yield channel, other
    other.close()
    channel.close()


async def test_a_channel_that_is_closed_hands_on_no_line_more(
    theirs: tuple[LineChannel, socket.socket],
) -> None:
    channel, other = theirs
    heard: list[bytes] = []

    def hear(line: bytes) -> None:
        heard.append(line)
        channel.close()

    channel.on_line = hear
    other.sendall(b"\n" * 500)
    await asyncio.sleep(0.05)
    assert heard == [b""]


async def test_a_channel_ends_when_it_said_too_much_in_many_lines(
    theirs: tuple[LineChannel, socket.socket],
) -> None:
    channel, other = theirs
    ended = asyncio.Event()
    channel.on_end = ended.set
    for _ in range(3):
        other.sendall(b"x" * 599 + b"\n")
        await asyncio.sleep(0.02)
        channel.send({})
    assert not ended.is_set()
    other.sendall((b"x" * 99 + b"\n") * 21)
    async with asyncio.timeout(5):
        await ended.wait()


@pytest.mark.parametrize("line", [b'{"op":"ready"}\\n', b'{"op":"done","number":9,"error":null}\\n'])
async def test_a_flood_between_cells_ends_the_session(session: Session, line: bytes) -> None:
    await session.run_code(
        f"{SAY}import threading\ndef flood():\n    while True: say(b'{line.decode()}' * 10_000)\n"
        "threading.Thread(target=flood, daemon=True).start()"
    )
    while session.alive:  # noqa: ASYNC110  # no event of a session says so
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "line",
    [
        b'{"op":"ready"' + b" " * 100_000 + b"}",
        SHOWN % b",".join(b'"%d":""' % number for number in range(10_000)),
        SHOWN % b'"html":"\\\\","json":"\\"\\\\"' + b" " * 100_000,
        b'{"op":"ready","x":[' + b"[]," * 100_000 + b"[]]}",
        b"[" * 100_000,
        b'"' * 100_000,
    ],
    ids=["spaces", "names", "escapes", "lists", "deep", "quotes"],
)
def test_a_claim_is_little_besides_its_texts(line: bytes) -> None:
    with pytest.raises(ValueError, match="more than a claim has"):
        read_claim(line)


@pytest.mark.parametrize("text", ['"', "\\", '\\"', '\\\\"', "[" * 10_000, '",' * 10_000, "\\" * 10_001])
def test_texts_of_claims_are_as_they_like(text: str) -> None:
    said = Shown(op="shown", number=1, text=text, formats={"html": text, text: text}, is_main_result=True)
    assert read_claim(said.model_dump_json().encode()) == said
    assert read_claim(b'{"op": "ready"}') == Ready(op="ready")
    assert read_claim(b'{"op": "done", "number": 1, "error": null}') == Done(op="done", number=1, error=None)


@pytest.mark.parametrize(
    "code",
    [
        "class Odd:\n    def __repr__(self): return '\\ud800'\nOdd()",
        "class Odd:\n    def _repr_html_(self): return '\\udc80'\nOdd()",
        "raise ValueError('\\udc80')",
    ],
)
async def test_text_that_has_no_encoding_costs_no_session(session: Session, code: str) -> None:
    execution = await session.run_code(code)
    assert execution.stop is Stop.EXITED
    assert (await session.run_code("6 * 7")).text == "42"


async def test_a_cell_whose_channel_was_cut_is_no_success(session: Session) -> None:
    execution = await session.run_code(
        f"{SAY}import signal\nsignal.signal(2, signal.SIG_IGN)\n"
        "try:\n    while True: say(b'x' * 65536)\nexcept OSError: pass"
    )
    assert not execution.success


async def test_a_kernel_that_does_not_listen_cannot_be_forked(session: Session) -> None:
    await session.run_code(
        "import socket\nours = socket.socket(fileno=3)\nours.shutdown(socket.SHUT_RD)\nours.detach()"
    )
    with pytest.raises((SandboxCrashed, SessionEnded)):  # by when its process is seen to have gone
        await session.fork()


async def test_a_fork_that_nobody_waited_for_is_not_taken_for_the_next(session: Session) -> None:
    await session.run_code(
        "import random, time\nkept = random.getstate\nrandom.getstate = lambda: (time.sleep(1), kept())[1]"
    )
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await session.fork()
    fork = await session.fork()
    assert (await fork.run_code("6 * 7")).text == "42"
    await fork.aclose()
    assert (await session.run_code("6 * 7")).text == "42"
