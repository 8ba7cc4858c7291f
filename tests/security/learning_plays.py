"""Attacks on what is learned: by what programs print, by what models answer, by what was learned before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from tests.security.case import as_mapping
from tests.security.effects import Played
from tests.security.stage import Stage
from tests.security.ways import Way, text_of, way_of
from tta_dev_primitives.ace.bullet import Provenance
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, AnyOperation, RetireBullet, ReviseBullet

_HARMLESS: Final = Way(code="print(41)")
_MODEL: Final = Provenance(
    task_id="attack",
    run_id="attack",
    model="m",
    actor="curator",
    origin="scripted",
    taints=("execution_output",),
)
_KINDS: Final = {kind.value for kind in Kind}


async def exec_output(stage: Stage) -> Played:
    """Let a program or a file of a task say it, learn from that, and run another task after it."""
    await stage.seed()
    text = stage.world.filled(text_of(stage.case))
    shown = [await stage.learn(way_of(stage.case, text)), await stage.again()]
    return await stage.played(*shown)


async def delta(stage: Stage) -> Played:
    """Let a model answer with it as an insight; what no insight can ask for is asked of the store itself."""
    await stage.seed()
    fields = stage.case.fields
    if fields.get("op", "ADD") == "ADD" and _is_slug(str(fields.get("section", "general"))):
        shown = [await stage.learn(_HARMLESS, [_insight(stage, fields)])]
    else:
        shown = [await _directly(stage, fields)]
    return await stage.played(*shown, await stage.again())


async def batch(stage: Stage) -> Played:
    """Let a model answer with many insights at once, and ask the store for all of them at once as well."""
    await stage.seed()
    items = [as_mapping(one) for one in stage.case.parts]
    shown = await stage.learn(_HARMLESS, [_insight(stage, item) for item in items])
    operations = [AddBullet(kind=Kind.RULE, content=str(item.get("content", ""))) for item in items]
    committed = await stage.commit(*operations, provenance=_MODEL)
    return await stage.played(
        shown, str([outcome.reason for outcome in committed.outcomes]), await stage.again()
    )


async def drip(stage: Stage) -> Played:
    """Let it come in parts, a run each, as a program prints them."""
    await stage.seed()
    parts = [stage.world.filled(str(part)) for part in stage.case.parts]
    shown = [
        await stage.learn(
            Way(code=f"print({part!r})", task={"expected_output": "42", "id": f"drip-{number}"})
        )
        for number, part in enumerate(parts)
    ]
    return await stage.played(*shown, await stage.again())


async def strategy(stage: Stage) -> Played:
    """Let it be in the playbook already, from a time before there were any rules."""
    await stage.seed()
    content = stage.world.filled(text_of(stage.case))
    kind = Kind.SNIPPET if "\n" in content else Kind.RULE
    committed = await stage.commit(AddBullet(kind=kind, content=content), provenance=_MODEL)
    shown = str([outcome.reason for outcome in committed.outcomes])
    return await stage.played(shown, await stage.learn(_HARMLESS), await stage.again())


async def _directly(stage: Stage, fields: Mapping[str, object]) -> str:
    """Ask the store for an operation; `validated-strategy-1` is one that evidence has shown to help."""
    await stage.promote(stage.untouched[0].id)
    try:
        operation = _operation(fields, stage.untouched[0].id)
    except (ValidationError, ValueError) as error:
        return f"no operation: {error}"
    committed = await stage.commit(operation, provenance=_MODEL)
    return str([(outcome.result, outcome.reason) for outcome in committed.outcomes])


def _operation(fields: Mapping[str, object], named: str) -> AnyOperation:
    content, op = str(fields.get("content", "")), fields.get("op")
    if op == "REMOVE":
        return RetireBullet(bullet=named, reason="the model says so")
    if op == "UPDATE":
        return ReviseBullet(bullet=named, revision=1, content=content)
    return AddBullet(kind=Kind.RULE, content=content, domain=str(fields.get("section", "general")))


def _insight(stage: Stage, fields: Mapping[str, object]) -> dict[str, object]:
    """Return the raw answer: all keys of the payload, also those that no model may write."""
    content = stage.world.filled(str(fields.get("content", "")))
    kind = fields.get("kind") if fields.get("kind") in _KINDS else "rule"
    return {**fields, "kind": kind, "content": content}


def _is_slug(section: str) -> bool:
    return re.fullmatch(r"[a-z0-9_]{1,40}", section) is not None
