"""Starts the simulated model server as a process of its own, and reads what it counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from .meter import Record

_BENCHMARKS: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Simulated:
    """A running server."""

    url: str

    def records(self) -> Sequence[Record]:
        """Return all requests since the last reset, in order of arrival."""
        with urlopen(f"{self.url}/records") as answer:  # noqa: S310  # loopback
            return [Record(**one) for one in json.load(answer)]

    def reset(self) -> None:
        """Forget all requests: the next system starts with nothing to reuse."""
        with urlopen(f"{self.url}/reset", data=b"{}"):  # noqa: S310  # loopback
            pass


@contextmanager
def simulated_model(latency_s: float) -> Generator[Simulated]:
    """Yield a server that takes `latency_s` seconds a call."""
    command = [sys.executable, "-m", "simulated.server", "--latency", str(latency_s)]
    environment = os.environ | {"PYTHONPATH": str(_BENCHMARKS)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        try:
            yield Simulated(process.stdout.readline().strip())
        finally:
            process.terminate()
