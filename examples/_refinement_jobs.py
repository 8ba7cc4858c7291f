"""The functions that refinement.py has written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tta_dev_primitives.ace import CaseInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A function to write. `reference` is a right one, however slow, that no model ever sees."""

    task: str
    function: str
    reference: str
    cases: tuple[CaseInput, ...]
    workload: str


JOBS: Final = (
    Job(
        task="Write most_common(words): the word that stands most often in a list; of several, the one that "
        "comes first in the alphabet; None if there is no word.",
        function="most_common",
        reference="def most_common(words):\n"
        "    return min(words, key=lambda word: (-words.count(word), word), default=None)",
        cases=(
            {"args": [["b", "a", "b"]], "expected": "b"},
            {"args": [["b", "a"]], "expected": "a"},
            {"args": [[]], "expected": None},
        ),
        workload="most_common([str(n % 2900) for n in range(3000)])",
    ),
    Job(
        task="Write first_repeated(items): the first item of a list that stood in it before; None if every "
        "item is there only once.",
        function="first_repeated",
        reference="def first_repeated(items):\n"
        "    again = (item for place, item in enumerate(items) if item in items[:place])\n"
        "    return next(again, None)",
        cases=({"args": [[1, 2, 1, 2]], "expected": 1}, {"args": [["a"]], "expected": None}),
        workload="first_repeated(list(range(3000)))",
    ),
    Job(
        task="Write last_single(items): the last item of a list that is in it only once; None if no item is.",
        function="last_single",
        reference="def last_single(items):\n"
        "    single = (item for item in reversed(items) if items.count(item) == 1)\n"
        "    return next(single, None)",
        cases=({"args": [[3, 1, 2, 1]], "expected": 2}, {"args": [[1, 1]], "expected": None}),
        workload="last_single([n // 2 for n in range(4000)])",
    ),
)
