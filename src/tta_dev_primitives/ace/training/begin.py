"""Begin a run: make its folder, with its tasks, the playbooks it begins with, and what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

from ...core.context import new_id
from ...core.errors import ConfigurationError
from ...llm.types import LanguageModel, Role
from ..options import AceOptions
from ..store.place import Place
from .config import Mode, RunConfig
from .folder import RunFolder
from .playbooks import NONE, Copied, copy_playbook
from .run import AGAINST
from .split import Split
from .trainer import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What a run is told.

    `source` is the task file, for people; `playbook` what it begins with, None the empty one. `compared` says
    that an evaluation has another side, whose playbook is `against`.
    """

    source: str
    tasks: Split
    plan: Plan
    models: Mapping[Role, LanguageModel]
    sandbox: str
    options: AceOptions = field(default_factory=AceOptions)
    playbook: Place | None = None
    compared: bool = False
    against: Place | None = None


async def begin_run(path: Path, new: NewRun) -> RunFolder:
    """Return the folder of a new run at `path`, which may be there if it is empty.

    What cannot begin leaves nothing behind, so that the same folder can be named again.

    Raises:
        ConfigurationError: `path` is not empty or cannot be written, or a playbook is not there.
        StoreError: a playbook cannot be read.
    """
    folder = RunFolder.create(path, new.tasks)
    try:
        copied = await copy_playbook(new.playbook, path)
        against = await copy_playbook(new.against, path / AGAINST) if new.compared else None
        folder.tell(_config(path, new, copied, against))
    except BaseException:
        rmtree(path, ignore_errors=True)
        raise
    return folder


def _config(path: Path, new: NewRun, copied: Copied, against: Copied | None) -> RunConfig:
    plan = new.plan
    if plan.mode is Mode.EVALUATE and new.tasks.validation is not None:
        raise ConfigurationError("an evaluation has no validation tasks; give the tasks to measure only")
    return RunConfig(
        run_id=new_id(),
        name=path.name or "run",
        version=version("tta-dev-primitives"),
        begun=datetime.now(UTC).isoformat(timespec="seconds"),
        mode=plan.mode,
        source=new.source,
        tasks=new.tasks.train.digest,
        validation=new.tasks.validation.digest if new.tasks.validation else "",
        models={role.value: model.name for role, model in new.models.items()},
        sandbox=new.sandbox,
        playbook=NONE if new.playbook is None else str(new.playbook),
        playbook_version=copied.version,
        against=None if against is None else (NONE if new.against is None else str(new.against)),
        against_version=against.version if against else 0,
        epochs=plan.epochs,
        in_flight=plan.in_flight,
        window=plan.window,
        options=asdict(new.options),
    )
