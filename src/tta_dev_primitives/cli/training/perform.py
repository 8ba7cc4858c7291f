"""Do a run, tell how it goes, and say how to go on if it stops."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ...ace.training.begin import begin_run
from ...ace.training.config import Mode, RunConfig
from ...ace.training.folder import RunFolder
from ...ace.training.open_run import Means
from ...ace.training.plot import NO_PLOTS, draw_curve
from ...ace.training.run import do_run
from ...ace.training.summary import Summary
from ...core.context import WorkflowContext
from ...core.errors import ConfigurationError, PlayboxError
from ...core.events import Sink
from ...llm.models import AnyModel, connect_roles
from ...llm.types import LanguageModel, Role
from ...sandbox.open import open_sandbox
from ...settings import Settings
from ..exits import ExitCode
from ..interrupts import Interrupted, interruptible
from ..screen import Screen, open_screen
from ..session import Session
from ..solving.order import Limits
from ..tracing.keep import traced
from .follow import following
from .order import EvalOrder, Resumed, TrainOrder
from .report import show_beginning, show_summary


def start(session: Session, order: TrainOrder | EvalOrder, *, as_json: bool) -> ExitCode:
    """Begin a run and do it."""
    screen, settings = open_screen(as_json=as_json), session.settings()
    order.read()  # what is wrong with the tasks is told before what is wrong with the models
    models = _models(session, order.model, order.models, {}, settings)
    new = order.new_run(models, settings)
    path = order.folder(datetime.now().astimezone())
    folder = interruptible(lambda: begin_run(path, new))
    return _do(session, folder, models, order.sandbox, order.limits, screen)


def go_on(session: Session, again: Resumed, tasks: Path | None, *, as_json: bool) -> ExitCode:
    """Go on with a run."""
    if tasks is not None:
        raise ConfigurationError(
            f"--resume goes on with the tasks that the run began with; leave out {str(tasks)!r}"
        )
    screen, settings, folder = open_screen(as_json=as_json), session.settings(), RunFolder(path=again.folder)
    models = _models(session, again.model, again.models, folder.config().models, settings)
    return _do(session, folder, models, again.sandbox, again.limits, screen)


def _models(
    session: Session,
    model: str | None,
    by_role: Mapping[str, str | None],
    before: Mapping[str, str],
    settings: Settings,
) -> Mapping[Role, LanguageModel]:
    """Return a model a role: what is named now, else the session's, else those the run began with."""
    named: dict[str, AnyModel] = {role: name for role, name in by_role.items() if name is not None}
    chosen: AnyModel | None = model or session.model
    if chosen is None:
        named = {**before, **named}
    return connect_roles(chosen, named, settings)


def _do(  # noqa: PLR0913, PLR0917  # a run, and all that it is done with
    session: Session,
    folder: RunFolder,
    models: Mapping[Role, LanguageModel],
    sandbox: str | None,
    limits: Limits,
    screen: Screen,
) -> ExitCode:
    config = folder.config()
    show_beginning(folder, config, screen)
    try:
        with following(config, screen) as sink:
            summary = interruptible(
                lambda: _work(session, folder, models, sandbox or config.sandbox, limits, sink, screen)
            )
    except Interrupted as stopped:
        raise Interrupted(stopped.number, f"the run is kept; {_how_to_go_on(folder, config)}") from None
    except PlayboxError as error:
        error.add_note(_how_to_go_on(folder, config))
        raise
    if draw_curve(folder) is None:
        screen.tell(NO_PLOTS)
    show_summary(summary, folder, screen)
    return ExitCode.OK


async def _work(  # noqa: PLR0913, PLR0917  # as above
    session: Session,
    folder: RunFolder,
    models: Mapping[Role, LanguageModel],
    sandbox: str,
    limits: Limits,
    sink: Sink,
    screen: Screen,
) -> Summary:
    settings = session.settings()
    context = WorkflowContext(sinks=(sink,), budget=limits.budget(settings), secrets=session.secrets)
    if limits.seconds is not None:
        context = context.with_timeout(limits.seconds)
    place = session.sandbox or open_sandbox(sandbox, settings)
    try:
        with traced(context, f"playbox {_command(folder.config())}", session, screen) as inside:
            return await do_run(folder, Means(models=models, sandbox=place, settings=settings), inside)
    finally:
        await place.aclose()


def _how_to_go_on(folder: RunFolder, config: RunConfig) -> str:
    return f"go on with: playbox {_command(config)} --resume {folder.path}"


def _command(config: RunConfig) -> str:
    return "eval" if config.mode is Mode.EVALUATE else "train"
