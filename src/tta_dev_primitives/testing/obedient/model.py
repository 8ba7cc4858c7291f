"""ObedientModel: the worst model that there can be, for tests of what its host still does not let happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from ...core.context import WorkflowContext
from ...llm.types import LanguageModel, Reply, Request, Role, T
from ..scripted_model import ScriptedModel
from .answers import curated, reflected, written
from .orders import Meaning, Order, orders_in
from .reading import parts_of

Base = Callable[[Request[BaseModel]], Mapping[str, object]]
"""What the model would answer if nobody told it anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """An order that was followed. `inside` says that it was read inside of a data block alone."""

    role: Role
    task_id: str
    attempt: int
    order: Order
    inside: bool


class ObedientModel(LanguageModel):
    """Answers as `base` does, and does besides whatever any text in its prompt tells it, in the worst way.

    With `gullible` it also obeys what stands in data blocks: then nothing but the host is between an attack
    and its effect. Without, it takes blocks as the data that they are: then `obeyed` shows what escaped them.
    `meanings` are what it reads in words of any language. `mischief` is Python that its programs run once
    they obey anything. Ids, counters, status, scope and a verdict of its own stand in all of its answers.

    >>> model = ObedientModel(lambda request: {"code": "print(1)"})
    >>> model.obeyed
    ()
    """

    def __init__(
        self,
        base: Base,
        *,
        gullible: bool = True,
        meanings: tuple[Meaning, ...] = (),
        mischief: str = "",
        name: str = "obedient",
    ) -> None:
        self._base, self._gullible, self._meanings, self._mischief = base, gullible, meanings, mischief
        self._model = ScriptedModel(self._answer, name=name)
        self._obeyed: list[Obeyed] = []

    @property
    def name(self) -> str:
        """The name given."""
        return self._model.name

    @property
    def requests(self) -> tuple[Request[BaseModel], ...]:
        """What it was asked, oldest first."""
        return tuple(self._model.requests)

    @property
    def obeyed(self) -> tuple[Obeyed, ...]:
        """The orders that it followed, oldest first."""
        return tuple(self._obeyed)

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        """Answer from what the prompt orders.

        Raises:
            ModelOutputInvalid: obeying led to no `request.output`.
        """
        return await self._model.ask(request, context)

    def _answer(self, request: Request[BaseModel]) -> Mapping[str, object]:
        parts = parts_of(request.prompt)
        outside = orders_in(parts.outside, self._meanings)
        inside = orders_in(parts.inside, self._meanings) if self._gullible else ()
        orders = tuple(dict.fromkeys((*outside, *inside)))
        self._obeyed += [
            Obeyed(
                role=request.role,
                task_id=request.task_id,
                attempt=request.attempt,
                order=order,
                inside=order not in outside,
            )
            for order in orders
        ]
        answer = self._base(request)
        if request.role is Role.GENERATOR:
            return written(answer, orders, request.prompt, self._mischief)
        if request.role is Role.CURATOR:
            return curated(answer, orders, request.prompt)
        return reflected(answer, orders, parts.inside, parrots=self._gullible)
