"""The baggage header: names and values that go along with a run. Source: W3C Baggage, section 3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote_to_bytes

MOST_BYTES: Final = 8192
MOST_MEMBERS: Final = 64
"""What the standard wants every implementation to carry, and this one carries no more."""
_KEY: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
_VALUE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*", re.ASCII)
_UNESCAPED: Final = "!#$&'()*+-./:<=>?@[]^_`{|}~"
"""Of what a value may hold, what need not be escaped."""


def written(carried: Mapping[str, str]) -> str:
    """Return the header for `carried`; names that no header can hold are left out, and what is too much."""
    members: list[str] = []
    length = 0
    for key, value in carried.items():
        if _KEY.fullmatch(key) is None:
            continue
        member = f"{key}={quote(value.encode('utf-8', 'replace'), safe=_UNESCAPED)}"
        longer = length + len(member) + bool(members)
        if longer <= MOST_BYTES and len(members) < MOST_MEMBERS:
            members.append(member)
            length = longer
    return ",".join(members)


def read(header: str) -> dict[str, str]:
    """Return what `header` carries; a member that is not as the standard says is left out.

    Of a header that is too long, nothing is; of two members with one name, the last one counts. The
    properties of members, behind a semicolon, are not kept.
    """
    if len(header) > MOST_BYTES:
        return {}
    carried: dict[str, str] = {}
    for member in header.split(",", MOST_MEMBERS)[:MOST_MEMBERS]:
        key, sign, rest = member.partition("=")
        key, value = key.strip(" \t"), rest.partition(";")[0].strip(" \t")
        if sign and _KEY.fullmatch(key) and _VALUE.fullmatch(value):
            carried[key] = unquote_to_bytes(value).decode("utf-8", "replace")
    return carried
