"""Receive the program from the host and lay it out: files in the working directory, environment."""

from __future__ import annotations

import marshal
import os
import select
import time

from .messages import SEARCH_PATH, ProgramHeader

_CHUNK = 1 << 16
_LENGTH_BYTES = 4


def is_there(descriptor: int) -> bool:
    """Whether the host has sent something already, or closed the pipe."""
    return bool(select.select([descriptor], [], [], 0)[0])


def warm_up() -> None:
    """Do what can be done before the program is known, and what makes the rest quick."""
    header = marshal.dumps(
        dict(ProgramHeader(code="a\n", commands=[], envs={}, files=[], lower=None, notice=True))
    )
    source, target = os.pipe2(os.O_CLOEXEC)
    os.write(target, len(header).to_bytes(_LENGTH_BYTES, "big") + header)
    os.close(target)
    receive(source)


def receive(descriptor: int) -> ProgramHeader | None:
    """Return the program, its files written and its environment added; None if the host sent none."""
    sent = _Sent(descriptor)
    length = sent.take(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    header: ProgramHeader = marshal.loads(sent.take(int.from_bytes(length, "big")))  # noqa: S302  # the host's
    for name, size in header["files"]:
        _write(sent, name, size)
    os.close(descriptor)
    _add_to_environment(header["envs"])
    return header


class _Sent:
    """What the host sends, mostly all at once: a stream of the library would cost as much as the rest."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        # What comes is added to it, and what is taken leaves it, without a copy of the rest.
        self._waiting = bytearray()

    def take(self, size: int) -> bytearray:
        """Return the next `size` bytes; fewer at the end only."""
        while len(self._waiting) < size:
            more = os.read(self._descriptor, _CHUNK)
            if not more:
                break
            self._waiting += more
        taken = self._waiting[:size]
        del self._waiting[:size]
        return taken


def _write(sent: _Sent, name: str, size: int) -> None:
    directory = os.path.dirname(name)
    if directory:
        os.makedirs(directory, exist_ok=True)
    with open(name, "xb") as file:
        while size > 0:
            chunk = sent.take(min(size, _CHUNK))
            if not chunk:
                raise EOFError(f"the host stopped in the middle of {name!r}")
            file.write(chunk)
            size -= len(chunk)


def set_environment(home: str) -> None:
    """Have nothing but what every program has."""
    os.environ.clear()
    os.environ.update(HOME=home, PATH=SEARCH_PATH, LANG="C.UTF-8")


def _add_to_environment(envs: dict[str, str]) -> None:
    os.environ.update(envs)
    if "TZ" in envs:
        time.tzset()
