"""The forms in which a secret shows itself: as it is, escaped, encoded, in hexadecimal, in base64."""

from __future__ import annotations

import base64
import html
import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final
from urllib.parse import quote, quote_plus

_URL_SAFE: Final = ("", "/", "!~*'()", ";,/?:@&=+$!~*'()#")
"""What is not escaped: by quote(safe=""), quote(), encodeURIComponent and encodeURI."""
_FILLERS: Final = (b"", b"\0", b"\0\0")
"""What stands before a secret in a longer text decides where in a group of three bytes it begins."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a secret alone decides of a base64 text; `before`, `after`: and one more character in part."""

    text: str
    before: bool
    after: bool


def written(secret: str) -> frozenset[str]:
    """Return the forms that keep a secret's characters: raw, reversed, and escaped for where it may stand."""
    return frozenset((secret, secret[::-1], *_escaped(secret), *_for_urls(secret), *_as_numbers(secret)))


def hexadecimal(secret: str) -> str:
    """Return a secret's bytes as lower-case hexadecimal digits without separators."""
    return _bytes(secret).hex()


def encoded(secret: str) -> frozenset[Encoded]:
    """Return what of a secret is found in base64, standard and urlsafe, wherever it begins."""
    standard = [_in_base64(filler, _bytes(secret)) for filler in _FILLERS]
    urlsafe = [
        Encoded(each.text.translate(_TO_URLSAFE), before=each.before, after=each.after) for each in standard
    ]
    return frozenset((*standard, *urlsafe))


_TO_URLSAFE: Final = str.maketrans("+/", "-_")


def _escaped(secret: str) -> Iterator[str]:
    ascii_json = json.dumps(secret)[1:-1]
    yield from (ascii_json, json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (_without_angles(ascii_json), _without_angles(json.dumps(secret, ensure_ascii=False)[1:-1]))
    yield json.dumps(ascii_json)[1:-1]  # JSON within JSON
    yield from (repr(secret)[1:-1], repr(_bytes(secret))[2:-1], shlex.quote(secret))
    yield html.escape(secret)
    yield html.escape(secret).replace("&#x27;", "&#39;")
    yield html.escape(secret, quote=False)


def _without_angles(text: str) -> str:
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def _for_urls(secret: str) -> Iterator[str]:
    data = _bytes(secret)
    yield quote_plus(data)
    for safe in _URL_SAFE:
        yield quote(data, safe=safe)


def _as_numbers(secret: str) -> Iterator[str]:
    """Return the bytes as decimal numbers, as `list(data)` shows them."""
    numbers = [str(byte) for byte in _bytes(secret)]
    yield from (", ".join(numbers), ",".join(numbers), " ".join(numbers))


def _in_base64(filler: bytes, data: bytes) -> Encoded:
    bits_before, bits = 8 * len(filler), 8 * (len(filler) + len(data))
    text = base64.b64encode(filler + data).decode("ascii")
    return Encoded(
        text[ceil(bits_before / 6) : bits // 6], before=bool(bits_before % 6), after=bool(bits % 6)
    )


def _bytes(secret: str) -> bytes:
    return secret.encode("utf-8", "replace")
