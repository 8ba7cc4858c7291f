"""Promotion: what was validated in several environments is offered to all that have as much in common."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from ...ace.bullet import Bullet, Provenance, Status
from ...ace.delta import Delta, Result
from ...ace.playbook import Playbook
from ...ace.store import Commit, PlaybookStore, open_store
from ...ace.store.lasting import LastingStore
from .adoption import copied
from .environment import Layer
from .layered_store import SUFFIX

Opening = Callable[[Path], LastingStore]
_RUN = "promotion"


async def promote(folder: Path | str, *, opening: Opening = open_store) -> dict[str, tuple[str, ...]]:
    """Take what was validated in two environments or more over into the layer that these have in common.

    It is a candidate there: environments that have not tried it have yet to. One in which it was suspended
    keeps it suspended. Returns layer name -> contents that are new there; a second call finds nothing new.

    Raises:
        StoreError: one of its leaves, see core/errors.py.
    """
    stores = _stores(Path(folder), opening)
    try:
        playbooks = {layer: await store.load() for layer, store in stores.items()}
        promoted: dict[str, tuple[str, ...]] = {}
        for layer, bullets in _promotions(playbooks).items():
            store = stores.setdefault(layer, opening(Path(folder) / f"{layer.name}{SUFFIX}"))
            contents = await _take_over(store, bullets)
            if contents:
                promoted[layer.name] = contents
        return promoted
    finally:
        for store in stores.values():
            await store.aclose()


def _stores(folder: Path, opening: Opening) -> dict[Layer, PlaybookStore]:
    return {Layer.named(path.stem): opening(path) for path in sorted(folder.glob(f"*{SUFFIX}"))}


def _promotions(playbooks: dict[Layer, Playbook]) -> dict[Layer, dict[str, Bullet]]:
    """Return layer -> the bullets that two environments validated which have just that in common."""
    wanted: dict[Layer, dict[str, Bullet]] = {}
    for (one, first), (other, second) in combinations(playbooks.items(), 2):
        common = one & other
        if common in {one, other}:  # one is part of the other: that is one environment and what it was given
            continue
        for bullet in _validated(first):
            same = second.get(bullet.id)
            if same is not None and same.status is Status.VALIDATED:
                origin = bullet.provenance.tainted(same.provenance.taints)
                wanted.setdefault(common, {})[bullet.id] = bullet.model_copy(update={"provenance": origin})
    return wanted


def _validated(playbook: Playbook) -> list[Bullet]:
    """Return what earned its badge; so nothing that is tainted goes further without evidence."""
    return [bullet for bullet in playbook.active if bullet.status is Status.VALIDATED]


async def _take_over(store: PlaybookStore, bullets: dict[str, Bullet]) -> tuple[str, ...]:
    source = Provenance(task_id=_RUN, run_id=_RUN, model="", actor=_RUN, origin="import")
    delta = Delta(operations=tuple(map(copied, bullets.values())), provenance=source)
    committed = await store.commit(Commit(run_id=_RUN, delta=delta, actor=_RUN))
    new = zip(committed.outcomes, bullets.values(), strict=True)
    return tuple(bullet.content for outcome, bullet in new if outcome.result is Result.APPLIED)
