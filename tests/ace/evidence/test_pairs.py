from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ace.evidence.making import after, believing, book, bullet_of
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.events import Promote, Replayed, Suspend
from tta_dev_primitives.ace.evidence import NO_BELIEFS, Belief, Beliefs
from tta_dev_primitives.ace.evidence.lifecycle import decide
from tta_dev_primitives.ace.evidence.pairs import Pair, choose
from tta_dev_primitives.ace.evidence.replay import calls_for_replays
from tta_dev_primitives.ace.evidence.worth import Stand, worth
from tta_dev_primitives.ace.options import AceOptions
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.ace.track_record import Family, Tally, TrackRecord

BOOK = book("Mind the parcels.", "Mind the tides.", "Mind parcels and tides.")
UNSURE, KNOWN = Belief(mean=0.0, sd=1.0), Belief(mean=0.9, sd=0.05)
BELIEFS = believing(BOOK, s1=UNSURE, s2=KNOWN, s3=UNSURE)
OPTIONS = AceOptions()


def task(words: str, name: str = "t", family: str = "general", expected: str | None = "x") -> Task:
    return Task(task=words, id=name, family=family, expected_output=expected)


def chosen(
    tasks: Iterable[Task],
    playbook: Playbook = BOOK,
    beliefs: Beliefs = BELIEFS,
    record: TrackRecord = TrackRecord(),  # noqa: B008  # immutable
) -> list[Pair]:
    return choose(playbook, tasks, beliefs, record, OPTIONS)


def told(pairs: Iterable[Pair]) -> list[tuple[str, str]]:
    return [(pair.task.id, pair.bullet.alias[-1]) for pair in pairs]


def stand(mean: float, sd: float, *, badge: bool = False) -> Stand:
    return Stand(belief=Belief(mean=mean, sd=sd), only_with=0, only_without=0, badge=badge)


@given(st.floats(-4, 4), st.floats(0.01, 3), st.floats(0.01, 0.99), st.booleans())
def test_a_pair_is_never_worth_less_than_nothing_nor_more_than_all(
    mean: float,
    sd: float,
    chance: float,
    badge: bool,  # noqa: FBT001  # a drawn value
) -> None:
    assert 0 <= worth(stand(mean, sd, badge=badge), chance) <= 1.3


def test_a_pair_tells_most_of_what_is_in_doubt_on_a_task_that_may_go_either_way() -> None:
    assert worth(stand(0, 1), 0.5) > worth(stand(0, 0.2), 0.5)
    assert worth(stand(0, 1), 0.5) > worth(stand(2, 1), 0.5)
    assert worth(stand(0, 1), 0.5) > worth(stand(0, 1), 0.01)
    assert worth(stand(0, 1), 0.5) > worth(stand(0, 1), 0.99)


def test_what_helps_for_sure_is_worth_a_pair_for_its_badge_alone() -> None:
    assert worth(stand(2, 0.2), 0.3) < 0.01 < worth(stand(2, 0.2, badge=True), 0.3)


def test_what_is_in_doubt_comes_first_and_each_bullet_once_before_any_again() -> None:
    pairs = chosen([task("parcels", "a"), task("parcels tides", "b"), task("tides", "c")])

    assert told(pairs)[:3] == [("a", "1"), ("a", "3"), ("b", "2")]
    assert sorted(told(pairs)) == [
        ("a", "1"),
        ("a", "3"),
        ("b", "1"),
        ("b", "2"),
        ("b", "3"),
        ("c", "2"),
        ("c", "3"),
    ]


def test_only_tasks_that_say_how_to_tell_success_and_bear_on_a_bullet() -> None:
    assert not chosen([task("parcels", expected=None), task("nothing of it", "u")])


def test_families_that_succeed_or_fail_anyway_come_last() -> None:
    record = TrackRecord(
        families={
            "easy": Family(informed=Tally(runs=50, first_tries=50)),
            "open": Family(informed=Tally(runs=50, first_tries=25)),
        }
    )
    pairs = chosen([task("parcels", "a", "easy"), task("parcels", "b", "open")], record=record)

    assert [pair.task.id for pair in pairs if pair.bullet.alias == "str-00001"] == ["b", "a"]


def test_no_bullet_is_replayed_on_a_task_twice() -> None:
    event = Replayed(
        bullet="str-00001",
        task_id="t",
        with_success=True,
        without_success=True,
        with_episode="w",
        without_episode="wo",
    )
    assert told(chosen([task("parcels")], after(BOOK, event))) == [("t", "3")]


def test_what_evidence_suspended_may_redeem_itself_in_replays_only() -> None:
    harmful = believing(BOOK, s1=Belief(mean=-0.3, sd=0.3, included=9))
    suspended = after(BOOK, *decide(BOOK, harmful, playbook_tokens=8000).decisions)
    by_hand = after(BOOK, Suspend(bullet="str-00001", reason="a person"))

    assert bullet_of(suspended, "str-00001").status is Status.SUSPENDED
    assert ("t", "1") in told(chosen([task("parcels")], suspended, harmful))
    assert ("t", "1") not in told(chosen([task("parcels")], by_hand, NO_BELIEFS))


def test_what_has_its_badge_needs_no_replay() -> None:
    proven = after(BOOK, Promote(bullet="str-00001", status=Status.VALIDATED))

    assert told(chosen([task("parcels")], proven)) == [("t", "3")]


@pytest.mark.parametrize(
    ("share", "made", "replayed", "left"),
    [(0.0, 100, 0, 0), (0.2, 100, 0, 20), (0.2, 100, 18, 2), (0.2, 9, 4, 0)],
)
def test_replays_take_a_share_of_the_calls(share: float, made: int, replayed: int, left: int) -> None:
    assert calls_for_replays(AceOptions(replay_share=share), made=made, replayed=replayed) == left
