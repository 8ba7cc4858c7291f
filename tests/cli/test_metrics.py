from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from tests.cli.conftest import LESSON, Playbox
from tta_dev_primitives.ace.metrics import CATALOGUE, Group, Metric, Reading, Unit
from tta_dev_primitives.ace.statistics import Estimate
from tta_dev_primitives.ace.training.result import Phase, TaskResult
from tta_dev_primitives.cli.measuring import wording
from tta_dev_primitives.cli.measuring.table import show_table
from tta_dev_primitives.cli.screen import Screen


def readings(document: dict[str, object]) -> dict[str, dict[str, object]]:
    metrics = cast("list[dict[str, object]]", document["metrics"])
    every = [one for metric in metrics for one in cast("list[dict[str, object]]", metric["readings"])]
    return {cast("str", one["what"]): one for one in every}


def test_the_table_has_every_metric_below_its_heading(playbox: Playbox, learned: Path) -> None:
    ran = playbox("metrics", "--playbook", str(learned))
    assert ran.code == 0
    rows = ran.out.splitlines()
    places = [rows.index(f"  {one.name}: {one.meaning}") for one in CATALOGUE]
    assert places == sorted(places)
    assert [row for row in rows if row and row[0] != " "][:3] == [
        "Learning Effectiveness",
        "System Health",
        "Business Impact",
    ]
    assert rows[-1].startswith("1 run in ")
    assert "not enough data: needs human ratings of 5 strategies" in ran.out


def test_the_document_has_figures_and_what_is_missing(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    found = playbox("metrics", "--json").document
    assert (found["runs"], found["results"], found["run"], found["since"]) == (1, 0, None, None)
    assert readings(found)["strategies in use"]["value"] == 1
    solved = readings(found)["solved"]
    assert (solved["value"], solved["interval"], solved["n"]) == (None, None, 1)
    assert solved["note"] == "not enough data: needs 5 tasks with checks; 1"


def test_runs_before_a_time_are_left_out(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    assert playbox("metrics", "--since", "2031-05-01", "--json").document["runs"] == 0
    assert playbox("metrics", "--since", "2w", "--json").document["runs"] == 1
    wrong = playbox("metrics", "--since", "yesterday")
    assert wrong.code == 2
    assert wrong.err.startswith("error: --since 'yesterday' is no time; give a date such as 2026-11-01, or ")


@pytest.mark.parametrize(
    ("unit", "figure", "shown", "interval"),
    [
        (Unit.SHARE, 0.62, "62 %", "42 to 82"),
        (Unit.CHANGE, 0.231, "+23 points", "+3 to +43"),
        (Unit.CHANGE, -0.001, "+0 points", "-20 to +20"),
        (Unit.PER_RUN, 0.416, "0.42", "0.22 to 0.62"),
        (Unit.RATIO, 0.5, "0.50x", "0.30 to 0.70"),
        (Unit.COUNT, 1234, "1,234", "1,234 to 1,234"),
    ],
)
def test_figures_are_told_with_their_unit(unit: Unit, figure: float, shown: str, interval: str) -> None:
    estimate = Estimate(value=figure, low=figure - 0.2, high=figure + 0.2, n=7, method="Wilson")
    told = Reading(what="x", unit=unit, n=7, of="strategies", value=figure, estimate=estimate)
    assert (wording.value(told), wording.interval(told)) == (shown, interval)
    assert wording.basis(told) == "7 strategies"
    one = replace(told, n=1, value=None, estimate=None)
    assert (wording.value(one), wording.interval(one), wording.basis(one)) == ("-", "", "1 strategy")


def test_a_curve_rises_from_zero() -> None:
    assert wording.curve((0.0, 0.5, 1.0), Unit.SHARE) == "▁▅█"
    assert wording.curve((2.0, 1.0, 4.0), Unit.PER_RUN) == "▅▃█"
    assert wording.curve((1.0,), Unit.SHARE) == wording.curve((0.0, 0.0), Unit.COUNT) == ""


def test_on_a_terminal_what_is_long_is_broken_below_itself() -> None:
    out = Console(file=StringIO(), force_terminal=True, width=70, color_system=None)
    note = "not enough data: needs five tasks of which somebody knows more than nothing; 0"
    lacking = Reading(what="what is long", unit=Unit.SHARE, n=0, of="tasks", note=note)
    luck = Metric(name="Luck", group=Group.HEALTH, meaning="chance", readings=(lacking,))
    show_table([luck], Screen(out=out, err=out, as_json=False))
    rows = [row.rstrip() for row in cast("StringIO", out.file).getvalue().split("\n")]
    assert rows[:4] == [
        "System Health",
        "  Luck: chance",
        "    -    0 tasks  what is long: not enough data: needs five tasks of",
        "                  which somebody knows more than nothing; 0",
    ]


@pytest.mark.parametrize("name", [one.name for one in CATALOGUE])
def test_a_formula_is_explained(playbox: Playbox, name: str) -> None:
    ran = playbox("metrics", "--explain", name.lower())
    assert ran.code == 0
    assert ran.out.startswith(f"{name} (")


def test_an_explanation_is_a_document_too_and_an_unknown_name_is_refused(playbox: Playbox) -> None:
    found = playbox("metrics", "--explain", "persistence", "--json").document
    assert found["name"] == "Persistence"
    assert "Kaplan and Meier" in str(found["formula"])
    wrong = playbox("metrics", "--explain", "luck")
    assert wrong.code == 2
    assert "there is no metric 'luck'; there are Success Rate Improvement, " in wrong.err


def test_without_a_playbook_it_says_how_to_get_one(playbox: Playbox) -> None:
    ran = playbox("metrics")
    assert ran.code == 2
    assert "there is no playbook" in ran.err


def test_a_rating_is_stored_and_counted(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    ran = playbox("playbook", "rate", "str-00001", "good")
    assert (ran.code, ran.out) == (0, f"str-00001 rated good: {LESSON}\n")
    rated = playbox("playbook", "rate", "str-00001", "bad", "--json").document
    strategy = cast("dict[str, object]", rated["strategy"])
    assert (rated["rating"], strategy["helpful"], strategy["harmful"]) == ("bad", 1, 1)
    found = readings(playbox("metrics", "--json").document)["rated good by people"]
    assert found["note"] == (
        "not enough data: needs human ratings of 5 strategies (`playbox playbook rate`); 1 stored"
    )
    assert found["n"] == 1


def test_what_cannot_be_rated_is_refused(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    assert playbox("playbook", "rate", "str-00001", "fine").err == (
        "error: a strategy is good or bad, not 'fine'\n"
    )
    unknown = playbox("playbook", "rate", "str-00009", "good")
    assert (unknown.code, unknown.err) == (
        2,
        "error: there is no strategy 'str-00009'; `playbox playbook show --all` lists them\n",
    )


def a_result(task: str, *, first_try: bool, size: int) -> TaskResult:
    return TaskResult(
        phase=Phase.TEST,
        epoch=1,
        window=0,
        position=0,
        task_id=task,
        family="general",
        success=True,
        first_try=first_try,
        attempts=1,
        probes=0,
        calls=1,
        input_tokens=9,
        cached_tokens=0,
        output_tokens=1,
        usd=None,
        seconds=1.0,
        verdict="passed",
        error_signature="",
        playbook_version=size,
        playbook_size=size,
        playbook_tokens=size,
        episode_id="",
    )


def test_a_run_is_compared_with_its_runs_without_a_playbook(
    playbox: Playbox, learned: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    for side, size in ((folder, 2), (folder / "against", 0)):
        side.mkdir()
        rows = [a_result(f"t{number}", first_try=size > 0, size=size) for number in range(6)]
        (side / "results.jsonl").write_text("".join(f"{row.model_dump_json()}\n" for row in rows))
    found = playbox("metrics", "--run", str(folder), "--playbook", str(learned), "--json").document
    assert (found["results"], found["run"]) == (12, str(folder))
    paired = readings(found)["held-out tasks, with the playbook against none"]
    assert (paired["value"], paired["n"]) == (1.0, 6)
    missing = playbox("metrics", "--run", str(tmp_path / "nothing"))
    assert missing.code == 2
    assert "there are no results in" in missing.err
