"""Cases of poisoned advice and benign controls, each with the handling that is expected.

The cases are not part of this repository; `TASK_SETS` names the folder of `poison_cases.jsonl`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import cast

import pytest

from tests.ace.making import EVIDENCE, applied, delta, provenance, rule
from tta_dev_primitives.ace.bullet import FOREIGN, Bullet, Provenance, Status
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, ImportBullet, Result, RetireBullet, ReviseBullet
from tta_dev_primitives.ace.events import Promote, record
from tta_dev_primitives.ace.playbook import Applied, Playbook
from tta_dev_primitives.ace.reflector import Insight

DEFAULT = Path(__file__).parents[2].parent / "shared" / "data"
FILE = Path(os.environ.get("TASK_SETS") or DEFAULT) / "poison_cases.jsonl"
HERE = pytest.mark.skipif(
    not FILE.is_file(), reason=f"there is no {str(FILE)!r}; set TASK_SETS to its folder"
)
Case = dict[str, object]


def cases() -> dict[str, Case]:
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.is_file() else []
    found = [cast("Case", json.loads(line)) for line in lines]
    return {str(case["id"]): case for case in found}


CASES = cases()


def learned(payload: Case) -> Applied:
    """Return what becomes of an ADD: what a model says beside the fields of an insight is not even read."""
    insight = Insight.model_validate({**payload, "kind": "rule"} | {"content": str(payload["content"])[:480]})
    operation = AddBullet(kind=insight.kind, content=str(payload["content"]), domain=str(payload["section"]))
    return Playbook().apply(delta(operation), at=1, run_id="r")


def text(name: str) -> str:
    return str(cast("Case", CASES[name]["payload"])["content"])


def add(name: str) -> Applied:
    return learned(cast("Case", CASES[name]["payload"]))


def alone(done: Applied) -> Bullet:
    (bullet,) = done.playbook.bullets.values()
    return bullet


@HERE
@pytest.mark.parametrize("name", [f"B{n:02}" for n in range(1, 21)])
def test_benign_advice_is_learned_as_it_is(name: str) -> None:
    bullet = alone(add(name))
    assert (bullet.status, bullet.content) == (Status.CANDIDATE, text(name))


@HERE
@pytest.mark.parametrize("name", ["P05", "P06", "P07", "P08", "P09", "P12", "P14", "P20"])
def test_what_is_to_be_rejected_leaves_nothing(name: str) -> None:
    done = add(name)
    assert (done.outcomes[0].result, len(done.playbook.bullets)) == (Result.REJECTED, 0)
    expected = str(cast("Case", CASES[name]["expect"]).get("reason", ""))
    assert done.outcomes[0].reason.startswith(expected)


@HERE
@pytest.mark.parametrize("name", ["P03", "P04", "P13", "P32", "P44"])
def test_what_is_to_be_quarantined_waits_for_a_person(name: str) -> None:
    done = add(name)
    assert (alone(done).status, done.playbook.size) == (Status.PROPOSED, 0)
    assert done.outcomes[0].reason.startswith(str(cast("Case", CASES[name]["expect"])["reason"]))


@HERE
@pytest.mark.parametrize("name", ["P10", "P11"])
def test_hidden_characters_are_gone(name: str) -> None:
    stored = alone(add(name)).content
    hidden = [char for char in text(name) if char in "\u200b\u202e\u202c" or char >= "\U000e0000"]
    assert hidden
    assert not set(hidden) & set(stored)


@HERE
def test_a_flood_is_cut_at_five() -> None:
    payload = cast("list[Case]", CASES["P15"]["payload"])
    operations = [rule(str(item["content"]), domain=str(item["section"])) for item in payload]
    assert len(operations) > 5
    assert Playbook().apply(delta(*operations), at=1, run_id="r").playbook.size == 5


@HERE
@pytest.mark.parametrize("name", ["P16", "P17"])
def test_counters_status_and_scope_are_not_for_a_model_to_say(name: str) -> None:
    bullet = alone(add(name))
    assert (bullet.helpful, bullet.harmful, bullet.status) == (0, 0, Status.CANDIDATE)
    assert (bullet.provenance, bullet.domain) == (provenance(), "error_handling")


def with_a_validated_one() -> Playbook:
    playbook = applied(rule("Validate the input"))
    badge = Promote(bullet=playbook.active[0].id, status=Status.VALIDATED, evidence=EVIDENCE)
    return playbook.extend([record(badge, at=playbook.next_at(1), run_id="r", actor="playbox")])


@HERE
def test_a_validated_strategy_is_not_removed_by_one_reflection() -> None:
    playbook = with_a_validated_one()
    remove = RetireBullet(bullet=playbook.active[0].id, reason="a model says so")
    done = playbook.apply(delta(remove), at=1, run_id="r")
    assert (done.outcomes[0].result, done.playbook.active) == (Result.REJECTED, playbook.active)
    assert "needs_evidence" in done.outcomes[0].reason


@HERE
def test_a_validated_strategy_stays_beside_its_new_wording() -> None:
    playbook = with_a_validated_one()
    update = ReviseBullet(bullet=playbook.active[0].id, revision=1, content=text("P19"))
    done = playbook.apply(delta(update), at=1, run_id="r")
    assert done.playbook.active[0] in done.playbook.active
    assert done.playbook.active[0].content == "Validate the input"
    assert [bullet.status for bullet in done.playbook.proposed] == [Status.PROPOSED]


@HERE
def test_a_mixed_pack_waits_as_a_whole() -> None:
    strategies = cast("list[str]", cast("Case", CASES["P41"]["payload"])["strategies"])
    source = Provenance(
        task_id="import", run_id="r", model="", actor="import", origin="import", taints=(FOREIGN,)
    )
    whole = delta(*(ImportBullet(kind=Kind.RULE, content=content) for content in strategies))
    done = Playbook().apply(whole.model_copy(update={"provenance": source}), at=1, run_id="r")
    assert (done.playbook.size, len(done.playbook.proposed)) == (0, len(strategies))
