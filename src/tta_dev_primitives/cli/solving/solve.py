"""Do one task: open what it needs, run the loop, report, and say what was kept if it is interrupted."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ...ace.cognitive_manager import SelfLearningCodePrimitive
from ...ace.options import AceOptions
from ...ace.result import LearningResult
from ...ace.store import PlaybookStore
from ...core.context import WorkflowContext
from ...core.errors import ConfigurationError, StoreError
from ...core.events import Sink
from ...core.redaction import redact
from ...core.secrets import Secrets
from ...sandbox.open import open_sandbox
from ...sandbox.types import Sandbox
from ...settings import Settings
from ..exits import ExitCode
from ..interrupts import Interrupted, interruptible
from ..playbooks.damage import tell_damage
from ..playbooks.place import store_at, tell_skipped
from ..screen import Screen, open_screen, plural
from ..session import Session
from ..tracing.keep import traced
from .follow import following
from .order import Order, check_out
from .report import show_result


def solve(session: Session, order: Order, *, as_json: bool) -> ExitCode:
    """Do the task and report it."""
    screen = open_screen(as_json=as_json)
    check_out(order.out)
    store = store_at(session, order.playbook)
    try:
        with following(screen) as sink:
            result = interruptible(lambda: _execute(session, order, store, sink, screen))
    except Interrupted as stopped:
        raise Interrupted(stopped.number, _kept(store, stopped.kept)) from None
    tell_skipped(store)
    written = _written(order.out, result, session.secrets.now)
    _report(result, store, order.out, written, screen)
    return ExitCode.OK if result.execution_success else ExitCode.FAILED


async def _execute(
    session: Session, order: Order, store: PlaybookStore, sink: Sink, screen: Screen
) -> LearningResult:
    settings = session.settings()
    tell_damage(await store.load(), store.location, screen)
    context = WorkflowContext(sinks=(sink,), budget=order.limits.budget(settings), secrets=session.secrets)
    if order.limits.seconds is not None:
        context = context.with_timeout(order.limits.seconds)
    sandbox = _sandbox(session, order, settings)
    try:
        model = order.model or session.model
        async with SelfLearningCodePrimitive(
            store=store,
            model=model,
            sandbox=sandbox,
            settings=settings,
            options=AceOptions(candidates=order.candidates),
        ) as learner:
            with traced(context, "playbox run", session, screen) as inside:
                return await learner.execute(order.task, inside)
    finally:
        await sandbox.aclose()


def _sandbox(session: Session, order: Order, settings: Settings) -> Sandbox:
    if order.sandbox is not None:
        return open_sandbox(order.sandbox, settings)
    return session.sandbox or open_sandbox(settings.sandbox, settings)


def _kept(store: PlaybookStore, note: str) -> str:
    """Return what the playbook holds now, read from its file."""
    try:
        playbook, runs = asyncio.run(_stored(store))
    except StoreError as error:
        return str(error)
    holds = (
        f"the playbook {store.location} is intact: {plural(playbook, 'strategy')} of {plural(runs, 'run')}"
    )
    return f"{holds}; {note or 'this run was not stored'}"


async def _stored(store: PlaybookStore) -> tuple[int, int]:
    return (await store.load()).size, len(await store.episodes())


def _written(out: Path | None, result: LearningResult, secrets: Secrets) -> Path | None:
    if out is None or not result.execution_success:
        return None
    code = redact(result.code_generated, secrets)
    try:
        out.write_text(code, encoding="utf-8")
    except OSError as error:
        lost = ConfigurationError(f"--out {str(out)!r} cannot be written: {error.strerror}")
        lost.add_note(f"the program passed and was learned from; here it is:\n{code}")
        raise lost from error
    return out


def _report(
    result: LearningResult, store: PlaybookStore, out: Path | None, written: Path | None, screen: Screen
) -> None:
    if screen.as_json:
        kept = None if written is None else str(written)
        screen.document({**result.model_dump(mode="json"), "playbook": store.location, "out": kept})
        return
    saved = "" if out is None else str(written or f"not to {out}, as the program did not pass")
    show_result(result, store.location, saved, screen)
