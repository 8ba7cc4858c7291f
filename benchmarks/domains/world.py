"""A world: tasks of one domain with quirks that can be learned, and what a scripted model makes of them.

The model is a craftsman. What he writes depends on the sentences that stand in his prompt, and on nothing
else: strategies of the playbook, the task, and what came of his earlier attempts at it. He never sees the
number of a task.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from tta_dev_primitives.ace import AceOptions, Reflect
from tta_dev_primitives.ace.store import PlaybookStore
from tta_dev_primitives.core.errors import MeasurementUndecided
from tta_dev_primitives.learners.domain import DomainLearner
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, MemoryStore, ScriptedModel, shows

T = TypeVar("T")
K = TypeVar("K")

TASKS = 30
WINDOW = 10
"""First-try success of the last so many tasks is compared with that of the first."""
LEARNING = AceOptions(probes=0)
CONTROL = AceOptions(probes=0, inclusion=0.0, reflect=Reflect.NEVER)
_TASK = "# Task\n"
_ATTEMPT = "# Attempt 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirk:
    """Something that one has to know. `sign` is a pattern of what a failed attempt shows of it."""

    name: str
    lesson: str
    sign: str
    keywords: tuple[str, ...] = ()


class Craft(Protocol):
    """What the craftsman can do."""

    @property
    def quirks(self) -> Sequence[Quirk]:
        """All that there is to know."""
        ...

    def program(self, task: str, known: frozenset[str]) -> str:
        """Return what he writes for a task that reads so, knowing the quirks of these names."""
        ...

    def concerns(self, quirk: Quirk, task: str) -> bool:
        """Tell whether he can see from the task that a quirk may play a part in it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World(Generic[T]):
    """`tasks(seed)` are the tasks in order, `model` writes for them. `seeds` is how many runs do."""

    name: str
    model: Callable[[], ScriptedModel]
    tasks: Callable[[int], Sequence[T]]
    learner: Callable[..., DomainLearner[T]]
    seeds: int = 3


def dealt(kinds: Sequence[K], source: random.Random) -> Iterator[K]:
    """Yield kinds of tasks as cards from a deck that is shuffled anew when all were dealt."""
    while True:
        yield from source.sample(list(kinds), len(kinds))


def craftsman(craft: Craft) -> ScriptedModel:
    """Return the model that writes what `craft` can, and reflects on what its attempts showed."""

    def answer(request: Request[BaseModel]) -> Answer:
        if request.role is Role.GENERATOR:
            return _written(craft, request.prompt)
        if request.role is Role.REFLECTOR:
            return _reflected(craft, request.prompt)
        numbers = re.findall(r"^# Insight (\d+)", request.prompt, re.MULTILINE)
        return {"decisions": [{"insight": int(number), "action": "add"} for number in numbers]}

    return ScriptedModel(answer, name="craftsman")


async def first_tries(
    world: World[T], sandbox: Sandbox, *, seed: int, options: AceOptions, store: PlaybookStore | None = None
) -> list[bool | None]:
    """Return whether the first program solved each task, in order; None where nobody could tell."""
    learner = world.learner(
        model=world.model(),
        sandbox=sandbox,
        store=store or MemoryStore(),
        options=options,
        settings=Settings(),
    )
    return [await _first_try(learner, task) for task in world.tasks(seed)]


async def _first_try(learner: DomainLearner[T], task: T) -> bool | None:
    try:
        result = await learner.execute(task)
    except MeasurementUndecided:
        return None
    return result.execution_success and result.attempts == 1


def _written(craft: Craft, prompt: str) -> Mapping[str, object]:
    strategies, _, rest = prompt.partition(_TASK)
    task, _, attempts = rest.partition(_ATTEMPT)
    told = {quirk.name for quirk in craft.quirks if shows(strategies, quirk.lesson)}
    known = frozenset(told | {quirk.name for quirk in _shown(craft, task, attempts)})
    return {"plan": f"Mind {', '.join(sorted(known)) or 'nothing'}.", "code": craft.program(task, known)}


def _reflected(craft: Craft, prompt: str) -> Mapping[str, object]:
    strategies, _, rest = prompt.partition(_TASK)
    task, _, attempts = rest.partition(_ATTEMPT)
    insights = [
        {"kind": "pitfall", "content": quirk.lesson, "keywords": list(quirk.keywords)}
        for quirk in _shown(craft, task, attempts)
        if not shows(strategies, quirk.lesson)
    ]
    return {"diagnosis": "What the attempts showed.", "insights": insights}


def _shown(craft: Craft, task: str, attempts: str) -> list[Quirk]:
    """Return the quirks that the attempts show."""
    return [
        quirk
        for quirk in craft.quirks
        if craft.concerns(quirk, task) and re.search(quirk.sign, attempts) is not None
    ]
