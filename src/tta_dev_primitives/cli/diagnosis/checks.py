"""What the doctor looks at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ...ace.store import SqliteStore
from ...core.errors import PlayboxError, SandboxError
from ...llm.models import connect, no_model
from ...sandbox.local import Machine
from ...sandbox.open import open_sandbox
from ...sandbox.types import Isolation, Sandbox
from ...settings import Settings
from ..interrupts import interruptible
from ..playbooks.place import store_at
from ..session import Session
from .check import Check, State

_PROGRAM = "print(6 * 7)"


def machine_checks(machine: Machine, settings: Settings) -> Iterator[Check]:
    """Look at the kernel's features; one that is missing is a fault only if nothing can take its place."""
    missing = State.NOTE if machine.isolation or settings.sandbox != "local" else State.FAILED
    for feature in machine.features:
        state = State.OK if feature.ok else missing
        yield Check(name=feature.name, state=state, detail=feature.detail, remedy=feature.remedy)


def sandbox_check(session: Session, settings: Settings) -> Check:
    """Run a program; the sandbox tests itself before it serves."""
    sandbox = session.sandbox
    try:
        sandbox = sandbox or open_sandbox(settings.sandbox, settings)
        printed, isolation = interruptible(lambda: _run(sandbox))
    except SandboxError as error:
        remedy = "see the features above" if settings.sandbox == "local" else ""
        return Check(name="sandbox", state=State.FAILED, detail=str(error), remedy=remedy)
    except PlayboxError as error:
        return Check(name="sandbox", state=State.FAILED, detail=str(error), remedy="set PLAYBOX_SANDBOX")
    if printed.strip() != "42":
        detail = f"{_PROGRAM} printed {printed[:80]!r}"
        return Check(name="sandbox", state=State.FAILED, detail=detail, remedy="report this")
    tested = "" if isolation == Isolation.REMOTE else "self-test passed, "
    detail = f"{tested}code runs, isolation: {isolation}"
    return Check(name="sandbox", state=State.OK, detail=detail)


def playbook_check(session: Session, place: str | None) -> Check:
    """Read the playbook if there is one, and see whether its place can be written."""
    try:
        store = store_at(session, place)
        size = interruptible(store.load).size
    except PlayboxError as error:
        return Check(
            name="playbook", state=State.FAILED, detail=str(error), remedy="name another: --playbook"
        )
    if not isinstance(store, SqliteStore):
        return Check(name="playbook", state=State.OK, detail=f"{store.location} ({size} in use), reached")
    path = Path(store.location)
    nearest = next(folder for folder in (path, *path.parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        detail, remedy = (
            f"{str(nearest)!r} cannot be written",
            "change its permissions, or use --playbook PATH",
        )
        return Check(name="playbook", state=State.FAILED, detail=detail, remedy=remedy)
    held = f"{size} in use" if path.exists() else "none yet"
    return Check(name="playbook", state=State.OK, detail=f"{store.location} ({held}), can be written")


def model_checks(settings: Settings) -> Iterator[Check]:
    """Connect what is configured, without asking it anything."""
    roles = (settings.model, settings.generator_model, settings.reflector_model, settings.curator_model)
    named = dict.fromkeys(name for name in roles if name)
    if not named:
        remedy = no_model(settings).partition("\n")[2]
        detail = "none is configured; the demo needs none"
        yield Check(name="model", state=State.NOTE, detail=detail, remedy=remedy)
    for name in named:
        yield _model_check(name, settings)


def _model_check(name: str, settings: Settings) -> Check:
    try:
        connect(name, settings)
    except PlayboxError as error:
        return Check(name="model", state=State.FAILED, detail=str(error), remedy="playbox models list")
    detail = f"{name} is configured; `playbox models check {name}` asks it"
    return Check(name="model", state=State.OK, detail=detail)


async def _run(sandbox: Sandbox) -> tuple[str, str]:
    try:
        execution = await sandbox.run_code(_PROGRAM)
    finally:
        await sandbox.aclose()
    return execution.stdout, execution.isolation
