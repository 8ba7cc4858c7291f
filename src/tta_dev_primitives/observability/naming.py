"""What an event is called in traces: its class in snake case."""

from __future__ import annotations

import re
from typing import Final

from ..core.events import Event

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def name_of(event: Event) -> str:
    """Return such as `model_answered`."""
    return _HUMP.sub("_", type(event).__name__).lower()
