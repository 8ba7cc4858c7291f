"""Contradictions that a rule may propose: the same sentence with another number, or with a "not" more.

A proposal only. Which of the two is right is for runs to decide; until then both are kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

from .bullet import Bullet, Kind
from .delta import MarkConflict
from .lesson import Lesson, Place, place_of
from .playbook import Playbook
from .sameness import wording
from .wording import STOP, Wording, word_set

_NUMBER = re.compile(r"-?\d[\w.]*")
_AUXILIARIES = word_set("do does did")
_NEGATIONS = word_set("never no not")
_PAIRS = (
    "after/before all/none allowed/forbidden ascending/descending decreasing/increasing disable/enable"
    " disabled/enabled even/odd exclude/include excludes/includes exclusive/inclusive false/true"
    " first/last immutable/mutable largest/smallest left/right less/more local/utc lower/upper"
    " lowercase/uppercase max/min maximum/minimum newest/oldest one-based/zero-based optional/required"
    " without/with"
)
_OPPOSITES: Mapping[str, str] = MappingProxyType(
    {word: pair for pair in _PAIRS.split() for word in pair.split("/")}
)
_VERBS = word_set(
    "accept accepts add allow allows are be begin begins call can close come comes contain contains"
    " convert count counts divide do does end ends expect expects give gives has have hold holds is keep"
    " last lasts may mean means must multiply need needs open pass raise raises read repeat require"
    " requires retry return returns round send set should skip sort split stand stands start starts"
    " subtract take takes treat use uses wait was will write"
)
"""What comes after one of these is said of something; what comes before is what it is said of."""
_CONDITIONS = word_set("if unless until when whenever where while")
_LABELS = word_set(
    "case code column error field for http in level line on option page row status step type version"
)
"""A number after one of these, unless a unit follows, is the name of something."""
_UNIT_WORDS = (
    "%/percent b/byte/bytes char/chars/character/characters d/day/days gb h/hour/hours kb line/lines mb"
    " min/minute/minutes ms/millisecond/milliseconds ns row/rows s/second/seconds times token/tokens us"
)
_UNITS: Mapping[str, str] = MappingProxyType(
    {word: unit.partition("/")[0] for unit in _UNIT_WORDS.split() for word in unit.split("/")}
)
_MOST = 2
"""With more that differ, it is another example rather than a contradiction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """A sentence without what can be the other way round.

    `fillings` stood at `slots`, a negation before each of `negated`; a clause begins at each of `breaks`.
    """

    words: tuple[str, ...]
    fillings: tuple[str, ...]
    slots: tuple[int, ...]
    negated: frozenset[int]
    breaks: tuple[int, ...]


def contradiction(one: Lesson, other: Lesson) -> str | None:
    """Return how `one` seems to contradict `other`, or None if no rule sees it.

    Both are about the same libraries and equal word by word, but for a negation, a word and its opposite, or
    a number; and that stands in what is said, neither in a condition nor in what it is said of: what holds of
    status 1 does not contradict what holds of status 2. Another name is another thing, never a contradiction.
    """
    if Kind.SNIPPET in {one.kind, other.kind} or place_of(one) != place_of(other):
        return None
    left, right = _frame(wording(one)), _frame(wording(other))
    return _opposed(left, right) if left.words == right.words else None


def contradictions_of(playbook: Playbook) -> tuple[MarkConflict, ...]:
    """Return a mark for each pair of bullets in use that seem to contradict each other, if it has none yet.

    Pairs that were found to differ are left alone.
    """
    groups: dict[tuple[Place, tuple[str, ...]], list[Bullet]] = defaultdict(list)
    for bullet in playbook.active:
        if bullet.kind is not Kind.SNIPPET:
            groups[place_of(bullet), _frame(wording(bullet)).words].append(bullet)
    return tuple(mark for group in groups.values() for mark in _marks(group, playbook))


def _marks(group: Sequence[Bullet], playbook: Playbook) -> Iterator[MarkConflict]:
    for older, newer in combinations(group, 2):
        reason = contradiction(newer, older)
        if reason is not None and not playbook.compared(older, newer):
            yield MarkConflict(bullet=newer.id, other=older.id, reason=reason)


def _frame(wording: Wording) -> _Frame:
    words, fillings, slots, negated, breaks = list[str](), list[str](), list[int](), set[int](), [0]
    for number, word in enumerate(wording.words):
        if number in wording.commas or word == STOP:
            breaks.append(len(words))
        pair = _OPPOSITES.get(word.casefold())
        if word in _NEGATIONS:
            if words and words[-1] in _AUXILIARIES:
                words.pop()
            negated.add(len(words))
        elif word in _UNITS and words[-1:] == ["#"]:
            fillings[-1] += f" {_UNITS[word]}"
        elif pair is not None or _NUMBER.fullmatch(word):
            fillings.append(word)
            slots.append(len(words))
            words.append(pair or "#")
        else:
            words.append(word)
    return _Frame(
        words=tuple(words),
        fillings=tuple(fillings),
        slots=tuple(slots),
        negated=frozenset(negated),
        breaks=tuple(breaks),
    )


def _opposed(one: _Frame, other: _Frame) -> str | None:
    """Return how two sentences with the same words but for their fillings and negations are opposed."""
    negations = one.negated ^ other.negated
    pairs = zip(one.slots, one.fillings, other.fillings, strict=True)
    differ = [(at, mine, theirs) for at, mine, theirs in pairs if mine != theirs]
    if len(negations) == 1 and not differ:
        (at,) = negations
        return None if _in_condition(one, at) else "one denies what the other says"
    if (
        negations
        or not 0 < len(differ) <= _MOST
        or not all(_is_said(one, at, mine) for at, mine, _ in differ)
    ):
        return None
    return "; ".join(f"{mine} against {theirs}" for _, mine, theirs in differ)


def _is_said(frame: _Frame, at: int, filling: str) -> bool:
    """Tell whether the filling at `at` is what is said, and not what it is said of or when."""
    before = frame.words[:at]
    label = filling.isdecimal() and bool(_LABELS.intersection(before[-1:]))
    return not label and not _in_condition(frame, at) and any(word in _VERBS for word in before)


def _in_condition(frame: _Frame, at: int) -> bool:
    clause = max(start for start in frame.breaks if start <= at)
    return any(word in _CONDITIONS for word in frame.words[clause:at])
