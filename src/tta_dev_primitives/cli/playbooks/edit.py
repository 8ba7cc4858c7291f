"""`playbox playbook edit`."""

from __future__ import annotations

from rich.text import Text

from ...ace.editing import edit
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import one_line, open_screen
from ..session import Session
from .place import existing, load, strategy_named


def edit_strategy(  # noqa: PLR0913  # what, where, how, on top of what
    session: Session, place: str | None, name: str, text: str, *, revision: int, as_json: bool
) -> ExitCode:
    """Reword a strategy on top of the revision that was read, and show what it says now.

    Raises:
        ConfigurationError: there is no such strategy, or it cannot be reworded so.
        PlaybookConflict: it has another revision by now.
    """
    store, screen = existing(session, place), open_screen(as_json=as_json)
    strategy_named(load(store), name)
    edited = interruptible(lambda: edit(store, name, text, revision=revision))
    if as_json:
        after = {"playbook": store.location, "version": interruptible(store.load).version}
        screen.document({**after, "strategy": edited.model_dump(mode="json")})
    else:
        screen.show(Text(f"{edited.alias} revision {edited.revision}: {one_line(edited.content, 300)}"))
    return ExitCode.OK
