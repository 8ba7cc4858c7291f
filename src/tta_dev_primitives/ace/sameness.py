"""Whether a rule may take two lessons for one: the same words, whatever the punctuation, or the same program.

How alike two texts look never decides here: "400 ms" and "40 ms", or "must" and "must not", look alike.
"""

from __future__ import annotations

from .content import Kind
from .lesson import Lesson, same_trigger
from .snippets import program_key
from .wording import Wording, wording_of


def says_the_same(one: Lesson, other: Lesson) -> bool:
    """Tell whether a rule may take two lessons for one.

    They are about the same: equal domain, form, language, libraries and error signatures. Prose has the same
    words in the same order; see `Wording.says`. Snippets are the same program; see `program_key`.
    """
    if not same_trigger(one, other):
        return False
    if one.kind is Kind.SNIPPET:
        key = program(one)
        return key is not None and key == program(other)
    return wording(one).says(wording(other))


def wording(lesson: Lesson) -> Wording:
    """Return what a lesson that is no snippet says."""
    return wording_of(lesson.content)


def program(lesson: Lesson) -> str | None:
    """Return what is equal for snippets that are the same program, None if it is no Python."""
    if lesson.trigger.language not in {None, "python"}:
        return None
    return program_key(lesson.content)
