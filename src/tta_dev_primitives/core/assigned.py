"""Assigned: a literal value that is given to a name which says secret, in code, settings or JSON."""

from __future__ import annotations

import re
from typing import Final

from .key_shapes import stands_in
from .secrets import REDACTED

_NAMES: Final = (
    r"passwords?|passwd|passphrase|pwd|secret|credentials?"
    r"|(?:api|secret|access|private|auth|signing|encryption|client|master|account|shared|service)[_-]?key"
    r"|(?:auth|access|refresh|session|bearer|api|bot|personal|id)[_-]?token|client[_-]?secret|(?-i:TOKEN|KEY)"
)
_ASSIGNED: Final = re.compile(
    rf"(?P<name>{_NAMES})(?:\\?[\"'])?\]?(?:\s{{0,2}}:\s{{0,2}}(?:str|bytes|SecretStr))?"
    r"(?P<sign>\s{0,3}(?:=>|:=|=(?!=)|:)\s{0,3})"
    r"(?:\\?(?P<quote>[\"'])(?P<quoted>[^\s\"'\\]{6,200})\\?(?P=quote)"
    r"|(?P<bare>[^\s\"'`,;()\[\]{}<>\\&]{8,200})(?P<after>[ \t]{0,20}(?P<end>$)|.?))",
    re.IGNORECASE | re.MULTILINE,
)
_EXPRESSION: Final = re.compile(r"[\w$.]+(?:[-+*/%|@:=]+[\w$.]+){0,50}[:=]?")
"""A name, a path of names, a number, or a few of those with operators between them."""
_NAME: Final = re.compile(r"[\w$.]+[:=]?")
_CALLS: Final = ("(", "[", "{")
_SHORTEST_RANDOM: Final = 20
_KINDS: Final = ("[a-z]", "[A-Z]", "[0-9]")
"""A longer run of all three kinds is no name of code."""
_SHORTEST_OF_ANY_KEY: Final = 12
"""What has but `KEY` or `TOKEN` for a name may also be the name of a column, or a word."""


def hide_assigned(text: str) -> str:
    """Return `text` with what is assigned to names such as `password` and `API_KEY` replaced by [redacted].

    Only literals with a letter and with a digit or a sign: an expression is not its value, and a word is
    nearly always a description (`password: required`).
    """
    return _ASSIGNED.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    group = "quoted" if found["quoted"] is not None else "bare"
    value = found[group]
    if stands_in(value) or not _is_literal(value) or _may_be_code(found):
        return found[0]
    if found["name"] in {"KEY", "TOKEN"} and len(value) < _SHORTEST_OF_ANY_KEY:
        return found[0]
    begin, end = found.start(group) - found.start(), found.end(group) - found.start()
    return found[0][:begin] + REDACTED + found[0][end:]


def _is_literal(value: str) -> bool:
    """Tell whether a value is no plain word, name, address or template."""
    return (
        re.search(r"[A-Za-z]", value) is not None
        and re.search(r"[0-9!@#^&*+=/~?]", value) is not None
        and re.search(r"[{}<>]|\$\(|%[sdr]|://|^/", value) is None
    )


def _may_be_code(found: re.Match[str]) -> bool:
    """Tell whether what is assigned may be an expression: without quotes, and not as in a settings file."""
    value = found["bare"]
    if value is None:
        return False
    if found["after"].startswith(_CALLS) or not re.search(r"[0-9]", value):
        return True
    if found["name"].isupper() and found["sign"] == "=":
        return _NAME.fullmatch(value) is not None and "." in value
    if len(value) >= _SHORTEST_RANDOM and "." not in value and all(re.search(kind, value) for kind in _KINDS):
        return False
    if ":" in found["sign"] and found["end"] is not None:
        return _NAME.fullmatch(value) is not None
    return _EXPRESSION.fullmatch(value) is not None
