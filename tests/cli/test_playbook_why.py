from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import cast

import pytest

from tests.cli.conftest import LESSON, Playbox, model_writing
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.delta import Delta, MergeBullets, ReviseBullet
from tta_dev_primitives.ace.events import Promote, Replayed
from tta_dev_primitives.ace.standing import Evidence
from tta_dev_primitives.ace.store import Commit, open_store

EVIDENCE = Evidence(
    relevant=12,
    included=10,
    mean=1.0,
    sd=0.4,
    uplift=0.31,
    low=0.04,
    high=0.58,
    e_value=24.0,
    window=12,
    version=3,
)


def test_it_shows_the_run_the_real_error_and_the_fix(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    ran = playbox("playbook", "why", "str-00001")
    assert ran.code == 0
    assert f"  {LESSON}\n" in ran.out
    assert "attempt 1  ✗ runtime error: ZeroDivisionError: division by zero" in ran.out
    assert "-print(1 / 0)\n+print(2)" in ran.out
    assert "  learned  (task task-" in ran.out
    assert "relevant  to 0 runs" in ran.out
    assert len(ran.out.splitlines()) < 30


def test_all_shows_the_programs(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    assert "\nprint(1 / 0)\n" not in playbox("playbook", "why", "str-00001").out
    ran = playbox("playbook", "why", "str-00001", "--all")
    assert "attempt 1: runtime_error\nprint(1 / 0)" in ran.out.replace(" \n", "\n")


def test_runs_with_it_are_counted(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    playbox("run", "Divide by a count", "--expect", "1", model=model_writing("print(1)"))
    assert (
        "1 of 1 solved at the first try: 100 % (21 to 100 %)" in playbox("playbook", "why", "str-00001").out
    )


async def decide(path: Path) -> None:
    """Have the strategy replayed, validated and reworded."""
    store = open_store(path)
    playbook = await store.load()
    name = playbook.active[0].id
    source = playbook.active[0].provenance.model_copy(update={"origin": "user", "actor": "user"})
    replay = Replayed(
        bullet=name,
        task_id="t1",
        with_success=True,
        without_success=False,
        with_episode="a",
        without_episode="b",
    )
    badge = Promote(
        bullet=name, status=Status.VALIDATED, reason="measured to help", e_value=24.0, evidence=EVIDENCE
    )
    await store.commit(Commit(run_id="r2", replays=(replay,), decisions=(badge,)))
    reword = ReviseBullet(bullet=name, revision=1, content="Ask len() before you divide.")
    await store.commit(Commit(run_id="r3", delta=Delta(operations=(reword,), provenance=source)))


async def merge(path: Path) -> None:
    """Merge the first strategy into the second."""
    store = open_store(path)
    source = (await store.load()).active[0].provenance
    merged = MergeBullets(bullet="str-00001", into="str-00002")
    await store.commit(Commit(run_id="r", delta=Delta(operations=(merged,), provenance=source)))


def test_it_shows_the_evidence_behind_each_decision(playbox: Playbox, learned: Path) -> None:
    asyncio.run(decide(learned))
    out = playbox("playbook", "why", "str-00001").out
    assert "t1: ✓ with it, ✗ without (in its wording 1)" in out
    assert "str-00001 is validated now" in out
    assert "uplift +31 points (+4 to +58); e-value 24; 10 of 12 judged runs had it" in out
    assert "reworded: Ask len() before you divide." in out


def test_a_merged_one_leads_to_what_it_became_part_of(playbox: Playbox, learned: Path) -> None:
    (learned.parent / "in.json").write_text(json.dumps({"strategies": ["Use len() first."]}))
    playbox("playbook", "import", str(learned.parent / "in.json"))
    asyncio.run(merge(learned))
    out = playbox("playbook", "why", "str-00001").out
    assert out.startswith("str-00001 was merged into str-00002\n")
    assert f"str-00001, merged into it: {LESSON}" in out


def test_json_is_one_document_with_all_of_it(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    ran = playbox("playbook", "why", "str-00001", "--json")
    (taught,) = cast("list[dict[str, object]]", ran.document["taught"])
    assert cast("list[str]", taught["fix"])[-2:] == ["-print(1 / 0)", "+print(2)"]
    assert {"strategy", "changes", "runs", "belief", "replays", "tags"} <= ran.document.keys()
    assert ran.out.isascii()


def test_what_a_guest_said_cannot_steer_the_terminal(playbox: Playbox) -> None:
    program = "raise ValueError('\\x1b[2J\\u202e[bold]owned[/bold]')"
    playbox(
        "run",
        "Divide",
        "--expect",
        "2",
        model=model_writing(program, "print(2)", lesson="Do [red]not[/red]."),
    )
    out = playbox("playbook", "why", "str-00001", "--all").out
    assert "[bold]owned[/bold]" in out
    assert "Do [red]not[/red]." in out
    assert "\x1b" not in out
    assert "\u202e" not in out


@pytest.mark.parametrize("arguments", [["str-00009"], ["str-00009", "--json"]])
def test_an_unknown_strategy_is_said(playbox: Playbox, learned: Path, arguments: list[str]) -> None:
    assert learned.exists()
    ran = playbox("playbook", "why", *arguments)
    assert ran.code == 2
    assert "there is no strategy 'str-00009'" in ran.out + ran.err
