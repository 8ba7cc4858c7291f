"""The skeleton of a text: equal for texts that look alike, so that a pattern is not fooled by other letters.

A small table in the manner of Unicode TR39, for letters that pass for those of ASCII. It is compared, never
stored.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from string import ascii_lowercase
from typing import Final

_LOOK_ALIKES: Final[Mapping[str, str]] = {
    "a": "0430 03b1 0391 0410 0251 1d00 13aa 237a a4ee",
    "b": "0432 0412 03b2 0392 044c 042c 0299 0185 13cf a4d0",
    "c": "0441 0421 03f2 03f9 1d04 13df 217d a4da",
    "d": "0501 0500 1d05 0111 13e7 a4d3",
    "e": "0435 0415 03b5 0395 0454 0404 1d07 13ac 212e a4f0",
    "f": "a730 03dd 0192 a4dd",
    "g": "0261 0581 0262 050d a4d6",
    "h": "043d 041d 0397 04bb 04ba 029c 0570 0127 13bb a4e7",
    "i": "1d09 0456 0406 03b9 0399 0131 026a 0269 13a5 a4f2",
    "j": "0458 0408 03f3 1d0a a4d9",
    "k": "043a 041a 03ba 039a 1d0b 13e6 a4d7",
    "l": "04cf 04c0 029f 0142 217c 13de a4e1",
    "m": "043c 041c 039c 1d0d 13b7 a4df",
    "n": "043f 03b7 039d 0274 0578 057c a4e0",
    "o": "043e 041e 03bf 039f 03c3 1d0f 0585 00f8 2080 a4f3",
    "p": "0440 0420 03c1 03a1 1d18 13e2 a4d1",
    "q": "051b 051a 0566",
    "r": "0433 0280 1d26 13a1 a4e3",
    "s": "0455 0405 a731 054f 13da a4e2",
    "t": "0442 0422 03c4 03a4 1d1b 0167 13a2 a4d4",
    "u": "03c5 1d1c 057d 0446 03bc a4f4",
    "v": "0475 0474 03bd 1d20 13d9 a4e6",
    "w": "0461 051d 051c 03c9 1d21 13b3 a4ea",
    "x": "0445 0425 03c7 03a7 a4eb",
    "y": "0443 0423 03b3 03a5 028f 04af a4ec",
    "z": "0396 03b6 1d22 13c3 a4dc",
    "-": "2010 2011 2012 2013 2014 2015 2212 2043 02d7",
    "/": "2044 2215 29f8 2571",
    "|": "01c0 2223 2758 23d0 00a6 2502",
    "<": "2039 02c2 1438 276e 27e8 2329 3008 300a",
    ">": "203a 02c3 1433 276f 27e9 232a 3009 300b",
    ":": "a789 2236 05c3 02d0",
    "=": "a78a 30a0 2e40",
    "_": "ff3f 2581",
    " ": "2800 16fe4",
}
"""Code points in hexadecimal, by the letter or sign that they look like."""
_FILLED: Final = (0x1F150, 0x1F170, 0x1F1E6)
"""Where letters in black circles, in black squares and of flags begin: others in circles are taken apart."""
_FOLDED: Final = {
    **{int(point, 16): letter for letter, points in _LOOK_ALIKES.items() for point in points.split()},
    **{first + place: letter for first in _FILLED for place, letter in enumerate(ascii_lowercase)},
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
