"""An invented history of a playbook, in a language whose words are as uneven as real ones (Zipf)."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate

from tta_dev_primitives.ace.bullet import Provenance, Trigger
from tta_dev_primitives.ace.content import Kind, bullet_id
from tta_dev_primitives.ace.delta import AddBullet, Delta, TagBullet
from tta_dev_primitives.ace.episode import Episode
from tta_dev_primitives.ace.events import (
    Add,
    Observe,
    PlaybookEvent,
    Recorded,
    Revise,
    Seal,
    Suspend,
    Tag,
    TagKind,
    record,
)
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.task import Task, parse_task

EVENTS_A_BULLET = 10
CORE = 20
LIBRARIES = 40
COMMON = [
    "the",
    "and",
    "when",
    "with",
    "for",
    "that",
    "not",
    "must",
    "before",
    "after",
    "value",
    "call",
    "use",
]
_OBSERVED = 6


class Words:
    """Sentences of an invented language; equal seeds say the same."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # a fixture, not a secret

    def sentence(self, words: int) -> str:
        total = _WEIGHTS[-1]
        return " ".join(_WORDS[bisect(_WEIGHTS, self._random.random() * total)] for _ in range(words))

    def library(self) -> str:
        return f"lib{self._random.randrange(LIBRARIES):02d}x"

    def number(self, below: int) -> int:
        return self._random.randrange(below)

    def lesson(self, title: str) -> AddBullet:
        """Return a lesson of about 20 words about one of the libraries."""
        trigger = Trigger(language="python", libraries=(self.library(),), keywords=(self.sentence(1),))
        return AddBullet(kind=Kind.RULE, content=f"{title}: {self.sentence(18)}.", trigger=trigger)


def _vocabulary() -> list[str]:
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "or")]
    rare = random.Random(0)  # noqa: S311  # the language is the same for every seed
    return [*COMMON, *("".join(rare.choices(syllables, k=3)) for _ in range(4_000))]


_WORDS = _vocabulary()
_WEIGHTS = list(accumulate(1 / (rank + 2) for rank in range(len(_WORDS))))


def history(size: int) -> Iterator[Recorded]:
    """Yield ten events a strategy: one learns it, six observe, two tag, and one in five of the rest rewords.

    As in use, a lesson is learned in a run of its own, and later runs observe and tag whatever they chose.
    """
    words, ids, revisions = Words(size), list[str](), dict[str, int]()
    for number in range(size * EVENTS_A_BULLET):
        run, place = f"run-{number // EVENTS_A_BULLET}", number % EVENTS_A_BULLET
        event = _event(words, ids, revisions, number, place, run)
        yield record(event, at=number, run_id=run, actor="curator" if place == 0 else "playbox")


def _event(  # noqa: PLR0913, PLR0917
    words: Words, ids: list[str], revisions: dict[str, int], number: int, place: int, run: str
) -> PlaybookEvent:
    if place == 0:
        lesson = words.lesson(f"Rule {number}")
        ids.append(bullet_id("general", lesson.kind, lesson.content))
        return Add(
            bullet=ids[-1],
            kind=lesson.kind,
            content=lesson.content,
            trigger=lesson.trigger,
            provenance=source(run),
        )
    if place == EVENTS_A_BULLET - 1 and len(ids) <= CORE:
        return Seal(bullet=ids[-1])
    bullet = ids[words.number(len(ids))]
    if place <= _OBSERVED:
        return observed(bullet, run)
    if place == EVENTS_A_BULLET - 1:
        if words.number(50) == 0:
            return Suspend(bullet=bullet, reason="it did not help")
        if words.number(5) == 0:
            revisions[bullet] = revisions.get(bullet, 1) + 1
            return Revise(
                bullet=bullet,
                revision=revisions[bullet] - 1,
                content=f"Better {number}: {words.sentence(18)}.",
            )
    return Tag(bullet=bullet, tag=TagKind.HELPFUL, episode_id=f"{run}/{place}")


def observed(bullet: str, run: str) -> Observe:
    return Observe(bullet=bullet, episode_id=run, included=True, propensity=0.9, success=True, score=1.0)


def source(run: str) -> Provenance:
    return Provenance(task_id=f"task of {run}", run_id=run, model="none", actor="curator", origin="live")


def commit_of(size: int, number: int) -> Commit:
    """Return what one run stores: a lesson, a tag, six observations and its episode."""
    words, run = Words(number), f"measured-{number}"
    names = [f"str-{1 + words.number(size):05d}" for _ in range(_OBSERVED + 1)]
    operations = (words.lesson(f"New {number}"), TagBullet(bullet=names[0], tag=TagKind.HELPFUL))
    return Commit(
        run_id=run,
        delta=Delta(operations=operations, provenance=source(run), episode_id=run),
        observations=tuple(observed(name, run) for name in names[1:]),
        episode=_episode(run),
    )


def task(number: int) -> Task:
    words = Words(-number - 1)
    text = f"{words.sentence(70)} {words.library()}"
    return parse_task({"task": text, "id": f"task-{number}", "expected_output": "1"})


def query(number: int) -> str:
    """Return three words to look for: a library or not, and words as frequent as those of a sentence."""
    words = Words(10**6 + number)
    return f"{words.sentence(2)} {words.library() if number % 2 else words.sentence(1)}"


def _episode(run: str) -> Episode:
    return Episode(
        id=run,
        run_id=run,
        task_id=f"task of {run}",
        family="general",
        task="invented",
        language="python",
        playbook_version=0,
        success=True,
        first_try=True,
        verdict="passed",
        score=1.0,
        seed=7,
        model="m",
        origin="scripted",
        started_at="2026-01-01T00:00:00Z",
        finished_at="2026-01-01T00:00:01Z",
    )
