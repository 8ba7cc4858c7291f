"""`playbox playbook admit` and `refuse`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text

from ...ace.bullet import Bullet, Status
from ...ace.events import Promote, Retire
from ...ace.playbook import Playbook
from ...ace.store import Commit
from ...core.context import new_id
from ...core.errors import ConfigurationError
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import one_line, open_screen
from ..session import Session
from .place import existing, load, strategy_named

_ADMITTED = "admitted by a person"


def admit(session: Session, place: str | None, names: Sequence[str], *, as_json: bool) -> ExitCode:
    """Let strategies that are held back be used, as candidates.

    Raises:
        ConfigurationError: there is no such strategy, or it is not held back.
    """

    def admitted(bullet: Bullet) -> Promote:
        return Promote(bullet=bullet.id, status=Status.CANDIDATE, reason=_ADMITTED)

    return _decide(session, place, names, admitted, "admitted", as_json=as_json)


def refuse(
    session: Session, place: str | None, names: Sequence[str], reason: str, *, as_json: bool
) -> ExitCode:
    """Retire strategies that are held back, so that they are not learned again; raises as `admit`."""
    return _decide(
        session,
        place,
        names,
        lambda bullet: Retire(bullet=bullet.id, reason=reason),
        "refused",
        as_json=as_json,
    )


def _decide(  # noqa: PLR0913  # what both commands take, and the decision
    session: Session,
    place: str | None,
    names: Sequence[str],
    decision: Callable[[Bullet], Promote | Retire],
    done: str,
    *,
    as_json: bool,
) -> ExitCode:
    store, screen = existing(session, place), open_screen(as_json=as_json)
    playbook = load(store)
    bullets = [_proposed(playbook, name) for name in dict.fromkeys(names)]
    commit = Commit(run_id=f"admission {new_id()[:8]}", decisions=tuple(map(decision, bullets)), actor="user")
    after = interruptible(lambda: store.commit(commit)).playbook
    decided = [after.bullets[bullet.id] for bullet in bullets]
    if as_json:
        told = [bullet.model_dump(mode="json") for bullet in decided]
        screen.document({"playbook": store.location, "version": after.version, done: told})
    else:
        screen.show(*(Text(f"{bullet.alias} {done}: {one_line(bullet.content)}") for bullet in decided))
    return ExitCode.OK


def _proposed(playbook: Playbook, name: str) -> Bullet:
    bullet = strategy_named(playbook, name)
    if bullet.status is not Status.PROPOSED:
        raise ConfigurationError(f"{bullet.alias} is not held back, it is {bullet.status}")
    return bullet
