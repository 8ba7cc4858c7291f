"""Texts as somebody reads them who looks behind every disguise: encodings, look-alikes, hidden letters."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from urllib.parse import unquote_plus

_LONGEST: Final = 100_000
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_LETTERS_APART: Final = re.compile(r"(?<!\w)(?:\w[ ._*-]){3,}\w(?!\w)")
_LOOK_ALIKES: Final = str.maketrans(
    "аерсухіјѕоԁԛԝһкмтвнАВЕКМНОРСТХІЈЅοενικαρτυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aepcyxijsodqwhkmtbhABEKMHOPCTXIJSoevikaptuABEZHIKMNOPTYX",
)
_TAGS: Final = range(0xE0020, 0xE007F)


def readings(text: str) -> tuple[str, ...]:
    """Return `text` and all that can be read behind it, each once; what was decoded is looked at again."""
    first = text[:_LONGEST]
    found: dict[str, None] = {first: None}
    decoded = list(_behind(first, (*_DECODERS, *_SIGHTS)))
    found.update(dict.fromkeys(decoded))
    for known in dict.fromkeys(_behind(first, _DECODERS)):
        found.update(dict.fromkeys(_behind(known, (*_DECODERS, *_SIGHTS))))
    return tuple(found)


def _behind(text: str, disguises: Iterable[Callable[[str], str]]) -> Iterator[str]:
    for disguise in disguises:
        read = disguise(text)
        if read and read != text:
            yield read


def _base64(text: str) -> str:
    return _decoded(text, _BASE64, _from_base64)


def _hex(text: str) -> str:
    return _decoded(text, _HEX, bytes.fromhex)


def _decoded(text: str, shape: re.Pattern[str], decode: Callable[[str], bytes]) -> str:
    return "\n".join(filter(None, (_as_text(found[0], decode) for found in shape.finditer(text))))


def _as_text(found: str, decode: Callable[[str], bytes]) -> str:
    try:
        read = decode(found).decode("utf-8")
    except (ValueError, binascii.Error):
        return ""
    return read if read.isprintable() else ""


def _from_base64(found: str) -> bytes:
    text = found.rstrip("=")
    return base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))


def _rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


def _escapes(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def _plain(text: str) -> str:
    """Return the letters that are meant: compatible forms and look-alikes as such, nothing hidden."""
    shown = "".join(
        char for char in text if char == "\n" or unicodedata.category(char) not in {"Cf", "Cc", "Mn"}
    )
    return unicodedata.normalize("NFKC", shown).translate(_LOOK_ALIKES)


def _tagged(text: str) -> str:
    return "".join(chr(ord(char) - 0xE0000) for char in text if ord(char) in _TAGS)


def _together(text: str) -> str:
    return _LETTERS_APART.sub(lambda found: re.sub(r"[ ._*-]", "", found[0]), text)


def _reversed(text: str) -> str:
    return text[::-1]


def _words_together(text: str) -> str:
    """Return names such as `ignore_all_rules.csv` as words."""
    return re.sub(r"[_./-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text))


_DECODERS: Final = (_base64, _hex, _escapes, unquote_plus, html.unescape, _tagged)
_SIGHTS: Final = (_plain, _rot13, _together, _words_together, _reversed)
