"""The tracestate header: what other tracers added, passed on. Source: W3C Trace Context, section 3.3."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 512
"""Characters that every tracer has to pass on; longer ones may be dropped."""
_MOST: Final = 32
_KEY: Final = r"[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}"
_VALUE: Final = r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
_MEMBER: Final = re.compile(rf"({_KEY})={_VALUE}", re.ASCII)


def kept(header: str) -> str:
    """Return `header` if all of it is as the standard says, else nothing: half a state means nothing."""
    if len(header) > _LONGEST:
        return ""
    members = [member.strip(" \t") for member in header.split(",")]
    members = [member for member in members if member]
    found = [_MEMBER.fullmatch(member) for member in members]
    keys = {match[1] for match in found if match is not None}
    return ",".join(members) if len(keys) == len(members) <= _MOST else ""
