"""Instance data: addresses and card numbers of one task's people, which no strategy is about."""

from __future__ import annotations

import re
from typing import Final

from .secrets import REDACTED

_ADDRESS: Final = re.compile(
    # Bounded, and begun only where a word begins: a long run of its characters would take quadratic time.
    r"(?<![\w.%+\\-])[\w.%+-]{1,64}@(?![0-9]+\.[0-9]+\.)"
    r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}(?P<top>[A-Za-z]{2,24})(?!-?\w|[@(])"
)
_CARD: Final = re.compile(r"(?<![\w.,-])[0-9](?:[ -]?[0-9]){12,18}(?![\w-]|\.[0-9])")
_NO_DOMAINS: Final = frozenset(
    (
        *("py", "pyi", "json", "txt", "md", "csv", "js", "ts", "html", "xml", "yaml", "yml", "toml"),
        *("shape", "dot", "sum", "mean", "size", "real", "imag", "conj", "copy", "numpy", "values"),
        *("reshape", "flatten", "ravel", "transpose", "astype", "inverse"),
    )
)
"""Ends of names of files, and of products of matrices such as `a@b.shape`."""
_CARDS: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0|6|8)\d{12}|35\d{14}|6\d{15,18}"
)
"""How the numbers of the card networks begin, and how long they are."""


def hide_instance_data(text: str) -> str:
    """Return `text` with e-mail addresses and payment card numbers replaced by [redacted].

    A card number has 13 to 19 digits, maybe with blanks or hyphens, begins as those of the networks do, and
    its check digit is right. Source: ISO/IEC 7812-1, annex B (Luhn).
    """
    return _CARD.sub(_but_other_numbers, _ADDRESS.sub(_but_names, text))


def _but_names(found: re.Match[str]) -> str:
    is_other = found["top"].lower() in _NO_DOMAINS or found[0].startswith("git@")
    return found[0] if is_other else REDACTED


def _but_other_numbers(found: re.Match[str]) -> str:
    digits = re.sub("[ -]", "", found[0])
    return REDACTED if _CARDS.fullmatch(digits) and _adds_up(digits) else found[0]


def _adds_up(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0
