"""Every attack, in every tier, checked from the host's side."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.sandbox.abuse.attacks import PRELUDE, Attack
from tests.sandbox.abuse.lying import LYING
from tests.sandbox.abuse.other_languages import OTHER_LANGUAGES
from tests.sandbox.abuse.reaching_out import REACHING_OUT
from tests.sandbox.abuse.using_up import USING_UP
from tests.sandbox.conftest import TEST_LIMITS
from tests.sandbox.processes import eventually, families

from tta_dev_primitives.sandbox import Execution, LocalSandbox
from tta_dev_primitives.sandbox.local.languages import language_called

ATTACKS = (*REACHING_OUT, *USING_UP, *LYING, *OTHER_LANGUAGES)
OF_FILES_MAPPED = 96 << 20
"""Of an interpreter or engine and its libraries: resident, but of no limit, as all processes share it."""
SECRET = f"secret-of-the-host-{os.urandom(8).hex()}"

CLEAN = """
import builtins, json, os, sys
found = [thing for thing in (builtins, json, sys) if hasattr(thing, "LEAKED")]
found += [name for name in ("LEAKED",) if name in os.environ]
found += [place for place in (".", "/tmp") if os.path.exists(place + "/leaked")]
found += [path for path in sys.path if "leaked" in path]
assert not found and not os.listdir() and sys.getrecursionlimit() == 1000, (found, os.listdir())
"clean"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bait:
    """A file of the host that no run may read or change, with its state before, and sockets that hear nobody."""

    path: Path
    status: tuple[int, ...]
    sockets: tuple[socket.socket, socket.socket]

    def unchanged(self) -> bool:
        return _status(self.path) == self.status and self.path.read_text(encoding="utf-8") == SECRET

    def heard(self) -> bytes:
        heard = b""
        for listening in self.sockets:
            with contextlib.suppress(BlockingIOError):
                heard += listening.recv(100)
        return heard


def _status(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return (status.st_mode, status.st_uid, status.st_size, status.st_mtime_ns, status.st_ino)


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    """One with a path, which must be short, and one with the same abstract name."""
    with tempfile.TemporaryDirectory() as directory, _listening() as named, _listening() as abstract:
        Path(directory).chmod(0o777)
        named.bind(f"{directory}/socket")
        Path(directory, "socket").chmod(0o777)
        abstract.bind(f"\0{directory}/socket")
        yield named, abstract


def _listening() -> socket.socket:
    one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.setblocking(False)  # noqa: FBT003  # that is its signature
    return one


@pytest.fixture
def bait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sockets: tuple[socket.socket, socket.socket]
) -> Iterator[Bait]:
    path = tmp_path / "secret"
    path.write_text(SECRET, encoding="utf-8")
    # As open as a file can be: only the sandbox stands before it.
    for directory in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        directory.chmod(0o777)
    path.chmod(0o666)
    monkeypatch.setenv("PLAYBOX_TEST_SECRET", SECRET)
    yield Bait(path=path, status=_status(path), sockets=sockets)
    for directory in (tmp_path.parent, tmp_path.parent.parent):
        directory.chmod(0o700)


def _program(attack: Attack, bait: Bait) -> str:
    if attack.language != "python":
        return _filled_in(attack.code, bait)
    if not attack.prelude:
        return attack.code
    facts = (
        f"SECRET_FILE = {str(bait.path)!r}\nSECRET_PART = 'secret-of-' + 'the-host'\nHOST_PID = {os.getpid()}\n"
        f"HOST_SOCKET = {bait.sockets[0].getsockname()!r}\n"
        f"PROJECT = {str(Path(__file__).parents[3])!r}\nX86 = {platform.machine() == 'x86_64'}\n"
    )
    return PRELUDE + facts + attack.code


def _filled_in(code: str, bait: Bait) -> str:
    facts = {
        "@SECRET_FILE@": str(bait.path),
        "@HOST_PID@": str(os.getpid()),
        "@HOST_SOCKET@": bait.sockets[0].getsockname(),
        "@PROJECT@": str(Path(__file__).parents[3]),
    }
    for name, fact in facts.items():
        code = code.replace(name, fact)
    return code


def _skip_if_impossible(attack: Attack, sandbox: LocalSandbox) -> None:
    if sandbox.isolation not in attack.tiers:
        pytest.skip(f"not claimed for isolation {sandbox.isolation.value!r}")
    if not language_called(attack.language).works:
        pytest.skip(f"{attack.language} is not installed")
    if attack.needs is not None and shutil.which(attack.needs) is None:
        pytest.skip(f"{attack.needs} is not installed")


def _all_text(execution: Execution) -> str:
    results = "".join(result.text for result in execution.results)
    error = execution.error
    return execution.stdout + execution.stderr + results + (error.traceback + error.value if error else "")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_attack_is_contained(attack: Attack, sandbox: LocalSandbox, bait: Bait) -> None:
    _skip_if_impossible(attack, sandbox)
    limits = replace(TEST_LIMITS, wall_s=2.0, cpu_s=1, output_bytes=200_000, processes=attack.processes)
    program = _program(attack, bait)
    execution = await sandbox.run_code(program, language=attack.language, limits=limits)

    text = _all_text(execution)
    assert "ESCAPED" not in text.replace('print("ESCAPED', ""), text
    assert SECRET not in text
    assert execution.stop in attack.stops, execution
    if attack.exit_code is not None:
        assert execution.exit_code == attack.exit_code, execution
        assert execution.success is (attack.exit_code == 0)
    assert not (execution.success and execution.error)
    assert attack.prints in execution.stderr, execution
    assert execution.usage.peak_memory_bytes <= TEST_LIMITS.memory_bytes + OF_FILES_MAPPED
    assert bait.unchanged()
    assert bait.heard() == b""
    assert eventually(lambda: not any(family.runs for family in families()))
    after = await sandbox.run_code(CLEAN)
    assert after.text == "'clean'", after
