"""A zygote that breaks the protocol is given up, and nobody waits for ever. The zygote here is the test."""

from __future__ import annotations

import array
import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tta_dev_primitives.core.errors import SandboxCrashed
from tta_dev_primitives.sandbox import Execution, Isolation, Limits, Stop
from tta_dev_primitives.sandbox.local.child import Child
from tta_dev_primitives.sandbox.local.inside import verdict
from tta_dev_primitives.sandbox.local.inside.verdict import Verdict
from tta_dev_primitives.sandbox.local.process import ZygoteProcess
from tta_dev_primitives.sandbox.local.protocol import kernel_limits
from tta_dev_primitives.sandbox.local.run import NeverSent, Origin, run_program

ORIGIN = Origin(sandbox_id="test", isolation=Isolation.NAMESPACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fake:
    """Both sides: the host's zygote, and the socket on which the zygote's answers are made up."""

    zygote: ZygoteProcess
    peer: socket.socket

    def spawned(self) -> list[int]:
        """Take a spawn; return the child's descriptors."""
        descriptors = array.array("i")
        _, ancillary, _, _ = self.peer.recvmsg(65536, socket.CMSG_SPACE(5 * 4))
        descriptors.frombytes(ancillary[0][2])
        return list(descriptors)

    def say(self, message: object) -> None:
        self.peer.send(message if isinstance(message, bytes) else json.dumps(message).encode())

    def run(self, program: bytes = b"program") -> asyncio.Task[Execution]:
        child = Child(self.zygote, kernel_limits(Limits()))
        return asyncio.create_task(run_program(child, program, Limits(), ORIGIN, confirm_exit=False))


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    ours, peer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)  # noqa: FBT003
    process = subprocess.Popen([sys.executable, "-c", "pass"])  # noqa: ASYNC220  # ends by itself
    zygote = ZygoteProcess(process, ours)
    zygote.attach()
    yield Fake(zygote=zygote, peer=peer)
    peer.close()
    await zygote.aclose()


NONSENSE: tuple[object, ...] = (
    b"no json",
    [],
    {},
    {"op": "dance"},
    {"op": "ready", "landlock_abi": 1},
    {"op": "exited", "id": 99, "status": 0, "cpu_s": 0, "peak_memory_bytes": 0},
    {"op": "exited", "id": 1},
    {"op": "exited", "id": 1, "status": "zero", "cpu_s": 0, "peak_memory_bytes": 0},
    {"op": "failed", "id": 1},
)


@pytest.mark.parametrize("message", NONSENSE, ids=repr)
async def test_nonsense_ends_the_zygote(fake: Fake, message: object) -> None:
    run = fake.run()
    await asyncio.sleep(0)
    fake.spawned()
    fake.say(message)
    with pytest.raises(SandboxCrashed):
        await run
    assert not fake.zygote.alive


async def test_a_malformed_verdict_ends_the_zygote(fake: Fake) -> None:
    run = fake.run()
    await asyncio.sleep(0)
    *_, pipe = fake.spawned()
    os.write(pipe, b"S123")
    with pytest.raises(SandboxCrashed, match="malformed verdict"):
        await run
    assert not fake.zygote.alive


async def test_a_run_is_over_with_its_verdict(fake: Fake) -> None:
    run = fake.run()
    await asyncio.sleep(0)
    *_, pipe = fake.spawned()
    os.write(pipe, verdict.ended(Verdict(3 << 8, 0.1, 1000)))
    execution = await run
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 3)


async def test_what_could_not_be_confined_is_no_run(fake: Fake) -> None:
    run = fake.run()
    await asyncio.sleep(0)
    *_, pipe = fake.spawned()
    os.write(pipe, verdict.failed(OSError("no mounts")) + verdict.ended(Verdict(0, 0.1, 1000)))
    with pytest.raises(SandboxCrashed, match="could not be confined: OSError: no mounts"):
        await run
    assert fake.zygote.alive


async def test_an_init_that_was_killed_is_a_killed_run(fake: Fake) -> None:
    run = fake.run()
    await asyncio.sleep(0)
    for descriptor in fake.spawned():
        os.close(descriptor)
    fake.say({"op": "exited", "id": 1, "status": 9, "cpu_s": 1.5, "peak_memory_bytes": 7})
    execution = await run
    assert (execution.stop, execution.signal, execution.usage.cpu_s) == (Stop.SIGNALLED, 9, 1.5)


async def test_an_init_that_ends_without_a_word_is_no_success(fake: Fake) -> None:
    run = fake.run()
    await asyncio.sleep(0)
    for descriptor in fake.spawned():
        os.close(descriptor)
    fake.say({"op": "exited", "id": 1, "status": 0, "cpu_s": 0.0, "peak_memory_bytes": 0})
    with pytest.raises(SandboxCrashed, match="without a word"):
        await run


async def test_a_program_that_was_sent_is_not_sent_again(fake: Fake) -> None:
    run = fake.run()
    await asyncio.sleep(0)
    fake.spawned()
    fake.peer.close()
    with pytest.raises(SandboxCrashed) as raised:
        await run
    assert not isinstance(raised.value, NeverSent)


async def test_a_program_that_nobody_got_may_be_sent_again(fake: Fake) -> None:
    fake.peer.close()
    child = Child(fake.zygote, kernel_limits(Limits()))
    with pytest.raises(NeverSent):
        await run_program(child, b"program", Limits(), ORIGIN, confirm_exit=False)
