"""Limits of a whole sandbox: what all its runs, sessions and boxes together may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...core.errors import ConfigurationError

_LEAST_MEMORY: Final = 64 << 20
_LEAST_PROCESSES: Final = 16
_LEAST_CPUS: Final = 0.01
_MOST_CPUS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What everything in one sandbox may use together, its own processes and spares included; None: no total.

    `memory_bytes` counts files as well, since they are kept in memory; nothing is swapped. `processes` counts
    threads as well; four spares and their keepers are about ten. `cpus` is in cores: 1.5 is one and a half.

    Raises:
        ConfigurationError: a value is not above 0, or too little for the sandbox itself.
    """

    memory_bytes: int | None = None
    processes: int | None = None
    cpus: float | None = None

    def __post_init__(self) -> None:
        for name, least in (("memory_bytes", _LEAST_MEMORY), ("processes", _LEAST_PROCESSES)):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < least):
                raise ConfigurationError(f"total {name}={value!r} must be a whole number from {least}")
        if self.cpus is not None and not _LEAST_CPUS <= self.cpus < _MOST_CPUS:
            raise ConfigurationError(f"total cpus={self.cpus!r} must be from {_LEAST_CPUS} to {_MOST_CPUS}")

    @property
    def controllers(self) -> tuple[str, ...]:
        """The kernel's controllers that enforce these."""
        given = (("memory", self.memory_bytes), ("pids", self.processes), ("cpu", self.cpus))
        return tuple(name for name, value in given if value is not None)
