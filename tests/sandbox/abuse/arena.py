"""One attack from the host's side: what lies about to be stolen, the program, and whether it was contained."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import socket
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.sandbox.abuse.attacks import PRELUDE, Attack
from tests.sandbox.abuse.lying import LYING
from tests.sandbox.abuse.machine_code import MACHINE_CODE
from tests.sandbox.abuse.other_languages import OTHER_LANGUAGES
from tests.sandbox.abuse.reaching_out import REACHING_OUT
from tests.sandbox.abuse.using_up import USING_UP

from tta_dev_primitives.sandbox import Execution, Isolation
from tta_dev_primitives.sandbox.local.languages import language_called

ATTACKS: Final = (*REACHING_OUT, *USING_UP, *LYING, *OTHER_LANGUAGES, *MACHINE_CODE)
MEMORY_BYTES: Final = 256 << 20
"""What each attack gets."""
_OF_FILES_MAPPED: Final = 96 << 20
"""Of an interpreter or engine and its libraries: resident, but of no limit, as all processes share it."""
SECRET: Final = f"secret-of-the-host-{os.urandom(8).hex()}"
VARIABLE: Final = "PLAYBOX_TEST_SECRET"
"""An environment variable of the host that is to hold the secret as well."""

CLEAN: Final = """
import builtins, json, os, sys
found = [thing for thing in (builtins, json, sys) if hasattr(thing, "LEAKED")]
found += [name for name in ("LEAKED",) if name in os.environ]
found += [place for place in (".", "/tmp") if os.path.exists(place + "/leaked")]
found += [path for path in sys.path if "leaked" in path]
assert not found and not os.listdir() and sys.getrecursionlimit() == 1000, (found, os.listdir())
"clean"
"""
"""A run after an attack that sees whether anything of it is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bait:
    """A file of the host that no run may read or change, with its state before, and sockets that hear nobody."""

    path: Path
    status: tuple[int, ...]
    sockets: tuple[socket.socket, socket.socket]

    def taken(self) -> list[str]:
        """What happened to it that must not happen."""
        same = _status(self.path) == self.status and self.path.read_text(encoding="utf-8") == SECRET
        heard = b"".join(self._heard())
        return [*([] if same else ["the secret file was changed"]), *([f"heard {heard!r}"] if heard else [])]

    def _heard(self) -> Iterator[bytes]:
        for listening in self.sockets:
            with contextlib.suppress(BlockingIOError):
                yield listening.recv(100)


@contextlib.contextmanager
def laid_bait() -> Generator[Bait]:
    """Lay it out as open as files and sockets can be: only the sandbox stands before it."""
    with tempfile.TemporaryDirectory() as name, _listening() as named, _listening() as abstract:
        directory = Path(name)
        directory.chmod(0o777)
        named.bind(f"{name}/socket")
        (directory / "socket").chmod(0o777)
        abstract.bind(f"\0{name}/socket")
        path = directory / "secret"
        path.write_text(SECRET, encoding="utf-8")
        path.chmod(0o666)
        yield Bait(path=path, status=_status(path), sockets=(named, abstract))


def program(attack: Attack, bait: Bait) -> str:
    """The attack's code, told where the host's things are."""
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


def impossible(attack: Attack, isolation: Isolation) -> str | None:
    """Why `attack` cannot be made here, or None."""
    if isolation not in attack.tiers:
        return f"not claimed for isolation {isolation.value!r}"
    if not language_called(attack.language).works:
        return f"{attack.language} is not installed"
    if attack.needs is not None and shutil.which(attack.needs) is None:
        return f"{attack.needs} is not installed"
    return None


def escapes(attack: Attack, execution: Execution) -> list[str]:
    """What came out of a run that must not come out, and what the host was made to believe."""
    text = _all_text(execution)
    found: list[str] = []
    if "ESCAPED" in text.replace('print("ESCAPED', ""):
        found.append(text[-2000:])
    if SECRET in text:
        found.append("the host's secret came out")
    if attack.exit_code is not None and execution.exit_code not in (attack.exit_code, None):
        found.append(f"exit code {execution.exit_code}, in truth {attack.exit_code}")
    if execution.usage.peak_memory_bytes > MEMORY_BYTES + _OF_FILES_MAPPED:
        found.append(f"used {execution.usage.peak_memory_bytes} bytes of memory")
    if execution.success and (execution.error or attack.exit_code):
        found.append("a failure that counts as success, or a success with an error")
    return found


def ended_as_expected(attack: Attack, execution: Execution) -> bool:
    """Whether it ended in one of the ways that the attack names."""
    return (
        execution.stop in attack.stops
        and attack.exit_code in (None, execution.exit_code)
        and attack.prints in execution.stderr
    )


def _listening() -> socket.socket:
    one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.setblocking(False)  # noqa: FBT003  # that is its signature
    return one


def _status(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return (status.st_mode, status.st_uid, status.st_size, status.st_mtime_ns, status.st_ino)


def _all_text(execution: Execution) -> str:
    results = "".join(result.text for result in execution.results)
    error = execution.error
    return execution.stdout + execution.stderr + results + (error.traceback + error.value if error else "")
