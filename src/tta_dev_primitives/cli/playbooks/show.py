"""`playbox playbook show`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rich.text import Text

from ...ace.bullet import Bullet
from ...ace.bullets import Bullets
from ...ace.exchange import export_bullets
from ...ace.playbook import Playbook
from ..exits import ExitCode
from ..screen import Screen, open_screen, plural, safe
from ..session import Session
from .place import existing, load
from .strategies import show_strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which strategies, and how; `words` must all occur in a strategy."""

    words: tuple[str, ...]
    form: str | None
    everything: bool

    def matches(self, bullet: Bullet) -> bool:
        """Tell whether a strategy says all the words, in its content, trigger, kind, domain or display id."""
        trigger = bullet.trigger
        parts = (*trigger.libraries, *trigger.keywords, *trigger.error_signatures, trigger.language or "")
        text = " ".join((bullet.alias, bullet.kind, bullet.domain, bullet.content, *parts)).lower()
        return all(word.lower() in text for word in self.words)


def show_playbook(session: Session, place: str | None, query: Query, *, as_json: bool) -> ExitCode:
    """Show the strategies that `query` asks for."""
    store = existing(session, place)
    playbook, screen = load(store), open_screen(as_json=as_json)
    found = [bullet for bullet in _considered(playbook, query) if query.matches(bullet)]
    if as_json:
        screen.document(_document(playbook, store.location, found))
    elif query.form is not None:
        screen.write(export_bullets(_only(playbook, found), query.form))
    else:
        _show(playbook, store.location, found, query, screen)
    return ExitCode.OK


def _considered(playbook: Playbook, query: Query) -> tuple[Bullet, ...]:
    return tuple(playbook.bullets.values()) if query.everything else playbook.active


def _only(playbook: Playbook, found: list[Bullet]) -> Playbook:
    return replace(playbook, bullets=Bullets.of(found))


def _document(playbook: Playbook, location: str, found: list[Bullet]) -> dict[str, object]:
    return {
        "playbook": location,
        "version": playbook.version,
        "size": playbook.size,
        "proposed": [bullet.model_dump(mode="json") for bullet in playbook.proposed],
        "strategies": [bullet.model_dump(mode="json") for bullet in found],
    }


def _show(playbook: Playbook, location: str, found: list[Bullet], query: Query, screen: Screen) -> None:
    for bullet in found:
        show_strategy(bullet, screen)
    if not query.everything and playbook.proposed:
        told = f"{plural(len(playbook.proposed), 'strategy')} held back, in no prompt until you decide:"
        screen.show(Text(told, style="yellow"))
        for bullet in playbook.proposed:
            show_strategy(bullet, screen)
    waiting = len(playbook.proposed)
    retired = len(playbook.bullets) - playbook.size - waiting
    rest = f", {waiting:,} held back" if waiting else ""
    rest += f", {retired:,} no longer in use (--all shows them)" if retired else ""
    held = f"{plural(playbook.size, 'strategy')}{rest}, version {playbook.version}, in {safe(location)}"
    shown = f"{len(found):,} shown; " if len(found) != playbook.size else ""
    screen.show(Text(f"{shown}{held}", style="dim"))
