"""What the loop reports says for a trace what matters of it, and keeps what was written or printed apart."""

from __future__ import annotations

import pytest

from tests.ace.making import rule
from tta_dev_primitives.ace.attempt import Attempt, Generation, Probe
from tta_dev_primitives.ace.delta import Outcome, Result
from tta_dev_primitives.ace.evaluator import Judgement
from tta_dev_primitives.ace.events import GateResult, Replayed
from tta_dev_primitives.ace.gate.report import GateDecided, GateReport, Match
from tta_dev_primitives.ace.progress import (
    AttemptJudged,
    PlaybookChanged,
    ProbesRun,
    ProgramWritten,
    SandboxFailed,
    StrategyReplayed,
)
from tta_dev_primitives.ace.verdict import Verdict, VerdictKind
from tta_dev_primitives.llm.types import Origin, Source, Usage


def test_a_program_is_content() -> None:
    event = ProgramWritten(task_id="t", number=1, code="print(42)")
    assert event.attributes() == {"playbox.task_id": "t", "playbox.number": 1}
    assert event.contents() == {"playbox.code": "print(42)"}


def test_probes_are_counted_and_their_output_is_content() -> None:
    event = ProbesRun(task_id="t", probes=(Probe(code="dir(x)", seen="['a']"),))
    assert event.attributes() == {"playbox.task_id": "t", "playbox.probes": 1}
    assert event.contents() == {"playbox.probe.0": "dir(x)\n['a']"}


def test_only_what_was_really_added_counts_as_a_strategy() -> None:
    event = PlaybookChanged(
        task_id="t",
        outcomes=(
            Outcome(operation=rule("Count from one."), result=Result.APPLIED, bullet_id="b1"),
            Outcome(operation=rule("Count from two."), result=Result.DUPLICATE, bullet_id="b2"),
        ),
        playbook_version=3,
        playbook_size=1,
    )
    assert event.attributes()["playbox.strategies.added"] == ("b1",)
    assert event.contents() == {"playbox.strategies.content": "Count from one."}


def test_a_replay_tells_both_outcomes() -> None:
    replayed = Replayed(
        bullet="b1",
        task_id="t",
        with_success=True,
        without_success=False,
        with_episode="e1",
        without_episode="e2",
    )
    assert StrategyReplayed(task_id="t", replayed=replayed).attributes() == {
        "playbox.task_id": "t",
        "playbox.replay.strategy": "b1",
        "playbox.replay.with_success": True,
        "playbox.replay.without_success": False,
    }


def test_what_has_no_names_of_its_own_goes_by_its_fields() -> None:
    event = SandboxFailed(task_id="t", reason="the zygote died")
    assert event.attributes() == {"playbox.task_id": "t", "playbox.reason": "the zygote died"}


def test_a_gate_tells_its_decision_and_its_price() -> None:
    nothing = Match(pairs=())
    report = GateReport(
        result=next(iter(GateResult)),
        reason="too little to tell",
        version=4,
        champion=2,
        against_champion=nothing,
        against_empty=nothing,
        champion_against_empty=nothing,
        plays=8,
        saved=1,
    )
    told = GateDecided(report=report).attributes()
    assert told["playbox.gate.reason"] == "too little to tell"
    assert (told["playbox.gate.plays"], told["playbox.playbook.version"]) == (8, 4)
    assert isinstance(told["playbox.gate.e_value"], float)


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("KeyError", "KeyError"),
        ("", ""),
        ("what the program read: ...", "(no name)"),
        ("E" * 101, "(no name)"),
    ],
)
def test_the_name_of_an_error_is_a_name_and_no_text_of_the_program(raised: str, told: str) -> None:
    verdict = Verdict(kind=VerdictKind.RUNTIME_ERROR, score=0.0, feedback="", error_signature=raised)
    source = Source(origin=Origin.SCRIPTED, model="m")
    written = Generation(code="", cited=(), usage=Usage(), source=source)
    judged = Attempt(number=1, generation=written, judgement=Judgement(verdict=verdict, executions=()))
    event = AttemptJudged(task_id="t", attempt=judged)
    assert event.attributes()["playbox.verdict.error"] == told
