"""The words of a lesson in one form, whatever the punctuation; what carries meaning stays as it is.

Names, numbers, units, negations, brackets and operators are words as well. Only case of plain words,
punctuation, articles, contractions and phrases such as "make sure to" at the beginning make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from .content import clean_line


def word_set(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())


STOP = "."
"""Stands between two sentences or clauses, however they were divided."""
_PATTERN = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|[\"\u201c](?P<text>[^\"\u201d]+)[\"\u201d]"
    r"|(?<!\w)'(?P<quoted>[^']+)'(?!\w)"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)+(?:\(\))?"  # dotted, snake_case, camelCase, PascalCase, called()
    r"|(?:\w*[^\W_]_\w+|_+\w+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*|[A-Z]{2,}[a-z]\w*)(?:\(\))?|[^\W\d]\w*\(\))"
    r"|(?P<number>0[xX][0-9a-fA-F]+|(?:(?<![\w)\]])[-+])?\d+(?:[,_]\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    r"|(?P<word>[^\W\d_][^\W_]*(?:[-'\u2019][^\W_]+)*)"
    r"|(?P<stop>[.;:!?]+(?=\s|$))"
    r"|(?P<comma>,(?=\s|$))"
    r"|(?P<symbol>[^\s\w,.;:!?\"'`\u2018-\u201d\u2013\u2014\u2026]+|[.;:,!?](?=\S))"
)
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
    )
}
_SIGN = re.compile(r"(?<=\d)\s*[\u2013\u2014]\s*(?=\d)|[\u2012\u2013\u2014\u2212](?=\d)")
"""A minus, or a range from one number to another, that was not typed as a hyphen."""
_RANGE = re.compile(r"(?<=\d)\s*\u2026\s*(?=\d)")
_CONSTANT = re.compile(r"[-+]?\d[\w.]*|true|false|none|null", re.IGNORECASE)
_CONTRACTIONS = {"cannot": ("can", "not"), "can't": ("can", "not"), "won't": ("will", "not")}
_FILLERS = word_set("please simply so that the")
_ARTICLES = word_set("a an")
LINKS = word_set(
    "after at because before by during for from if in inside of on once outside since to under unless"
    " until when whenever where while with within without"
)
"""Words that begin a phrase which may stand before or after what it goes with."""
_AND = word_set("and or is are equals")
_LEADS: tuple[tuple[str, ...], ...] = (
    ("always",),
    ("be", "sure", "to"),
    ("make", "sure", "to"),
    ("note",),
    ("remember", "to"),
    ("you", "have", "to"),
    ("you", "must"),
    ("you", "need", "to"),
    ("you", "should"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a text says. `commas` are the numbers of words after which a comma stood."""

    words: tuple[str, ...]
    commas: frozenset[int]

    def says(self, other: Wording) -> bool:
        """Tell whether both say the same: equal words, but that a phrase may have moved to the other end."""
        equal = self.words == other.words or self._moved(other) or other._moved(self)
        return equal and bool(self.words)

    def _moved(self, other: Wording) -> bool:
        """Tell whether `other` ends with the phrase that this begins with: "In X, do Y", "do Y in X"."""
        if STOP in self.words or not self.words or self.words[0] not in LINKS:
            return False
        return any(self.words[at:] + self.words[:at] == other.words for at in self.commas)


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str
    text: str


@lru_cache(maxsize=1 << 15)
def wording_of(text: str) -> Wording:
    """Return what `text`, a line of prose, says."""
    line = _RANGE.sub("...", _SIGN.sub("-", clean_line(text)))
    tokens = [token for match in _PATTERN.finditer(line) for token in _tokens(match)]
    tokens = tokens[_lead(tokens) :]
    words, commas = list[str](), set[int]()
    for token, following in zip_longest(tokens, tokens[1:]):
        if token.sort == "comma":
            commas.add(len(words))
        elif not _is_filler(token, following):
            words.append(token.text)
    while words and words[-1] == STOP:
        words.pop()
    return Wording(words=tuple(words), commas=frozenset(commas - {0}))


def _tokens(match: re.Match[str]) -> Iterator[_Token]:
    sort, text = match.lastgroup or "", match[match.lastgroup or 0]
    match sort:
        case "number":
            yield _Token(sort, text.lower().replace(",", "").replace("_", "").removeprefix("+"))
        case "word":
            yield from (_Token(sort, word) for word in _plain(text, first=match.start() == 0))
        case "text" | "quoted" if _CONSTANT.fullmatch(text):
            yield _Token("name", f'"{text}"')  # a text that looks like a value is not that value
        case "code" | "text" | "quoted" | "name":
            yield _Token("name", text.removesuffix("()"))
        case "stop":
            yield _Token(sort, STOP)
        case _:
            yield _Token(sort, text)


def _plain(text: str, *, first: bool) -> tuple[str, ...]:
    """Return a plain word in lower case, contractions written out; a lone capital is a name: option A."""
    if len(text) == 1 and text.isupper() and not first:
        return (text,)
    word = text.casefold().replace("\u2019", "'")
    if word in _CONTRACTIONS:
        return _CONTRACTIONS[word]
    if word.endswith("n't"):
        return (word.removesuffix("n't"), "not")
    return (_NUMBERS.get(word, word),)


def _lead(tokens: Sequence[_Token]) -> int:
    """Return how many tokens say no more than that the rest is to be done."""
    words = tuple(token.text for token in tokens[:3])
    return max((len(lead) for lead in _LEADS if words[: len(lead)] == lead), default=0)


def _is_filler(token: _Token, following: _Token | None) -> bool:
    """Tell whether a word says nothing. What looks like an article may be a name: "subtract a from b"."""
    if token.sort != "word":
        return False
    if token.text not in _ARTICLES:
        return token.text in _FILLERS
    return following is not None and following.sort in {"word", "name"} and following.text not in LINKS | _AND
