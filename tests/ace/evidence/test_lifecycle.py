from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.evidence.making import after, believing, book, bullet_of, contradicting
from tests.ace.making import delta, rule
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.delta import Result, ReviseBullet
from tta_dev_primitives.ace.events import (
    Pin,
    Promote,
    Reinstate,
    Retire,
    Revise,
    Seal,
    Suspend,
    decode,
    encode,
)
from tta_dev_primitives.ace.evidence import Belief, Beliefs
from tta_dev_primitives.ace.evidence.lifecycle import Decided, decide
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.statistics import Estimate

BOOK = book("first lesson", "second lesson", "third lesson")
UPLIFT = Estimate(value=0.2, low=0.1, high=0.3, n=20, method="delta")
PROVEN = Belief(mean=1.0, sd=0.3, e_value=25.0, uplift=UPLIFT, relevant=20, included=15, share=1.0)
HARMFUL = Belief(mean=-1.0, sd=0.3, relevant=20, included=8)
SUSPECT = Belief(mean=-0.3, sd=0.3, relevant=20, included=8)
HOPEFUL = Belief(mean=0.3, sd=0.6, relevant=20, included=12)


def decided(playbook: Playbook, **beliefs: Belief) -> Decided:
    return decide(playbook, believing(playbook, **beliefs), playbook_tokens=8000)


def made(playbook: Playbook, done: Decided) -> Playbook:
    return after(playbook, *done.decisions, *done.seals)


def statuses(playbook: Playbook) -> list[Status]:
    return [bullet.status for bullet in playbook.bullets.values()]


def test_what_is_proven_is_validated_and_sealed_with_its_evidence() -> None:
    done = decided(BOOK, s1=PROVEN, s2=HOPEFUL)
    (promoted,) = done.decisions

    assert isinstance(promoted, Promote)
    assert (promoted.status, promoted.e_value) == (Status.VALIDATED, 25.0)
    assert promoted.evidence is not None
    assert (promoted.evidence.relevant, promoted.evidence.included) == (20, 15)
    assert (promoted.evidence.uplift, promoted.evidence.low, promoted.evidence.high) == (0.2, 0.1, 0.3)
    assert (promoted.evidence.window, promoted.evidence.version) == (100, BOOK.version)
    playbook = made(BOOK, done)
    assert [bullet.alias for bullet in playbook.core] == ["str-00001"]
    assert bullet_of(playbook, "str-00001").evidence == promoted.evidence


def test_what_likely_harms_is_suspended_and_what_surely_does_is_retired() -> None:
    playbook = made(BOOK, decided(BOOK, s1=SUSPECT, s2=HARMFUL, s3=HOPEFUL))

    assert statuses(playbook) == [Status.SUSPENDED, Status.RETIRED, Status.CANDIDATE]
    assert bullet_of(playbook, "str-00002").evidence is not None


def test_a_bullet_is_not_judged_before_it_was_in_eight_runs() -> None:
    seven = Belief(mean=-1.0, sd=0.3, relevant=50, included=7)

    assert decided(BOOK, s1=seven) == Decided()


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-3, 3),
    st.floats(0.05, 2),
    st.floats(0, 40),
    st.integers(0, 30),
    st.sampled_from([Status.CANDIDATE, Status.SUSPENDED]),
)
def test_nothing_is_validated_or_sealed_below_an_e_value_of_20(
    mean: float, sd: float, e_value: float, included: int, status: Status
) -> None:
    playbook = BOOK
    if status is Status.SUSPENDED:
        playbook = made(BOOK, decided(BOOK, s1=SUSPECT))
    belief = Belief(mean=mean, sd=sd, e_value=e_value, relevant=30, included=included, share=1.0)
    done = decided(playbook, s1=belief)

    promoted = [event for event in done.decisions if isinstance(event, Promote)]
    assert not promoted or e_value >= 20
    assert len(done.seals) == len(promoted)
    assert len(done.decisions) <= 1


@pytest.mark.parametrize(("e_value", "badges"), [(19.99, 0), (20.0, 1)])
def test_a_badge_takes_an_e_value_of_20(e_value: float, badges: int) -> None:
    assert len(decided(BOOK, s1=replace(PROVEN, e_value=e_value)).decisions) == badges


def test_a_suspended_bullet_gets_another_chance_when_it_is_no_longer_likely_to_harm() -> None:
    suspended = made(BOOK, decided(BOOK, s1=SUSPECT))

    assert decided(suspended, s1=SUSPECT) == Decided()
    assert (
        decided(suspended, s1=Belief(mean=-0.1, sd=0.3, included=9)) == Decided()
    )  # still more likely than not
    (event,) = decided(suspended, s1=HOPEFUL).decisions
    assert isinstance(event, Reinstate)
    assert statuses(after(suspended, event))[0] is Status.CANDIDATE
    assert statuses(made(suspended, decided(suspended, s1=HARMFUL)))[0] is Status.RETIRED


def test_what_a_person_suspended_stays_so() -> None:
    suspended = after(BOOK, Suspend(bullet="str-00001", reason="set in the JSON file"))

    assert decided(suspended, s1=HOPEFUL) == Decided()
    assert decided(suspended, s1=PROVEN) == Decided()


def test_a_pinned_bullet_loses_no_status_and_may_win_one() -> None:
    pinned = after(BOOK, Pin(bullet="str-00001"), Pin(bullet="str-00002"))

    assert statuses(made(pinned, decided(pinned, s1=HARMFUL, s2=PROVEN)))[:2] == [
        Status.CANDIDATE,
        Status.VALIDATED,
    ]


def test_a_validated_bullet_that_turns_harmful_leaves_the_core() -> None:
    core = made(BOOK, decided(BOOK, s1=PROVEN))
    gone = made(core, decided(core, s1=HARMFUL))

    assert core.core
    assert not gone.core
    assert statuses(gone)[0] is Status.RETIRED


def test_retired_by_evidence_is_not_learned_again() -> None:
    gone = made(BOOK, decided(BOOK, s1=HARMFUL))
    applied = gone.apply(delta(rule("First  lesson")), at=1, run_id="r")

    assert [outcome.result for outcome in applied.outcomes] == [Result.REJECTED]
    assert "str-00001 was retired before" in applied.outcomes[0].reason
    reworded = gone.apply(
        delta(ReviseBullet(bullet="str-00002", revision=1, content="first lesson")), at=1, run_id="r"
    )
    assert reworded.outcomes[0].result is Result.REJECTED


def test_of_two_that_contradict_each_other_the_worse_is_retired() -> None:
    playbook = contradicting(BOOK, "str-00001", "str-00002")
    one, two = (bullet_of(playbook, name).id for name in ("str-00001", "str-00002"))
    beliefs = Beliefs(bullets={one: PROVEN, two: HOPEFUL}, contests={one: {two: 0.96}, two: {one: 0.04}})
    done = decide(playbook, beliefs, playbook_tokens=8000)

    lost = next(event for event in done.decisions if isinstance(event, Retire))
    assert lost.bullet == two
    assert "str-00001 says the opposite" in lost.reason
    assert lost.evidence is not None
    assert (lost.evidence.rival, lost.evidence.better) == (one, 0.96)


@pytest.mark.parametrize("better", [0.94, 0.5])
def test_a_contradiction_that_is_not_settled_stays(better: float) -> None:
    playbook = contradicting(BOOK, "str-00001", "str-00002")
    one, two = (bullet_of(playbook, name).id for name in ("str-00001", "str-00002"))
    beliefs = Beliefs(
        bullets={one: HOPEFUL, two: HOPEFUL}, contests={one: {two: better}, two: {one: 1 - better}}
    )

    assert decide(playbook, beliefs, playbook_tokens=8000) == Decided()


def test_a_contradiction_ends_with_the_bullet_that_goes() -> None:
    playbook = contradicting(BOOK, "str-00001", "str-00002")
    one, two = (bullet_of(playbook, name).id for name in ("str-00001", "str-00002"))
    gone = after(playbook, Retire(bullet="str-00001", reason="harm"))
    beliefs = Beliefs(bullets={one: PROVEN, two: HOPEFUL}, contests={two: {one: 0.04}})

    assert decide(gone, beliefs, playbook_tokens=8000) == Decided()


def test_a_bullet_that_was_reworded_loses_the_badge_until_it_earns_it_anew() -> None:
    unsealed = after(BOOK, *decided(BOOK, s1=PROVEN).decisions)
    reworded = after(unsealed, Revise(bullet="str-00001", revision=1, content="other words"))
    (event,) = decided(reworded, s1=HOPEFUL).decisions

    assert isinstance(event, Promote)
    assert event.status is Status.CANDIDATE
    assert [type(e) for e in decided(reworded, s1=PROVEN).seals] == [Seal]
    assert not decided(reworded, s1=PROVEN).decisions


def test_a_badge_given_by_a_person_needs_no_proof() -> None:
    trusted = after(BOOK, Promote(bullet="str-00001", status=Status.VALIDATED))

    assert decided(trusted, s1=HOPEFUL) == Decided()


def test_bullets_about_a_few_tasks_and_those_that_find_no_room_are_not_sealed() -> None:
    rare = Belief(mean=1.0, sd=0.3, e_value=25.0, relevant=20, included=15, share=0.4)
    done = decided(BOOK, s1=rare, s2=PROVEN, s3=PROVEN)
    tight = decide(BOOK, believing(BOOK, s1=PROVEN, s2=PROVEN, s3=PROVEN), playbook_tokens=16)

    assert len(done.decisions) == 3
    assert [event.bullet for event in done.seals] == [bullet_of(BOOK, f"str-0000{n}").id for n in (2, 3)]
    assert [event.bullet for event in tight.seals] == [bullet_of(BOOK, f"str-0000{n}").id for n in (1, 2)]


def test_records_from_before_evidence_was_kept_have_the_same_text() -> None:
    assert encode(Retire(bullet="b", reason="harm")) == '{"bullet":"b","reason":"harm","type":"retire"}'
    promoted = Promote(bullet="b", status=Status.VALIDATED, e_value=21.0)
    assert encode(promoted) == '{"bullet":"b","e_value":21.0,"status":"validated","type":"promote"}'


def test_the_evidence_is_read_back_as_it_was_written() -> None:
    for event in decided(BOOK, s1=PROVEN, s2=HARMFUL).decisions:
        assert decode(encode(event)) == event


def test_a_status_that_does_not_change_keeps_its_evidence() -> None:
    gone = made(BOOK, decided(BOOK, s1=HARMFUL))
    again = after(gone, Retire(bullet="str-00001", reason="once more"))

    assert bullet_of(again, "str-00001").evidence == bullet_of(gone, "str-00001").evidence
