"""`playbox playbook search`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rich.text import Text

from ...ace.bullet import Status
from ...ace.finding import find
from ...ace.meaning import connect_meanings
from ...ace.store import Found
from ...core.errors import ConfigurationError
from ..exits import ExitCode
from ..items import show_item
from ..patience import patiently
from ..screen import Screen, open_screen, plural, safe
from ..session import Session
from .place import existing, load
from .strategies import head_of, source


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for; without `statuses` among all strategies."""

    text: str
    limit: int
    statuses: Collection[Status]


def statuses_named(names: Collection[str]) -> frozenset[Status]:
    """Return the statuses with these names.

    Raises:
        ConfigurationError: there is no such status.
    """
    unknown = sorted(set(names) - {status.value for status in Status})
    if unknown:
        known = ", ".join(status.value for status in Status)
        raise ConfigurationError(f"--status {unknown[0]!r} is no status; choose of {known}")
    return frozenset(map(Status, names))


def search_playbook(session: Session, place: str | None, search: Search, *, as_json: bool) -> ExitCode:
    """Show the strategies that were found, best first, and for which words."""
    store, screen = existing(session, place), open_screen(as_json=as_json)
    load(store)  # which tells of damage
    meanings = connect_meanings(session.settings(), store)
    found = patiently(
        "searching",
        lambda: find(store, search.text, limit=search.limit, statuses=search.statuses, meanings=meanings),
    )
    if as_json:
        screen.document({"playbook": store.location, "found": [_document(one) for one in found]})
    else:
        _show(found, store.location, screen)
    return ExitCode.OK


def _document(found: Found) -> dict[str, object]:
    return {
        "strategy": found.bullet.model_dump(mode="json"),
        "in_use": found.bullet.live,
        "score": found.score,
        "words": list(found.words),
        "similarity": found.similarity,
    }


def _show(found: Collection[Found], location: str, screen: Screen) -> None:
    for one in found:
        details = (Text(safe(one.bullet.content)), Text(f"{_why(one)}; {source(one.bullet)}", style="dim"))
        show_item(head_of(one.bullet), details, screen)
    screen.show(Text(f"{plural(len(found), 'strategy')} found in {safe(location)}", style="dim"))


def _why(found: Found) -> str:
    if found.similarity is not None:
        return f"found by meaning, similarity {found.similarity:.2f}"
    return f"found by {safe(', '.join(found.words))}"
