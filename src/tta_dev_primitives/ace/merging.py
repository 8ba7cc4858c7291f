"""Two playbooks that went different ways become one: the union of their histories, and what that decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .bullet import Bullet
from .episode import Episode
from .erasure import erase, forgotten
from .events import Forget, Recorded, Restore, Revise, union
from .playbook import Playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """An edit that came too late: another had changed the strategy from the same wording before it."""

    bullet: str
    kept: str
    lost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The union. `only_first`, `only_second` and `shared` count its records; later edits are `overtaken`."""

    playbook: Playbook
    records: tuple[Recorded, ...]
    episodes: tuple[Episode, ...]
    only_first: int
    only_second: int
    shared: int
    overtaken: tuple[Overtaken, ...]


def merge(
    first: Sequence[Recorded],
    second: Sequence[Recorded],
    *,
    first_episodes: Sequence[Episode] = (),
    second_episodes: Sequence[Episode] = (),
) -> Merged:
    """Return the union of two histories: whichever comes first, and however often, it is the same.

    Of two edits of one wording the earlier one holds, by the time and then by the id of its record; the other
    is in `overtaken`, with both texts. Episodes are one by their id, in the order in which they ended.
    """
    records = union(first, second)
    if any(isinstance(item.event, Forget) for item in records):
        known = Playbook.fold(records).bullets
        gone = forgotten(known.values())
        records = tuple(erase(item, gone, known) for item in records)
    ids, other_ids = ({item.event_id for item in side} for side in (first, second))
    playbook, overtaken = _folded(records)
    return Merged(
        playbook=playbook,
        records=records,
        episodes=_joined(first_episodes, second_episodes),
        only_first=len(ids - other_ids),
        only_second=len(other_ids - ids),
        shared=len(ids & other_ids),
        overtaken=overtaken,
    )


def _joined(first: Sequence[Episode], second: Sequence[Episode]) -> tuple[Episode, ...]:
    """Return every episode once; should two of one id differ, it is the same one whichever comes first."""
    ordered = sorted((*first, *second), key=lambda item: (item.finished_at, item.id, item.model_dump_json()))
    by_id = {item.id: item for item in reversed(ordered)}
    return tuple(reversed(by_id.values()))


def _folded(records: Sequence[Recorded]) -> tuple[Playbook, tuple[Overtaken, ...]]:
    """Fold, stopping at each edit to see whether it is the one that comes too late."""
    playbook, start, overtaken = Playbook(), 0, list[Overtaken]()
    for place, item in enumerate(records):
        if not isinstance(item.event, Revise | Restore):
            continue
        playbook, start = playbook.extend(records[start:place]), place
        bullet = playbook.get(item.event.bullet)
        if bullet is not None and _comes_too_late(item.event, bullet):
            overtaken.append(Overtaken(bullet=bullet.id, kept=bullet.content, lost=item.event.content))
    return playbook.extend(records[start:]), tuple(overtaken)


def _comes_too_late(event: Revise | Restore, bullet: Bullet) -> bool:
    """Tell whether the edit is of a revision that stands no more, and wanted what is not there."""
    if bullet.forgotten or event.revision == bullet.revision:
        return False
    same_status = isinstance(event, Revise) or event.status is bullet.status
    return event.content != bullet.content or not same_status
