from __future__ import annotations

from os.path import commonprefix

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from tta_dev_primitives.bench.compare.prefix import common
from tta_dev_primitives.bench.compare.reuse import reuse_of
from tta_dev_primitives.llm.tape import Entry, entry_of
from tta_dev_primitives.llm.types import Origin, Reply, Request, Role, Source, Usage


class Said(BaseModel):
    text: str


def asked(task_id: str, prompt: str, *, role: Role = Role.GENERATOR, attempt: int = 1) -> Entry:
    request = Request(
        role=role, task_id=task_id, attempt=attempt, instructions="1234567", prompt=prompt, output=Said
    )
    reply = Reply(output=Said(text="ok"), usage=Usage(calls=1), source=Source(origin=Origin.LIVE, model="m"))
    return entry_of(request, reply)


FIXED = len("== instructions\n1234567\n== prompt\n")


@given(st.text("ab"), st.text("ab"), st.text("ab"))
@settings(max_examples=60)
def test_the_common_beginning_is_the_longest(start: str, one: str, other: str) -> None:
    assert common(start + one, start + other) == len(commonprefix([start + one, start + other]))  # noqa: RUF071  # the oracle


def test_shares_follow_the_order_of_the_tasks_and_leave_the_first_out() -> None:
    answers = [asked("c", "xxxyyyzz"), asked("a", "xxxxxxxx"), asked("b", "xxxxyyyy")]
    reuse = reuse_of(answers, ["a", "b", "c"])
    assert reuse is not None
    whole = FIXED + 8
    shares = [(FIXED + 4) / whole, (FIXED + 3) / whole]
    assert reuse.n == 2
    assert reuse.previous == pytest.approx(sum(shares) / 2)
    assert reuse.least == pytest.approx(shares[1])


def test_any_earlier_prompt_may_be_the_one_that_is_reused() -> None:
    answers = [asked("a", "xxxxxxxx"), asked("b", "yyyyyyyy"), asked("c", "xxxxxxxz")]
    reuse = reuse_of(answers, ["a", "b", "c"])
    assert reuse is not None
    whole = FIXED + 8
    assert reuse.previous == pytest.approx(FIXED / whole)
    assert reuse.any == pytest.approx((FIXED / whole + (FIXED + 7) / whole) / 2)


def test_only_the_generators_prompts_of_these_tasks_count() -> None:
    answers = [asked("a", "x"), asked("a", "r", role=Role.REFLECTOR), asked("other", "o")]
    assert reuse_of(answers, ["a", "b"]) is None


def test_a_second_attempt_follows_the_first_of_its_task() -> None:
    answers = [asked("b", "bb"), asked("a", "aa+", attempt=2), asked("a", "aa")]
    reuse = reuse_of(answers, ["a", "b"])
    assert reuse is not None
    assert reuse.previous == pytest.approx(((FIXED + 2) / (FIXED + 3) + FIXED / (FIXED + 2)) / 2)
