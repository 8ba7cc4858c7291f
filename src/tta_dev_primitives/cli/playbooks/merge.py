"""`playbox playbook merge`."""

from __future__ import annotations

import asyncio
from typing import Final

from rich.text import Text

from ...ace.merging import Merged, merge
from ...ace.store.lasting import LastingStore
from ..exits import ExitCode
from ..patience import patiently
from ..screen import Screen, one_line, open_screen, plural, safe
from ..session import Session
from .damage import tell_damage
from .place import existing, load, store_at

_REMEDY: Final = "name two that are there"


def merge_playbooks(session: Session, first: str, second: str, out: str, *, as_json: bool) -> ExitCode:
    """Write the union of two playbooks to a new one, and say what it decided."""
    screen = open_screen(as_json=as_json)
    one, other = (existing(session, place, remedy=_REMEDY) for place in (first, second))
    target = store_at(session, out)
    for side in (one, other):
        load(side)  # which takes over what a person wrote into a JSON file
    merged = patiently("merging", lambda: _merged(one, other, target))
    if as_json:
        screen.document({"playbook": target.location, **_document(merged)})
    else:
        _show(merged, target.location, screen)
    tell_damage(merged.playbook, target.location, screen)
    return ExitCode.OK


async def _merged(first: LastingStore, second: LastingStore, target: LastingStore) -> Merged:
    one, other = await first.contents(), await second.contents()
    merged = await asyncio.to_thread(  # so that it can be interrupted
        merge,
        one.records,
        other.records,
        first_episodes=one.episodes,
        second_episodes=other.episodes,
    )
    await target.begin_with(merged.records, merged.episodes)
    return merged


def _show(merged: Merged, location: str, screen: Screen) -> None:
    for edit in merged.overtaken:
        name = merged.playbook.bullets[edit.bullet].alias
        screen.show(Text(f"~ {name} kept: {one_line(edit.kept, 300)}", style="yellow"))
        screen.show(Text(f"  {name} lost: {one_line(edit.lost, 300)}", style="yellow"))
    alone = f"{merged.only_first:,} of A, {merged.only_second:,} of B alone"
    counts = f"{plural(merged.shared, 'event')} of both, {alone}"
    late = f"; {plural(len(merged.overtaken), 'edit')} came too late" if merged.overtaken else ""
    size = plural(merged.playbook.size, "strategy")
    screen.show(f"{counts}{late}; {size} and {plural(len(merged.episodes), 'episode')} in {safe(location)}")


def _document(merged: Merged) -> dict[str, object]:
    return {
        "size": merged.playbook.size,
        "version": merged.playbook.version,
        "episodes": len(merged.episodes),
        "shared": merged.shared,
        "only_first": merged.only_first,
        "only_second": merged.only_second,
        "overtaken": [
            {
                "strategy": edit.bullet,
                "alias": merged.playbook.bullets[edit.bullet].alias,
                "kept": edit.kept,
                "lost": edit.lost,
            }
            for edit in merged.overtaken
        ],
    }
