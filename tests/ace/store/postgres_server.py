"""A real PostgreSQL server of its own for a test run: fresh data, on loopback only."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

PLACES: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
USER: Final = "postgres"


def programs() -> Path | None:
    """Return the folder of the server's programs, or None if it is not installed."""
    found = shutil.which("initdb")
    for folder in (*PLACES, *([Path(found).parent] if found else [])):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


@contextmanager
def running() -> Generator[PostgresServer]:
    """Yield a server of its own, or skip the test where it is not installed."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL's server is not installed (apt install postgresql)")
    with TemporaryDirectory(prefix="playbox-postgres-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder) / "server", found)
        server.start()
        try:
            yield server
        finally:
            server.stop()


class PostgresServer:
    """A server in `folder`, which must be new. It refuses to be root, so root starts it as another user."""

    def __init__(self, folder: Path, bin_: Path) -> None:
        self._prepare(folder, bin_)
        data = ("--pgdata", str(self.data), "--no-sync", "-E", "UTF8")
        self._run("initdb", *data, "--username=playbox", "--auth=trust")

    def _prepare(self, folder: Path, bin_: Path) -> None:
        self.data, self._bin = folder / "data", bin_
        self._log = folder / "log"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
            folder.parent.chmod(0o711)

    def copied(self, folder: Path) -> PostgresServer:
        """Return another server, not started, with a copy of what this one, which runs, holds now."""
        other = PostgresServer.__new__(PostgresServer)
        other._prepare(folder, self._bin)  # noqa: SLF001  # of this class
        place = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "playbox")
        self._run("pg_basebackup", *place, "-D", str(other.data), "-X", "stream", "-c", "fast", "--no-sync")
        return other

    @property
    def url(self) -> str:
        """Return the address of its database."""
        return f"postgresql://playbox@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        """Return the id of its first process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = (
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "fsync=off",
        )
        options = [part for setting in settings for part in ("-c", setting)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own arguments, here and below
                [str(self._bin / "postgres"), "-D", str(self.data), *options],
                stdout=log,
                stderr=log,
                cwd="/",
                user=_user(),
                group=_user(),
            )
        self.wait()

    def wait(self) -> None:
        """Wait until it answers."""
        for _ in range(1200):
            if self._answers():
                return
            time.sleep(0.025)
        raise AssertionError(self._log.read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT breaks off transactions, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def _answers(self) -> bool:
        ready = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0  # noqa: S603

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        done = subprocess.run(  # noqa: S603
            command, check=False, capture_output=True, text=True, cwd="/", user=_user(), group=_user()
        )
        assert done.returncode == 0, done.stderr


def _user() -> str | None:
    return USER if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
