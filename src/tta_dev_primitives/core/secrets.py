"""Secrets: values that nobody may be told, compiled once and found in every usual form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .secret_forms import encoded, hexadecimal, written
from .views import BLANKS, QUOTES, View, packed, unwrapped
from .visible import visible

REDACTED: Final = "[redacted]"
SHORTEST_SECRET: Final = 6
"""Redacting shorter values would blank out ordinary words."""
_SHORTEST_WRAPPED: Final = 8
"""Shorter values are not looked for across line breaks, where two words may meet by chance."""
_SHORTEST_LINE: Final = 20
"""A line of a secret, such as of a key file, is one by itself if it has no blanks and as many characters."""
_OVERLAPPING: Final = 256
"""Longer values are not looked for within themselves."""
_IN_BASE64: Final = re.compile(r"[a-z0-9+/_-]", re.IGNORECASE)
_PADDING: Final = "="
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a secret in lower case; `before` and `after` as in `Encoded`."""

    text: str
    before: bool = False
    after: bool = False


class Secrets:
    """Values that nobody may be told.

    They are found whatever the case: as they are, reversed, escaped for JSON, Python, HTML, shells and URLs,
    in base64 at each offset, in hexadecimal with any separators, and wrapped over lines. Characters that
    nobody sees do not hide them. Values below 6 characters are not kept: they would blank out ordinary words.
    Two are equal if their values are.
    """

    __slots__ = ("_forms", "_hexadecimal", "_wrapped", "values")

    def __init__(self, values: Iterable[str] = ()) -> None:
        cleaned = (form.strip() for value in values for form in (value, visible(value.replace("\r\n", "\n"))))
        self.values = frozenset(value for value in cleaned if len(value) >= SHORTEST_SECRET)
        forms, digits = set[_Form](), set[_Form]()
        for value in self.values.union(*map(_lines, self.values)):
            forms |= set(_forms(value))
            digits.add(_Form(hexadecimal(value)))
        self._forms, self._hexadecimal = tuple(forms), tuple(digits)
        self._wrapped = tuple((around, tuple(_wrapped(forms, around))) for around in (BLANKS, QUOTES))

    def hide(self, text: str) -> str:
        """Return `text` with each form of each value replaced by [redacted]; it takes linear time.

        Text in which nothing is found comes back as it was; else without the characters that nobody sees.
        """
        if not self.values:
            return text
        shown = visible(text)
        spans = _merged(self._spans(shown))
        if not spans:
            return text
        parts, at = list[str](), 0
        for begin, end in spans:
            parts += (shown[at:begin], REDACTED)
            at = end
        return "".join((*parts, shown[at:]))

    def _spans(self, text: str) -> Iterator[_Span]:
        lowered = _lower(text)
        yield from _found(self._forms, lowered)
        yield from _cut_off(self._forms, lowered)
        if "\n" in lowered or "\\" in lowered:
            for around, forms in self._wrapped:
                yield from _found_in(unwrapped(lowered, around), forms)
        yield from _found_in(packed(lowered), self._hexadecimal)

    def __or__(self, other: Secrets) -> Secrets:
        if other.values <= self.values:
            return self
        return other if self.values <= other.values else Secrets(self.values | other.values)

    def __bool__(self) -> bool:
        return bool(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secrets) and self.values == other.values

    def __hash__(self) -> int:
        return hash(self.values)

    def __repr__(self) -> str:
        return f"Secrets(<{len(self.values)} values>)"


def _lower(text: str) -> str:
    """Return `text` in lower case, each character in its place."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _lines(value: str) -> Iterator[str]:
    lines = value.split("\n")
    if len(lines) > 1:
        yield from (line for each in lines if len(line := each.strip()) >= _SHORTEST_LINE and " " not in line)


def _forms(value: str) -> Iterator[_Form]:
    yield from (_Form(_lower(text)) for text in written(value))
    for each in encoded(value):
        yield _Form(_lower(each.text), before=each.before, after=each.after)


def _wrapped(forms: Iterable[_Form], around: str) -> Iterator[_Form]:
    for form in forms:
        text = unwrapped(form.text, around).text
        # The shortest base64 shares a character with what stands before it.
        if len(text) >= _SHORTEST_WRAPPED - form.before:
            yield _Form(text, before=form.before, after=form.after)


def _found_in(view: View, forms: Iterable[_Form]) -> Iterator[_Span]:
    for begin, end in _found(forms, view.text):
        yield view.span(begin, end)


def _found(forms: Iterable[_Form], text: str) -> Iterator[_Span]:
    for form in forms:
        at = text.find(form.text)
        while at >= 0:
            yield _widened(form, text, at, at + len(form.text))
            # A short one may overlap itself; a long one of equal characters would take quadratic time.
            at = text.find(form.text, at + (1 if len(form.text) <= _OVERLAPPING else len(form.text)))


def _cut_off(forms: Iterable[_Form], text: str) -> Iterator[_Span]:
    """Yield where the end of `text` is at least half of a form: whoever capped the text cut it in two."""
    for form in forms:
        half = len(form.text) // 2
        if half < SHORTEST_SECRET:
            continue
        at = text.find(form.text[:half], max(0, len(text) - len(form.text) + 1))
        if at >= 0 and form.text.startswith(text[at:]):
            yield at, len(text)


def _widened(form: _Form, text: str, begin: int, end: int) -> _Span:
    """Return a place with the characters of base64 around it that the secret decides in part."""
    if form.before and begin and _IN_BASE64.match(text, begin - 1):
        begin -= 1
    if form.after:
        end += bool(_IN_BASE64.match(text, end))
        while end < len(text) and text[end] == _PADDING:
            end += 1
    return begin, end


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    merged = list[_Span]()
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged


NO_SECRETS: Final = Secrets()
