"""The skeleton of a text: equal for texts that look alike, so that a pattern is not fooled by other letters.

A small table in the manner of Unicode TR39, for letters that pass for those of ASCII. It is compared, never
stored.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

_LOOK_ALIKES: Final[Mapping[str, str]] = {
    "a": "0430 03b1 0391 0410 0251 1d00 13aa 237a",
    "b": "0432 0412 03b2 0392 044c 042c 0299 0185 13cf",
    "c": "0441 0421 03f2 03f9 1d04 13df 217d",
    "d": "0501 0500 1d05 0111 13e7",
    "e": "0435 0415 03b5 0395 0454 0404 1d07 13ac 212e",
    "f": "a730 03dd 0192",
    "g": "0261 0581 0262 050d",
    "h": "043d 041d 0397 04bb 04ba 029c 0570 0127 13bb",
    "i": "0456 0406 03b9 0399 0131 026a 0269 13a5",
    "j": "0458 0408 03f3 1d0a",
    "k": "043a 041a 03ba 039a 1d0b 13e6",
    "l": "04cf 04c0 029f 0142 217c 13de",
    "m": "043c 041c 039c 1d0d 13b7",
    "n": "043f 03b7 039d 0274 0578 057c",
    "o": "043e 041e 03bf 039f 03c3 1d0f 0585 00f8 2080",
    "p": "0440 0420 03c1 03a1 1d18 13e2",
    "q": "051b 051a 0566",
    "r": "0433 0280 1d26 13a1",
    "s": "0455 0405 a731 054f 13da",
    "t": "0442 0422 03c4 03a4 1d1b 0167 13a2",
    "u": "03c5 1d1c 057d 0446 03bc",
    "v": "0475 0474 03bd 1d20 13d9",
    "w": "0461 051d 051c 03c9 1d21 13b3",
    "x": "0445 0425 03c7 03a7",
    "y": "0443 0423 03b3 03a5 028f 04af",
    "z": "0396 03b6 1d22 13c3",
}
"""Code points in hexadecimal, by the letter that they look like."""
_FOLDED: Final = {
    int(point, 16): letter for letter, points in _LOOK_ALIKES.items() for point in points.split()
}
_PASSES: Final = 3
"""Some letters are taken apart into letters that look like others again."""
_DIGITS: Final = str.maketrans("013457@$!|", "oieastasil")
"""What is written for letters on purpose; no more than the plain ones, as code is full of digits."""


def skeleton(text: str) -> str:
    """Return `text` in the small letters that it looks like, without accents, runs of whitespace as one."""
    for _ in range(_PASSES):
        text = text if text.isascii() else _folded(text)
    return " ".join(text.casefold().split())


def _folded(text: str) -> str:
    # Capitals look like others than their small letters do, so they are folded first.
    decomposed = unicodedata.normalize("NFKD", text.translate(_FOLDED).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_FOLDED)


def bare(skeleton: str) -> str:
    """Return the letters alone: spaced out, hyphenated or with digits in it, a phrase comes out the same."""
    return "".join(char for char in skeleton.translate(_DIGITS) if char.isalpha())
