"""Scripted answers for refinement.py: a model that does what strategies and objections say, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel

from tta_dev_primitives.llm import Request, Role
from tta_dev_primitives.testing import Answer

NOTHING: Final = (
    "Try an input for which there is nothing to return, such as an empty list: max() and [0] raise there."
)
DEFAULT: Final = "max() and min() raise ValueError where there are no items: pass default=None."
SET: Final = "`item in list` and list.count() look at the whole list each time: count or look up in a dict."

DRAFTS: Final[Mapping[str, str]] = {
    "most_common": "def most_common(words):\n    return max(sorted(words), key=words.count)\n",
    "first_repeated": (
        "def first_repeated(items):\n"
        "    return [item for place, item in enumerate(items) if item in items[:place]][0]\n"
    ),
    "last_single": (
        "def last_single(items):\n    return [item for item in items if items.count(item) == 1][-1]\n"
    ),
}
REVISED: Final[Mapping[str, str]] = {
    "first_repeated": (
        "def first_repeated(items):\n"
        "    again = [item for place, item in enumerate(items) if item in items[:place]]\n"
        "    return again[0] if again else None\n"
    ),
    "last_single": (
        "def last_single(items):\n"
        "    single = [item for item in items if items.count(item) == 1]\n"
        "    return single[-1] if single else None\n"
    ),
}
STILL_SLOW: Final = (
    "def first_repeated(items):\n"
    "    for place, item in enumerate(items):\n"
    "        if item in items[:place]:\n"
    "            return item\n"
    "    return None\n"
)
FAST: Final = (
    "from collections import Counter\n\n\n"
    "def last_single(items):\n"
    "    times = Counter(items)\n"
    "    return next((item for item in reversed(items) if times[item] == 1), None)\n"
)


def answer(request: Request[BaseModel]) -> Answer:
    """Answer a step, or reflect on what became of it."""
    if request.role is Role.REFLECTOR:
        return {"diagnosis": "As the feedback says.", "insights": _insights(request.prompt)}
    step, function = request.task_id.split()
    if step == "Examine":
        wary = NOTHING in request.prompt
        return {"objections": [{"arguments": "[[]]", "why": "There is nothing to return."}] if wary else []}
    if step == "Optimise":
        return {"code": FAST if SET in request.prompt else STILL_SLOW}
    return {"code": (REVISED if "# Objections" in request.prompt else DRAFTS)[function]}


def _insights(prompt: str) -> Sequence[Mapping[str, object]]:
    if "nothing was objected" in prompt:
        return [{"kind": "check", "content": NOTHING, "keywords": ["list", "none"]}]
    if "max() arg is an empty sequence" in prompt or "max() iterable argument is empty" in prompt:
        return [{"kind": "api_fact", "content": DEFAULT, "keywords": ["most"]}]
    if "too slow" in prompt:
        return [{"kind": "rule", "content": SET, "keywords": ["list", "item"]}]
    return []
