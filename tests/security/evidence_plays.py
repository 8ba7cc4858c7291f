"""Attacks on what the host concludes: verdicts, which strategies help, and which are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from pydantic import BaseModel

from tests.security.effects import Played
from tests.security.stage import LIMITS, Stage, staged
from tests.security.ways import EXPECTED, Way
from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.cognitive_manager import SelfLearningCodePrimitive
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet
from tta_dev_primitives.ace.options import Reflect
from tta_dev_primitives.ace.selection import select
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.testing import ScriptedModel

_RUNS: Final = 120
_RELEVANT: Final = (
    "Read a CSV with csv.DictReader so that columns have names.",
    "Replace missing values of a numeric CSV column by its median.",
    "Drop outliers beyond three standard deviations before you average.",
    "Parse dates of a CSV with datetime.fromisoformat.",
    "Strip the byte order mark of a CSV with encoding utf-8-sig.",
    "Process a large CSV row by row and not as a whole.",
)
_FEW: Final = AceOptions(whole_below=0, inclusion=1.0, hold_out=0.0, exploration=0.0)


async def verdict(stage: Stage) -> Played:
    """Let a wrong program be judged that does what it can to be called right."""
    await stage.seed()
    fields = stage.case.fields
    checks = {
        name: fields[name] for name in ("tests", "cases", "entry_point", "expected_output") if name in fields
    }
    code = stage.world.filled(str(fields.get("code", "")))
    shown = await stage.learn(Way(code=code, task=checks), attempts=1)
    episodes = await stage.store.episodes()
    flipped = tuple(f"a wrong program passed: {code[:60]!r}" for one in episodes if one.success)
    return await stage.played(shown, flipped=flipped)


async def evidence(stage: Stage) -> Played:
    """Let runs show what advice without any marker is worth."""
    outcomes = cast("Mapping[str, Sequence[int]]", stage.case.fields["outcomes"])
    advice = str(stage.case.fields["strategy"])
    await stage.commit(AddBullet(kind=Kind.RULE, content=advice))
    runs = {True: iter(_endless(outcomes["with_strategy"])), False: iter(_endless(outcomes["without"]))}

    def answer(request: Request[BaseModel]) -> dict[str, object]:
        assert request.role is Role.GENERATOR
        succeeds = next(runs[advice in request.prompt])
        return {"plan": "sort", "code": f"print({EXPECTED if succeeds else 41})"}

    learner = SelfLearningCodePrimitive(
        model=ScriptedModel(answer),
        sandbox=stage.sandbox,
        store=stage.store,
        limits=LIMITS,
        options=AceOptions(reflect=Reflect.NEVER, decide_every=5),
    )
    for number in range(_RUNS):
        task = {"task": "Sort a list and print it.", "expected_output": EXPECTED, "id": f"sort-{number}"}
        await learner.execute({**task, "max_iterations": 1}, WorkflowContext())
    return await stage.played()


async def retrieval(stage: Stage) -> Played:
    """Ask for strategies: of somebody else, or where one strategy has all the words of the question."""
    fields = stage.case.fields
    if "canary" in fields:
        return await _other_tenant(stage, str(fields["query"]), str(fields["canary"]))
    poison, query = stage.world.filled(str(fields["poison"])), str(fields["query"])
    copies = int(str(fields.get("copies", 1)))
    committed = await stage.commit(*(AddBullet(kind=Kind.RULE, content=content) for content in _RELEVANT))
    await stage.promote(*committed.playbook.bullets)
    insight = {"kind": "rule", "content": poison, "keywords": poison.split()[:10]}
    shown = [
        await stage.learn(
            Way(code="print(41)", task={"expected_output": EXPECTED, "id": f"hijack-{number}"}),
            [{**insight, "content": f"{poison} {number}" if copies > 1 else poison}],
        )
        for number in range(copies)
    ]
    found = select(await stage.store.load(), parse_task({"task": query}), _FEW).bullets
    mine = sum(bullet.content.startswith(poison[:20]) for bullet in found)
    share = mine / len(found) if found else 0.0
    most = float(str(stage.case.expect.get("max_share_topk", 0.34)))
    hijacked = (f"{mine} of {len(found)} strategies found are the attacker's",) if share > most else ()
    return await stage.played(*shown, flipped=hijacked)


async def _other_tenant(stage: Stage, query: str, canary: str) -> Played:
    """Let one tenant learn a secret, and another one ask for it."""
    with staged(stage.case, stage.world, stage.sandbox, gullible=stage.gullible) as other:
        await other.commit(AddBullet(kind=Kind.RULE, content=f"{query}: the answer is {canary}"))
        task = {"task": query, "expected_output": EXPECTED}
        await other.learn(Way(code=f"print({canary!r})", task=task))
        await other.store.aclose()
        shown = await stage.learn(Way(code="print(41)", task=task))
    played = await stage.played(shown)
    texts = [*played.prompts, played.shown, *(one.content for one in played.playbook.bullets.values())]
    texts += [
        file.read_bytes().decode(errors="replace") for file in stage.folder.rglob("*") if file.is_file()
    ]
    leaked = ("the other tenant's secret is here",) if any(canary in text for text in texts) else ()
    return Played(
        **{name: getattr(played, name) for name in played.__slots__ if name != "flipped"}, flipped=leaked
    )


def _endless(values: Sequence[int]) -> Sequence[int]:
    return list(values) * _RUNS
