"""Collect what a run prints and shows, up to a number of bytes."""

from __future__ import annotations

from ..types import Logs, Result


class OutputExceeded(Exception):  # ends a stream from inside a callback; never leaves this package
    """The run printed more than it may."""


class Claimed:
    """The exception that a cell ended with, as its kernel tells it."""

    def __init__(self, name: str, value: str, traceback: str) -> None:
        self.name, self.value, self.traceback = name, value, traceback

    @property
    def by_server(self) -> bool:
        """Whether E2B may have said so itself: exceptions of a program come with a traceback."""
        return not self.traceback


class Output:
    """What one cell gave, in order; both streams and all results share one budget of bytes."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.used = 0
        self.truncated = False
        self.error: Claimed | None = None
        self._stdout: list[str] = []
        self._stderr: list[str] = []
        self._results: list[Result] = []

    def stdout(self, text: str) -> None:
        """Take a piece of stdout."""
        self._print(self._stdout, text)

    def stderr(self, text: str) -> None:
        """Take a piece of stderr."""
        self._print(self._stderr, text)

    def show(self, text: str, *, is_main_result: bool) -> None:
        """Take a value that was displayed."""
        self._results.append(Result(text=self._kept(text), is_main_result=is_main_result))
        self._require_room()

    def fail(self, name: str, value: str, traceback: str) -> None:
        """Take the exception that ended the cell."""
        self.error = Claimed(name, value, traceback)

    def logs(self) -> Logs:
        """Return what was printed."""
        return Logs(stdout=tuple(self._stdout), stderr=tuple(self._stderr))

    def results(self) -> tuple[Result, ...]:
        """Return what was displayed."""
        return tuple(self._results)

    def _print(self, stream: list[str], text: str) -> None:
        kept = self._kept(text)
        if kept:
            stream.append(kept)
        self._require_room()

    def _kept(self, text: str) -> str:
        data = text.encode(errors="replace")
        kept = data[: self.left]
        self.left -= len(kept)
        self.used += len(kept)
        self.truncated = self.truncated or len(kept) < len(data)
        return text if len(kept) == len(data) else kept.decode(errors="ignore")

    def _require_room(self) -> None:
        if self.truncated:
            raise OutputExceeded
