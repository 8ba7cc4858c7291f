from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.compare.making import PLAN, PROBLEM, Failing, answer, by_name, compared, tasks
from tta_dev_primitives.ace.statistics import Pairs, mcnemar_exact, tango, wilson
from tta_dev_primitives.bench.compare.compare import ArmStarted, ArmTested
from tta_dev_primitives.bench.compare.report import Report
from tta_dev_primitives.core import Budget
from tta_dev_primitives.core.errors import BudgetExceeded, ConfigurationError, ModelUnavailable
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.testing import ScriptedModel

SEVERAL = ("none", "learned", "history", "cheatsheet")


def figures(report: Report) -> Mapping[str, object]:
    """All of a report but the times."""
    told = report.model_dump(exclude={"arms": {"__all__": {"test": {"seconds"}, "training": {"seconds"}}}})
    return json.loads(json.dumps(told))  # type: ignore[no-any-return]


async def test_arms_are_compared_pair_by_pair(tmp_path: Path) -> None:
    arms = by_name(await compared(tmp_path, "none", "learned"))
    pairs = Pairs(only_second=6)
    compared_with_none = arms["learned"].against["none"]
    assert compared_with_none.p == mcnemar_exact(pairs)
    difference = tango(pairs)
    assert (compared_with_none.difference.low, compared_with_none.difference.high) == (
        difference.low,
        difference.high,
    )
    assert set(compared_with_none.gained) == {task.id for task in PROBLEM.test.tasks}
    assert arms["none"].against["learned"].difference.value == -1
    share = arms["learned"].first_try
    assert (share.low, share.high, share.n) == (wilson(6, 6).low, wilson(6, 6).high, 6)
    assert "learned" not in arms["learned"].against


async def test_what_was_asked_is_what_it_cost(tmp_path: Path) -> None:
    model = ScriptedModel(answer)
    arms = by_name(await compared(tmp_path, *SEVERAL, model=model))
    costs = [cost for arm in arms.values() for cost in (arm.training, arm.test) if cost is not None]
    assert sum(cost.calls for cost in costs) == len(model.requests)
    assert sum(cost.tokens for cost in costs) == 150 * len(model.requests)
    assert arms["none"].training is None
    assert arms["none"].test.seconds is not None


async def test_the_report_is_kept(tmp_path: Path) -> None:
    report = await compared(tmp_path, "none")
    assert Report.model_validate_json((tmp_path / "report.json").read_bytes()) == report


async def test_a_comparison_that_is_done_asks_nobody(tmp_path: Path) -> None:
    first = await compared(tmp_path, *SEVERAL)
    assert await compared(tmp_path, *SEVERAL, model=Failing(0)) == first


async def test_arms_can_be_added(tmp_path: Path) -> None:
    await compared(tmp_path, "none", "history")
    model = ScriptedModel(answer)
    report = await compared(tmp_path, "none", "history", "learned", model=model)
    assert [arm.name for arm in report.arms] == ["none", "learned", "history"]
    paid = by_name(report)["learned"]
    assert paid.training is not None
    assert len(model.requests) == paid.training.calls + paid.test.calls


@pytest.mark.parametrize("answers", [0, 3, 9, 16, 24, 33, 41])
async def test_an_interrupted_comparison_comes_to_the_same_and_pays_nothing_twice(
    tmp_path: Path, answers: int
) -> None:
    whole = ScriptedModel(answer)
    expected = await compared(tmp_path / "whole", *SEVERAL, model=whole)
    failing, rest = Failing(answers), ScriptedModel(answer)
    with pytest.raises(ModelUnavailable):
        await compared(tmp_path / "cut", *SEVERAL, model=failing)
    again = await compared(tmp_path / "cut", *SEVERAL, model=rest)
    assert figures(again) == figures(expected)
    assert len(failing.model.requests) + len(rest.requests) == len(whole.requests)


async def test_a_run_that_was_interrupted_has_no_wall_time(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable):
        await compared(tmp_path, "none", model=Failing(2))
    report = await compared(tmp_path, "none")
    assert report.arms[0].test.seconds is None


async def test_a_budget_covers_all_arms_also_when_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(BudgetExceeded):
        await compared(tmp_path, *SEVERAL, budget=Budget(calls=10))
    with pytest.raises(BudgetExceeded):
        await compared(tmp_path, *SEVERAL, budget=Budget(calls=10))
    model = ScriptedModel(answer)
    await compared(tmp_path, *SEVERAL, model=model, budget=Budget(calls=1000))
    whole = ScriptedModel(answer)
    await compared(tmp_path / "whole", *SEVERAL, model=whole)
    assert len(model.requests) == len(whole.requests) - 10


async def test_arms_are_told_as_they_go(tmp_path: Path) -> None:
    events = list[Event]()
    await compared(tmp_path, "none", "gold", events=events)
    started = [(event.arm, event.number, event.total) for event in events if isinstance(event, ArmStarted)]
    tested = [(event.arm, event.first_tries, event.n) for event in events if isinstance(event, ArmTested)]
    assert started == [("none", 1, 2), ("gold", 2, 2)]
    assert tested == [("none", 0, 6), ("gold", 6, 6)]


async def test_another_comparison_is_not_mixed_in(tmp_path: Path) -> None:
    await compared(tmp_path, "none")
    with pytest.raises(ConfigurationError, match="another comparison: its plan"):
        await compared(tmp_path, "none", plan=replace(PLAN, attempts=2))
    with pytest.raises(ConfigurationError, match="another comparison: its models"):
        await compared(tmp_path, "none", model=ScriptedModel(answer, name="another"))
    with pytest.raises(ConfigurationError, match="another comparison: its digest"):
        await compared(tmp_path, "none", problem=replace(PROBLEM, test=tasks("test", range(20, 22))))


async def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(ConfigurationError, match="is not empty and holds no comparison"):
        await compared(tmp_path, "none")
    assert (tmp_path / "thesis.tex").read_text() == "precious"
    assert not (tmp_path / "compare.json").exists()


@pytest.mark.parametrize(("names", "said"), [(("lerned",), "no arm 'lerned'"), (("none", ""), "no arm ''")])
async def test_an_unknown_arm_is_named(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        await compared(tmp_path, *names)
