"""Drawing the strategies of one run; in a durable run the draw is kept, as the step's result is."""

from __future__ import annotations

from dataclasses import replace

from ...ace.episode import Choice
from ...ace.keeper import Keeper
from ...ace.options import AceOptions
from ...ace.playbook import Playbook
from ...ace.relevance import RelevanceIndex
from ...ace.selection import Selection, select
from ...ace.turns import Turns
from ...ace.value import Value
from ...core.context import WorkflowContext
from ...core.primitive import LambdaPrimitive
from .about import About
from .taken import Taken


class _Drawn(Value):
    """A draw as text, from which it can be had again with the playbook of that version."""

    episode_id: str
    version: int
    choices: tuple[Choice, ...]
    held_out: bool
    explored: bool
    seed: int


class Drawer:
    """Draws strategies for a step, from the playbook that `keeper` keeps."""

    def __init__(self, keeper: Keeper, options: AceOptions, index: RelevanceIndex) -> None:
        self._keeper, self._options, self._index = keeper, options, index
        self._turns = Turns()

    async def take(self, step: str, about: About, context: WorkflowContext) -> Taken:
        """Return the step with its strategies drawn from the latest playbook.

        A run that is resumed gets those that it had: they may have made what its journal kept.

        Raises:
            StoreError: the playbook cannot be read.
        """
        playbook = await self._keeper.load()
        beliefs = await self._keeper.beliefs(playbook)
        turn = self._turns.next(about.id, playbook.version)
        selection = select(playbook, about, self._options, beliefs, index=self._index, turn=turn)
        taken = Taken(step=step, about=about, playbook=playbook, selection=selection)
        return taken if context.journal is None else await self._journalled(taken, context)

    async def _journalled(self, taken: Taken, context: WorkflowContext) -> Taken:
        new = _text(taken)

        def draw(_: str) -> str:
            return new

        keep = LambdaPrimitive(draw, name="strategies", idempotent=True)
        kept = await keep.execute(taken.about.id, context.at("?strategies"))
        if kept == new:
            return taken
        drawn = _Drawn.model_validate_json(kept)
        then = await self._keeper.store.at_version(drawn.version)
        return replace(taken, playbook=then, selection=_selection(drawn, then), episode_id=drawn.episode_id)


def _text(taken: Taken) -> str:
    selection = taken.selection
    return _Drawn(
        episode_id=taken.episode_id,
        version=taken.playbook.version,
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
