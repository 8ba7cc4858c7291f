"""Values that the tests of the loop are made of."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from tta_dev_primitives.ace import AceOptions, CodeTask, Reflect, SelfLearningCodePrimitive
from tta_dev_primitives.ace.bullet import Provenance, Trigger
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, Delta
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import PlaybookStore
from tta_dev_primitives.ace.task import Task, parse_task
from tta_dev_primitives.core.errors import SandboxCrashed
from tta_dev_primitives.llm.types import Role
from tta_dev_primitives.sandbox.types import NO_ENVS, NO_FILES, Execution, Isolation, Limits, Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, MemoryStore, ScriptedModel

PROVENANCE = Provenance(task_id="t", run_id="r", model="scripted", actor="curator", origin="scripted")


def task(**fields: object) -> Task:
    return parse_task({"task": "Print the answer.", **fields})


def program(code: str, *strategies: str) -> Mapping[str, object]:
    return {"plan": "as asked", "code": code, "strategies": list(strategies)}


def insight(content: str, **fields: object) -> Mapping[str, object]:
    return {"kind": "api_fact", "content": content, **fields}


def reflection(
    *insights: Mapping[str, object], tags: Sequence[Mapping[str, str]] = ()
) -> Mapping[str, object]:
    return {"diagnosis": "The real error says so.", "insights": list(insights), "tags": list(tags)}


def decide(*decisions: Mapping[str, object]) -> Mapping[str, object]:
    return {"decisions": list(decisions)}


def scripted(
    generator: Sequence[Answer] = (), reflector: Sequence[Answer] = (), curator: Sequence[Answer] = ()
) -> ScriptedModel:
    return ScriptedModel({Role.GENERATOR: generator, Role.REFLECTOR: reflector, Role.CURATOR: curator})


def playbook(*contents: str, libraries: Sequence[str] = (), language: str | None = None) -> Playbook:
    """Return a playbook that learned `contents` one after the other."""
    trigger = Trigger(language=language, libraries=tuple(libraries))
    book = Playbook()
    for content in contents:
        delta = Delta(
            operations=(AddBullet(kind=Kind.RULE, content=content, trigger=trigger),), provenance=PROVENANCE
        )
        book = book.apply(delta, at=time.time_ns(), run_id="r").playbook
    return book


CERTAIN = AceOptions(inclusion=1.0, hold_out=0.0)
NEVER = AceOptions(inclusion=1.0, hold_out=0.0, reflect=Reflect.NEVER)
PRINT_42: CodeTask = {"task": "Print what parcelo.answer gives.", "expected_output": "42"}
WRONG, RIGHT = program("print(41)"), program("print(42)")
LESSON = insight("parcelo.answer counts from one: add 1.", libraries=["parcelo"])
NEAR = insight("`parcelo.answer` counts from one, so add 1 to it.", libraries=["parcelo"])


def learner(
    model: ScriptedModel,
    sandbox: Sandbox,
    store: PlaybookStore | None = None,
    options: AceOptions = CERTAIN,
) -> SelfLearningCodePrimitive:
    return SelfLearningCodePrimitive(
        model=model, sandbox=sandbox, store=store or MemoryStore(), options=options, settings=Settings()
    )


class CrashingSandbox:
    """Fails `crashes` times as a sandbox, then runs code in `inner`."""

    languages = frozenset({"python"})
    isolation = Isolation.NAMESPACES

    def __init__(self, inner: Sandbox, crashes: int) -> None:
        self._inner, self._left = inner, crashes

    async def run_code(
        self,
        code: str,
        *,
        language: str = "python",
        files: Mapping[str, bytes] = NO_FILES,
        envs: Mapping[str, str] = NO_ENVS,
        limits: Limits | None = None,
    ) -> Execution:
        if self._left:
            self._left -= 1
            raise SandboxCrashed("the zygote died")
        return await self._inner.run_code(code, language=language, files=files, envs=envs, limits=limits)

    async def aclose(self) -> None:
        """Nothing of its own to close."""
