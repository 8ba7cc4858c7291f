"""Session: what the commands get from outside; tests bring their own model and sandbox."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import typer

from ..core.known_secrets import KnownSecrets

if TYPE_CHECKING:  # a command loads what it needs when it runs, so that --help is quick
    from ..llm.models import AnyModel
    from ..sandbox.types import Sandbox
    from ..settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A `model` or `sandbox` given here is used where the command line names none.

    `trace` keeps a trace, also where the settings do not say so. `secrets` may not be printed or kept.
    `opened` is closed when the command is done.
    """

    model: AnyModel | None = None
    sandbox: Sandbox | None = None
    trace: bool = False
    secrets: KnownSecrets = field(default_factory=KnownSecrets, repr=False)
    opened: ExitStack = field(default_factory=ExitStack, compare=False)

    def settings(self) -> Settings:
        """Return what the environment says.

        Raises:
            ConfigurationError: a variable cannot be used.
        """
        from ..settings import Settings  # noqa: PLC0415  # pydantic takes a while to import

        return Settings.from_environment()


def session_of(context: typer.Context, *, trace: bool = False) -> Session:
    """Return the session that `main` was given; `trace` as the command line says."""
    session = context.obj if isinstance(context.obj, Session) else Session()
    return replace(session, trace=True) if trace else session
