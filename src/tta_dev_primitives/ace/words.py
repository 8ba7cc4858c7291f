"""Words of texts, as they are compared to find what bears on a task."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from .bullet import Bullet
from .topic import Topic

ASIDE = 0.1
"""Weight of a word that only the context or the given code of a task has: documentation names everything."""
_MAX_WORDS = 300
_WORD = re.compile(r"[^\W\d_]\w{2,}")
_SHORTEST = 3


def task_words(task: Topic) -> Mapping[str, float]:
    """Return the distinct words of what is asked and their weights, above 0 to 1; the task's own weigh 1."""
    asked = dict.fromkeys(_words("\n".join((task.task, *task.names))), 1.0)
    aside = dict.fromkeys(_words(f"{task.context}\n{task.code}"), ASIDE)
    weights = {**asked, **{word: weight for word, weight in aside.items() if word not in asked}}
    return dict(list(weights.items())[:_MAX_WORDS])


def bullet_words(bullet: Bullet) -> Mapping[str, int]:
    """Return how often each word occurs in the content and the trigger of a bullet."""
    trigger = bullet.trigger
    parts = (bullet.content, *trigger.libraries, *trigger.keywords, *trigger.error_signatures)
    return Counter(_words("\n".join(parts)))


def distinct_words(text: str) -> frozenset[str]:
    """Return the words of `text`, without case and accents."""
    return frozenset(_words(text))


def _words(text: str) -> list[str]:
    """Return the words without case and accents, and the parts of names with underscores as well."""
    if not text.isascii():
        text = "".join(
            char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
        )
    words: list[str] = _WORD.findall(text.casefold())
    if "_" in text:
        words += [part for word in words if "_" in word for part in word.split("_") if len(part) >= _SHORTEST]
    return words
