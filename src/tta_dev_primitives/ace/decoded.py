"""What stands encoded in a text, as somebody reads it who decodes it: models do so unasked.

Only what is short enough to be looked at as a whole; a strategy is.
"""

from __future__ import annotations

import base64
import codecs
import html
import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote_plus

_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_HEX: Final = re.compile(r"(?<![A-Za-z0-9])(?:[0-9a-fA-F]{2}[\s:]?){8,}")
_ESCAPED: Final = re.compile(r"\\u\{?([0-9a-fA-F]{4})\}?|\\x([0-9a-fA-F]{2})")
_LETTERS_SHIFTED: Final = re.compile(r"vafgehpg|cebzcg|flfgrz|vtaber|qvfertneq", re.IGNORECASE)
_BACKWARDS: Final = re.compile(r"tcurtsni|tpmorp|metsys|erongi|dragersid", re.IGNORECASE)


def decoded(text: str) -> Iterator[str]:
    """Yield what can be read behind `text`, each as a text of its own."""
    yield from _each(_BASE64, text, _from_base64)
    yield from _each(_HEX, text, bytes.fromhex)
    if "%" in text:
        yield unquote_plus(text)
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
    if _LETTERS_SHIFTED.search(text):
        yield codecs.encode(text, "rot13")
    if _BACKWARDS.search(text):
        yield text[::-1]


def _each(shape: re.Pattern[str], text: str, decode: Callable[[str], bytes]) -> Iterator[str]:
    for found in shape.finditer(text):
        try:
            read = decode(found[0].replace(":", "")).decode("utf-8")
        except ValueError:  # binascii.Error and UnicodeDecodeError are such
            continue
        if read.isprintable():
            yield read


def _from_base64(found: str) -> bytes:
    plain = found.replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4))
