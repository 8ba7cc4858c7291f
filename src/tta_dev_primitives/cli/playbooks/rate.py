"""`playbox playbook rate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.text import Text

from ...ace.events import Tag, TagKind
from ...ace.store import Commit
from ...core.context import new_id
from ...core.errors import ConfigurationError
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import one_line, open_screen
from ..session import Session
from .place import existing, load, strategy_named
from .strategies import wording

_RATINGS: Final[Mapping[str, TagKind]] = {"good": TagKind.HELPFUL, "bad": TagKind.HARMFUL}


def rate_strategy(session: Session, place: str | None, name: str, rating: str, *, as_json: bool) -> ExitCode:
    """Store a person's rating of a strategy, as a tag of the actor `user`.

    Raises:
        ConfigurationError: there is no such strategy or rating.
    """
    if rating not in _RATINGS:
        raise ConfigurationError(f"a strategy is good or bad, not {rating!r}")
    store, screen = existing(session, place), open_screen(as_json=as_json)
    bullet = strategy_named(load(store), name)
    run_id = f"rating {new_id()[:8]}"
    tag = Tag(bullet=bullet.id, tag=_RATINGS[rating], episode_id=run_id)
    committed = interruptible(lambda: store.commit(Commit(run_id=run_id, tags=(tag,), actor="user")))
    rated = committed.playbook.bullets[bullet.id]
    if as_json:
        after = {"playbook": store.location, "version": committed.playbook.version}
        screen.document({**after, "strategy": rated.model_dump(mode="json"), "rating": rating})
    else:
        screen.show(Text(f"{rated.alias} rated {rating}: {one_line(wording(rated))}"))
    return ExitCode.OK
