"""KnownSecrets: what one run must not tell."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from .secrets import NO_SECRETS, Secrets


class KnownSecrets:
    """What one run must not tell: it grows as the run is given secrets, and is shared by all its contexts."""

    __slots__ = ("_lock", "_secrets")

    def __init__(self, secrets: Secrets = NO_SECRETS) -> None:
        self._secrets, self._lock = secrets, threading.Lock()

    def add(self, values: Iterable[str] | Secrets) -> None:
        """Learn of more values."""
        more = values if isinstance(values, Secrets) else Secrets(values)
        with self._lock:
            self._secrets |= more

    @property
    def now(self) -> Secrets:
        """What is known so far."""
        return self._secrets

    def __repr__(self) -> str:
        return f"KnownSecrets({self._secrets!r})"
