"""The traceparent header. Source: W3C Trace Context, sections 3.2 and 4.2."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_LONGEST: Final = 512
_FORM: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_SAMPLED: Final = 1
_FIRST_VERSION: Final = "00"
_NO_VERSION: Final = "ff"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceParent:
    """A span of a trace: 32 and 16 hexadecimal digits, and whether the trace is recorded."""

    trace_id: str
    span_id: str
    sampled: bool

    @classmethod
    def parsed(cls, header: str) -> TraceParent | None:
        """Return what `header` names, or None if it is not as the standard says.

        A later version may have more at its end, which is ignored; this one may not.
        """
        found = _FORM.fullmatch(header.strip(" \t")) if len(header) <= _LONGEST else None
        if found is None:
            return None
        version, trace_id, span_id, flags, more = found.groups()
        if version == _NO_VERSION or (version == _FIRST_VERSION and more is not None):
            return None
        if not int(trace_id, 16) or not int(span_id, 16):
            return None
        return cls(trace_id=trace_id, span_id=span_id, sampled=bool(int(flags, 16) & _SAMPLED))

    def __str__(self) -> str:
        return f"{_FIRST_VERSION}-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"
