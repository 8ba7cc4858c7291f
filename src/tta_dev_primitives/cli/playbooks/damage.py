"""What is told of damaged records: which there are, which strategies are not used, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from ...ace.aside import Aside
from ...ace.playbook import Playbook
from ..screen import Screen, plural, safe

_SHOWN = 8


def tell_damage(playbook: Playbook, location: str, screen: Screen) -> None:
    """Warn on stderr of damaged records, as long as a strategy is in doubt because of them."""
    screen.tell(*(Text(line, style="yellow") for line in _warnings(playbook, safe(location))))


def _warnings(playbook: Playbook, place: str) -> Iterator[str]:
    told = 0
    for aside in playbook.set_aside:
        names = _in_doubt(aside, playbook)
        if names and told == _SHOWN:
            total = f"{len(playbook.set_aside):,}"
            yield f"warning: {total} records of {place} are damaged; these are the first {_SHOWN}"
            return
        if names:
            told += 1
            more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
            what = plural(len(names), "strategy") if aside.everything else ""
            shown = what or ", ".join(names[:_SHOWN]) + more
            yield (
                f"warning: record {aside.record} of {place} is damaged and set aside; not used: {shown}; "
                "merge with a backup (`playbox playbook merge`), or look at them (`playbox playbook show "
                f"--all`) and use them again: `playbox playbook trust {names[0]}`"
            )


def _in_doubt(aside: Aside, playbook: Playbook) -> list[str]:
    bullets = playbook.bullets.values() if aside.everything else map(playbook.bullets.get, aside.bullets)
    return [bullet.alias for bullet in bullets if bullet is not None and bullet.damaged]
