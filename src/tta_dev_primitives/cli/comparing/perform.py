"""Do a comparison, tell how it goes, and say how to go on if it stops."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ...ace.training.open_run import Means
from ...bench.compare.compare import compare_arms
from ...bench.compare.problem import Problem
from ...bench.compare.report import Report
from ...core.context import WorkflowContext
from ...core.errors import PlayboxError
from ...llm.models import connect_roles
from ...sandbox.open import open_sandbox
from ..exits import ExitCode
from ..interrupts import Interrupted, interruptible
from ..screen import Screen, open_screen, safe
from ..session import Session
from .follow import lines as told
from .order import Order
from .table import lines


def compare(session: Session, order: Order, *, as_json: bool) -> ExitCode:
    """Compare the arms and report."""
    screen, names, problem = open_screen(as_json=as_json), order.names, order.problem()
    folder = order.folder(datetime.now().astimezone())
    screen.tell(f"comparing {', '.join(names)} on {safe(problem.name)}, in {safe(str(folder))}")
    note = f"go on with the same command and --out {folder}"
    try:
        report = interruptible(lambda: _work(session, order, problem, folder, screen))
    except Interrupted as stopped:
        raise Interrupted(stopped.number, f"what was paid for is kept; {note}") from None
    except PlayboxError as error:
        error.add_note(note)
        raise
    if screen.as_json:
        screen.document({"folder": str(folder), **report.model_dump(mode="json")})
    else:
        screen.show(*lines(report))
    return ExitCode.OK


async def _work(session: Session, order: Order, problem: Problem, folder: Path, screen: Screen) -> Report:
    settings = session.settings()
    models = connect_roles(order.model or session.model, None, settings)
    context = WorkflowContext(
        sinks=(lambda event: screen.tell(*told(event)),),
        budget=order.limits.budget(settings),
        secrets=session.secrets,
    )
    if order.limits.seconds is not None:
        context = context.with_timeout(order.limits.seconds)
    sandbox = session.sandbox or open_sandbox(order.sandbox or settings.sandbox, settings)
    try:
        return await compare_arms(
            order.names,
            problem,
            folder=folder,
            means=Means(models=models, sandbox=sandbox, settings=settings),
            plan=order.plan(),
            context=context,
        )
    finally:
        await sandbox.aclose()
