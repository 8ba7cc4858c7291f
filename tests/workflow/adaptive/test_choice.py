"""A choice among steps follows what each earns."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.workflow.adaptive.kept import Kept
from tests.workflow.steps import Heard
from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.core.errors import CompositionError, ConfigurationError
from tta_dev_primitives.workflow.adaptive import ChoicePrimitive, Chosen


async def good(data: int) -> str:
    return f"good {data}"


async def poor(data: int) -> str:
    return f"poor {data}"


async def broken(data: int) -> str:
    raise OSError(data)


def is_good(data: int, out: str) -> float:
    return float(out == f"good {data}")


async def test_what_earns_more_is_taken_more_often_and_nothing_is_given_up() -> None:
    heard = Heard()
    choice = ChoicePrimitive({"good": good, "poor": poor}, reward=is_good, seed=1)
    for number in range(150):
        await choice.execute(number, WorkflowContext(sinks=(heard,)))
    taken = Counter(event.choice for event in heard.of(Chosen)[-100:])
    assert taken["good"] > 80
    assert min(choice.propensities().values()) >= 0.05 / 2
    assert choice.earnings["good"].mean > 0.9
    assert choice.earnings["poor"].mean < 0.5


async def test_the_propensities_of_a_run_correct_its_rewards() -> None:
    heard = Heard()
    choice = ChoicePrimitive({"good": good, "poor": poor}, reward=is_good, seed=2, explore=0.5)
    for number in range(400):
        await choice.execute(number, WorkflowContext(sinks=(heard,)))
    events = heard.of(Chosen)
    weights = [1 / event.propensity for event in events if event.choice == "poor"]
    assert sum(weights) / len(events) == pytest.approx(1, abs=0.25)


async def test_it_follows_a_change() -> None:
    turned = False
    choice = ChoicePrimitive(
        {"good": good, "poor": poor},
        reward=lambda data, out: 1 - is_good(data, out) if turned else is_good(data, out),
        half_life=20,
        seed=3,
    )
    for number in range(300):
        await choice.execute(number)
    turned = True
    answers = [await choice.execute(number) for number in range(120)]
    assert sum(answer.startswith("poor") for answer in answers[-40:]) > 28


async def test_an_error_earns_what_failure_says_and_comes_out() -> None:
    choice = ChoicePrimitive({"good": good, "broken": broken}, reward=is_good, seed=4)
    errors = 0
    for number in range(60):
        try:
            await choice.execute(number)
        except OSError:
            errors += 1
    assert 0 < errors == choice.earnings["broken"].taken < 20


@pytest.mark.parametrize(("wrong", "told"), [(2.0, r"2\.0"), (None, "None"), ("good", "'good'")])
async def test_a_wrong_reward_is_refused(wrong: float, told: str) -> None:
    choice = ChoicePrimitive({"good": good, "poor": poor}, reward=lambda _data, _out: wrong)
    with pytest.raises(ConfigurationError, match=f"the reward {told} must be a number from 0 to 1"):
        await choice.execute(1)


async def test_a_resumed_run_takes_the_same_choice_and_learns_nothing() -> None:
    choice = ChoicePrimitive({"good": good, "poor": poor}, reward=is_good, explore=1.0, seed=5)
    kept = Kept()
    answers = {await choice.execute(1, WorkflowContext(journal=kept)) for _ in range(10)}
    assert len(answers) == 1
    assert sum(one.taken for one in choice.earnings.values()) == 1


def test_choices_have_names() -> None:
    with pytest.raises(CompositionError, match="ChoicePrimitive takes a dict of steps by name, not"):
        ChoicePrimitive([good, poor], reward=is_good)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_one_step_is_no_choice() -> None:
    with pytest.raises(CompositionError, match="between two steps or more"):
        ChoicePrimitive({"good": good}, reward=is_good)
    with pytest.raises(ConfigurationError, match="explore=0"):
        ChoicePrimitive({"good": good, "poor": poor}, reward=is_good, explore=0)
    with pytest.raises(ConfigurationError, match="half_life=0"):
        ChoicePrimitive({"good": good, "poor": poor}, reward=is_good, half_life=0)


def test_its_children_are_the_choices() -> None:
    step = LambdaPrimitive(good, idempotent=True)
    assert dict(ChoicePrimitive({"a": step, "b": step}, reward=is_good).children) == {"a": step, "b": step}
