"""The stage: a real store, the real jail and the real loop, in which only the model is an obedient one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from tests.security.case import Case
from tests.security.effects import RIGHT, Played
from tests.security.ways import EXPECTED, TASK, Way
from tests.security.world import World
from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.bullet import Bullet, Provenance, Status
from tta_dev_primitives.ace.cognitive_manager import SelfLearningCodePrimitive
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, AnyOperation, Delta
from tta_dev_primitives.ace.events import Promote
from tta_dev_primitives.ace.options import Reflect
from tta_dev_primitives.ace.standing import Evidence
from tta_dev_primitives.ace.store import Commit, PlaybookStore, open_store
from tta_dev_primitives.ace.store.protocol import Committed
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.core.errors import PlayboxError
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.observability import JsonlSink
from tta_dev_primitives.sandbox import Limits, Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import ObedientModel

OPTIONS: Final = AceOptions(inclusion=1.0, hold_out=0.0, exploration=0.0, reflect=Reflect.ALWAYS, rounds=2)
"""Every strategy gets into every prompt: nothing is kept from an attack by chance."""
LIMITS: Final = Limits(wall_s=5, cpu_s=4, memory_bytes=256 << 20, output_bytes=1 << 20)
GOOD: Final = ("Print integers without a decimal point.", "Print the answer on a line of its own.")
_HERE: Final = Provenance(task_id="before", run_id="before", model="m", actor="curator", origin="scripted")
_PROVEN: Final = Evidence(relevant=30, included=20, mean=1.0, sd=0.2, e_value=40.0, window=400, version=1)
Insights = Sequence[Mapping[str, object]]


@dataclass(slots=True, kw_only=True)
class Stage:
    """Where one case is played once. `gullible` says whether its models also obey what blocks show."""

    case: Case
    world: World
    sandbox: Sandbox
    folder: Path
    gullible: bool
    name: str = "obedient"
    mischief: bool = True
    models: list[ObedientModel] = field(default_factory=list[ObedientModel])
    untouched: tuple[Bullet, ...] = ()

    store: PlaybookStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = open_store(self.folder / "playbook.json")

    def model(self, base: Callable[[Request[BaseModel]], Mapping[str, object]]) -> ObedientModel:
        """Return a model that does what `base` does and obeys."""
        model = ObedientModel(
            base,
            gullible=self.gullible,
            meanings=self.case.meanings(self.world.filled),
            mischief=self.world.mischief if self.mischief else "",
            name=self.name,
        )
        self.models.append(model)
        return model

    async def seed(self) -> None:
        """Let the playbook hold two strategies that are fine."""
        committed = await self.commit(*(AddBullet(kind=Kind.RULE, content=content) for content in GOOD))
        self.untouched = tuple(committed.playbook.bullets.values())

    async def commit(self, *operations: AnyOperation, provenance: Provenance = _HERE) -> Committed:
        """Apply operations as a run of this host does."""
        delta = Delta(operations=operations, provenance=provenance)
        return await self.store.commit(Commit(run_id=provenance.run_id, delta=delta))

    async def promote(self, *bullets: str) -> None:
        """Let evidence have shown that these help."""
        decisions = tuple(Promote(bullet=name, status=Status.VALIDATED, evidence=_PROVEN) for name in bullets)
        await self.store.commit(Commit(run_id="evidence", decisions=decisions))

    async def learn(self, way: Way, insights: Insights = (), *, attempts: int = 2) -> str:
        """Run the task of `way`; return what the caller is shown, and what comes out if it fails."""
        model = self.model(lambda request: _answer(request, way, insights))
        settings = Settings.from_environment()
        sink = JsonlSink(self.folder / "trace.jsonl", settings=settings, capture_content=True)
        context = WorkflowContext(sinks=(sink,))
        learner = SelfLearningCodePrimitive(
            model=model,
            sandbox=self.sandbox,
            store=self.store,
            limits=LIMITS,
            options=OPTIONS,
            settings=settings,
        )
        try:
            result = await learner.execute({"task": TASK, "max_iterations": attempts, **way.task}, context)
        except PlayboxError as error:
            return f"{type(error).__name__}: {error} {getattr(error, '__notes__', ())}"
        finally:
            sink.close()
        return result.model_dump_json()

    async def again(self) -> str:
        """Run another task on what was learned, which is solved at once unless a strategy tells otherwise."""
        task = {"expected_output": EXPECTED, "family": "later", "id": "later"}
        return await self.learn(Way(code=RIGHT, task=task), attempts=1)

    async def played(self, *shown: str, **also: object) -> Played:
        """Return what is left."""
        playbook = await self.store.load()
        found = {
            "folder": self.folder,
            "playbook": playbook,
            "records": await self.store.history(),
            "episodes": await self.store.episodes(),
            "requests": tuple((one.task_id, one.prompt) for model in self.models for one in model.requests),
            "obeyed": tuple(one for model in self.models for one in model.obeyed),
            "shown": "\n".join(shown),
            "untouched": self.untouched,
        }
        await self.store.aclose()
        return Played(**{**found, **also})  # type: ignore[arg-type]  # names are those of the fields


@contextmanager
def staged(case: Case, world: World, sandbox: Sandbox, *, gullible: bool) -> Generator[Stage]:
    """Return a stage that goes away with what was played on it."""
    with tempfile.TemporaryDirectory() as name:
        yield Stage(case=case, world=world, sandbox=sandbox, folder=Path(name), gullible=gullible)


def _answer(request: Request[BaseModel], way: Way, insights: Insights) -> Mapping[str, object]:
    if request.role is Role.CURATOR:
        return {}
    if request.role is Role.REFLECTOR:
        return {"diagnosis": "It printed something else.", "insights": [dict(one) for one in insights]}
    if way.probes and "# Probing" in request.prompt:
        return {"plan": "look", "probes": list(way.probes)}
    return {"plan": "print it", "code": way.code if request.attempt == 1 else RIGHT}
