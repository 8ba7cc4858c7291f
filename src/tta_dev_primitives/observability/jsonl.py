"""JsonlSink: one JSON object a line, appended as it happens, so that a killed process leaves what it did."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ..core.errors import ConfigurationError
from ..core.events import Event, SpanEnded, SpanStarted
from ..settings import Settings
from .aliveness import mark_alive
from .naming import name_of
from .scrubbing import Scrubber

FORMAT: Final = 1
_MIB: Final = 1 << 20
_ONLY_FOR_US: Final = 0o600


class JsonlSink:
    """Appends every event to the file at `path`, each with one system call, in the order they happen.

    What was written outlives the process, however it ends; it is not forced to the disk. A file that would
    exceed `max_bytes` is renamed to `NAME.1`, over the one before, and a new one begun, so at most twice as
    much is kept. One process writes a file, with as many tasks and threads as it likes; `read_traces` reads
    it, also meanwhile. Secrets and content are dealt with as in `OpenTelemetrySink`.

    Raises:
        ConfigurationError: the file cannot be opened, or `max_bytes` is not above 0.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        max_bytes: int = 64 * _MIB,
        settings: Settings | None = None,
        capture_content: bool | None = None,
    ) -> None:
        if not max_bytes > 0:
            raise ConfigurationError(f"max_bytes={max_bytes!r} must be above 0")
        self.path: Final = Path(path)
        self._most, self._scrubber = max_bytes, Scrubber.of(settings, capture_content)
        self._epoch = time.time() - time.perf_counter()
        self._encode = json.JSONEncoder(
            ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
        ).encode
        self._lock = threading.Lock()
        self._whole = True
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file, self._size = self._opened()
        except OSError as error:
            raise ConfigurationError(
                f"a trace cannot be written to {str(path)!r}: {error.strerror}; name a place that can be"
            ) from error

    def __call__(self, event: Event) -> None:
        """Append `event`.

        Raises:
            OSError: it cannot be written; the run goes on, and the next event is tried again.
        """
        line = self._encode(self._record(event))
        with self._lock:
            self._append(f"{line}\n".encode())

    def close(self) -> None:
        """Close the file; what comes later fails. Idempotent."""
        with self._lock:
            file, self._file = self._file, -1
            if file >= 0:
                os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _record(self, event: Event) -> Mapping[str, object]:
        if isinstance(event, SpanStarted):
            return self._started(event)
        return self._ended(event) if isinstance(event, SpanEnded) else self._happened(event)

    def _started(self, started: SpanStarted) -> Mapping[str, object]:
        return {
            "kind": "start",
            "at": self._time(started.at),
            **self._place(started),
            **({} if isinstance(started.parent, SpanStarted) else self._identity(started)),
        }

    def _ended(self, ended: SpanEnded) -> Mapping[str, object]:
        record: dict[str, object] = {
            "kind": "end",
            "at": self._time(ended.at),
            **self._place(ended.started),
            "seconds": ended.seconds,
        }
        if ended.error is not None:
            failure = self._scrubber.within(ended.started).failure(ended.error)
            record["error"] = {"type": failure.kind, "message": failure.message}
        return record

    def _happened(self, event: Event) -> Mapping[str, object]:
        around, operation = event.within, event.operation()
        scrubber = self._scrubber.within(around)
        run = around.run if isinstance(around, SpanStarted) else around
        record: dict[str, object] = {
            "kind": "event",
            "at": self._time(time.perf_counter()),
            "run": "" if run is None else scrubber.name(run.workflow_id),
            "span": around.span_id if isinstance(around, SpanStarted) else None,
            "name": name_of(event),
            "attributes": scrubber.attributes(event),
        }
        if operation is not None:
            took = {"name": scrubber.name(operation.name), "seconds": operation.seconds}
            record["operation"] = took
        return record

    def _place(self, started: SpanStarted) -> Mapping[str, object]:
        scrubber = self._scrubber.within(started)
        return {
            "run": scrubber.name(started.run.workflow_id),
            "span": started.span_id,
            "parent": started.parent_span_id,
            "name": scrubber.name(started.name),
        }

    def _identity(self, started: SpanStarted) -> Mapping[str, object]:
        run = started.run
        named = {
            "correlation": run.correlation_id,
            "session": run.session_id,
            "tenant": run.tenant,
        }
        scrubber = self._scrubber.within(started)
        known = {name: scrubber.text(value) for name, value in named.items() if value is not None}
        return {"format": FORMAT, "trace": started.trace_id, **known}

    def _time(self, at: float) -> float:
        """Return a `time.perf_counter()` as seconds since 1970, to the microsecond."""
        return round(self._epoch + at, 6)

    def _append(self, line: bytes) -> None:
        if self._size and self._size + len(line) > self._most:
            self._rotate()
        if (
            not self._whole
        ):  # a line was cut short, by a full disk or by a kill: this one must not continue it
            line = b"\n" + line
        self._whole = False
        written = os.write(self._file, line)
        self._size += written
        if written < len(line):
            raise OSError(f"only {written} of {len(line)} bytes could be written to {str(self.path)!r}")
        self._whole = True

    def _rotate(self) -> None:
        self.path.replace(older(self.path))
        os.close(self._file)
        self._file = -1  # should the next line fail, this sink is closed and not writing into another's file
        self._file, self._size = self._opened()
        self._whole = True

    def _opened(self) -> tuple[int, int]:
        """Return the open file and its size; notes whether its last line is whole."""
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, _ONLY_FOR_US)
        mark_alive(file)
        size = os.fstat(file).st_size
        if size:
            os.lseek(file, -1, os.SEEK_END)
        self._whole = not size or os.read(file, 1) == b"\n"
        return file, size


def older(path: Path) -> Path:
    """Return where the lines before those of `path` are, once it was full."""
    return path.with_name(f"{path.name}.1")
