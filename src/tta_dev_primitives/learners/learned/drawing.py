"""Drawing the strategies of one run; in a durable run the draw is kept, as the step's result is."""

from __future__ import annotations

from ...ace.episode import Choice
from ...ace.keeper import Keeper
from ...ace.options import AceOptions
from ...ace.playbook import Playbook
from ...ace.relevance import RelevanceIndex
from ...ace.selection import Selection, select
from ...ace.value import Value
from ...core.context import WorkflowContext
from ...core.primitive import LambdaPrimitive
from .about import About
from .taken import Taken


class _Drawn(Value):
    """A draw as text, from which it can be had again with the playbook of that version."""

    version: int
    choices: tuple[Choice, ...]
    held_out: bool
    explored: bool
    seed: int


class Drawer:
    """Draws strategies for a step, from the playbook that `keeper` keeps."""

    def __init__(self, keeper: Keeper, options: AceOptions, index: RelevanceIndex) -> None:
        self._keeper, self._options, self._index = keeper, options, index

    async def take(self, step: str, about: About, context: WorkflowContext) -> Taken:
        """Return the step with its strategies drawn from the latest playbook.

        A run that is resumed gets those that it had: they may have made what its journal kept.

        Raises:
            StoreError: the playbook cannot be read.
        """
        playbook, selection = await self._draw(about)
        if context.journal is not None:
            playbook, selection = await self._journalled(playbook, selection, about, context)
        return Taken(step=step, about=about, playbook=playbook, selection=selection)

    async def _draw(self, about: About) -> tuple[Playbook, Selection]:
        playbook = await self._keeper.load()
        beliefs = await self._keeper.beliefs(playbook)
        return playbook, select(playbook, about, self._options, beliefs, index=self._index)

    async def _journalled(
        self, playbook: Playbook, selection: Selection, about: About, context: WorkflowContext
    ) -> tuple[Playbook, Selection]:
        new = _text(playbook, selection)

        def draw(_: str) -> str:
            return new

        keep = LambdaPrimitive(draw, name="strategies", idempotent=True)
        kept = await keep.execute(about.id, context.at("strategies"))
        if kept == new:
            return playbook, selection
        drawn = _Drawn.model_validate_json(kept)
        then = await self._keeper.store.at_version(drawn.version)
        return then, _selection(drawn, then)


def _text(playbook: Playbook, selection: Selection) -> str:
    return _Drawn(
        version=playbook.version,
        choices=selection.choices,
        held_out=selection.held_out,
        explored=selection.explored,
        seed=selection.seed,
    ).model_dump_json()


def _selection(drawn: _Drawn, playbook: Playbook) -> Selection:
    included = [choice for choice in drawn.choices if choice.included]
    return Selection(
        core=tuple(playbook.bullets[choice.bullet_id] for choice in included if choice.core),
        retrieved=tuple(playbook.bullets[choice.bullet_id] for choice in included if not choice.core),
        choices=drawn.choices,
        held_out=drawn.held_out,
        seed=drawn.seed,
        explored=drawn.explored,
    )
