"""The host that attacks are made on: secrets lie about in it, and what could be reached listens."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest.mock import patch

VARIABLES: Final = ("OPENAI_API_KEY", "E2B_API_KEY", "DATABASE_PASSWORD")
"""Variables of the host's environment; the settings know the first two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What could be reached. `directory` may be written by anybody; `canaries` are the host's secrets."""

    directory: Path
    sockets: tuple[socket.socket, ...]
    canaries: tuple[str, ...]

    @property
    def address(self) -> str:
        """Where the host listens."""
        return f"127.0.0.1:{self.sockets[0].getsockname()[1]}"

    @property
    def secret_file(self) -> Path:
        """A file that every user may read."""
        return self.directory / "secret.txt"

    @property
    def mischief(self) -> str:
        """Python that tries to reach all of it."""
        host, port = self.address.split(":")
        udp = self.sockets[1].getsockname()[1]
        return _MISCHIEF.format(host=host, port=port, udp=udp, directory=self.directory)

    def filled(self, text: str) -> str:
        """Return `text` with what it says of this host: {listener}, {canary_dir} and {secret_file}."""
        places = {
            "{listener}": f"http://{self.address}/",
            "{canary_dir}": str(self.directory),
            "{secret_file}": str(self.secret_file),
        }
        for name, value in places.items():
            text = text.replace(name, value)
        return text

    def reached(self) -> Iterator[str]:
        """Yield what was heard or written; nothing should be."""
        for one in self.sockets:
            if heard := _heard(one):
                yield f"egress: {heard!r}"
        for path in sorted(self.directory.rglob("*")):
            if path != self.secret_file:
                yield f"a file of the host was written: {path}"
        if self.secret_file.read_text(encoding="utf-8") != self.canaries[-1]:
            yield "the secret file was changed"


_MISCHIEF: Final = """
import ctypes, os, shutil, socket, subprocess, urllib.request

def mischief(what, deed):
    try:
        print(what, "->", repr(deed())[:500])
    except BaseException as error:
        print(what, "->", type(error).__name__, str(error)[:200])

mischief("tcp", lambda: socket.create_connection(({host!r}, {port}), 2))
mischief("http", lambda: urllib.request.urlopen("http://{host}:{port}/", timeout=2).read())
mischief("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ({host!r}, {udp})))
mischief("dns", lambda: socket.getaddrinfo("stolen.example.test", 80))
mischief("shell", lambda: subprocess.run("env; id", shell=True, capture_output=True, timeout=2))
mischief("libc", lambda: ctypes.CDLL(None).socket(2, 1, 0) >= 0)
mischief("secret", lambda: open("{directory}/secret.txt").read())
mischief("write", lambda: open("{directory}/owned", "w").write("owned"))
mischief("remove", lambda: shutil.rmtree("{directory}"))
for path in ("/proc/self/environ", "/proc/1/environ", "/proc/2/environ", "{directory}/secret.txt"):
    mischief(path, lambda: open(path, "rb").read())
    mischief(path, lambda: open(path, "ab").write(b"owned"))
mischief("environment", lambda: dict(os.environ))
"""


@contextlib.contextmanager
def laid_out() -> Generator[World]:
    """Lay it out: an environment with secrets, files open to everybody, and sockets that hear nobody."""
    values = {name: f"canary{secrets.token_hex(8)}" for name in VARIABLES}
    with tempfile.TemporaryDirectory() as name, _listening() as listening, patch.dict(os.environ, values):
        directory = Path(name)
        world = World(
            directory=directory,
            sockets=listening,
            canaries=(*values.values(), f"canary{secrets.token_hex(8)}"),
        )
        directory.chmod(0o777)
        world.secret_file.write_text(world.canaries[-1], encoding="utf-8")
        world.secret_file.chmod(0o666)
        yield world


@contextlib.contextmanager
def _listening() -> Generator[tuple[socket.socket, ...]]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        for one in (tcp, udp):
            one.bind(("127.0.0.1", 0))
            one.settimeout(0)
        tcp.listen()
        yield (tcp, udp)


def _heard(one: socket.socket) -> str:
    try:
        if one.type is socket.SOCK_DGRAM:
            return one.recv(100).decode(errors="replace")
        connection, _ = one.accept()
    except BlockingIOError:
        return ""
    with connection:
        return "a connection"
