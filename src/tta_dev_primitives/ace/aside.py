"""Aside: which strategies a record that cannot be read leaves in doubt, and what is kept of a lost one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import Field

from .bullet import Bullet, Kind, Provenance
from .draft import Lookup
from .events import SetAside
from .value import Value

_UNKNOWN = Provenance(task_id="", run_id="", model="", actor="", origin="damaged record")


class Aside(Value):
    """A damaged record: its number, which is the version that it led to, and the bullets it put in doubt.

    `everything`: it cannot be told what it was about, so that all bullets of that version are in doubt.
    """

    record: int = Field(ge=1)
    event_id: str
    bullets: tuple[str, ...] = ()
    everything: bool = False


def doubted(event: SetAside, bullets: Lookup[Bullet], named: Lookup[str]) -> tuple[Bullet, ...] | None:
    """Return the bullets in doubt after a record that cannot be read; None: it may be any.

    With a bullet goes what it was merged into and what it corrects: neither may come back in its stead.
    """
    if not event.bullets:
        return None
    first, known = event.bullets[0], [bullets.get(named.get(one) or one) for one in event.bullets]
    if known[0] is None and not event.adds:
        return None  # the id itself may be what is damaged
    found = {first: unread(first)} if known[0] is None else dict[str, Bullet]()
    for bullet in filter(None, known):
        found |= {one.id: one for one in _with_others(bullet, bullets)}
    return tuple(found.values())


def unread(reference: str) -> Bullet:
    """Return what stands for a bullet whose `Add` cannot be read: later records about it still count."""
    return Bullet(id=reference, alias="", kind=Kind.RULE, content="", provenance=_UNKNOWN, damaged=True)


def causes(asides: Iterable[Aside], reference: str) -> tuple[str, ...]:
    """Return the ids of the damaged records that may have been about this bullet."""
    return tuple(one.event_id for one in asides if one.everything or reference in one.bullets)


def _with_others(bullet: Bullet, bullets: Lookup[Bullet]) -> Iterator[Bullet]:
    seen = set[str]()
    pending = [bullet.id]
    while pending:
        one = bullets.get(pending.pop())
        if one is not None and one.id not in seen:
            seen.add(one.id)
            yield one
            pending.extend(filter(None, (one.merged_into, one.supersedes)))
