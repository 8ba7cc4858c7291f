from __future__ import annotations

from tta_dev_primitives.ace.episode import Choice, Episode
from tta_dev_primitives.ace.track_record import TrackRecord


def episode(*, informed: bool, success: bool, first_try: bool, family: str = "general") -> Episode:
    choice = Choice(bullet_id="b", propensity=0.9, included=informed, core=False)
    return Episode(
        id="e",
        run_id="r",
        task_id="t",
        family=family,
        task="Print.",
        language="python",
        playbook_version=1,
        choices=(choice,),
        success=success,
        first_try=first_try,
        verdict="passed" if success else "tests_failed",
        score=float(success),
        seed=1,
        model="m",
        origin="live",
        started_at="2031-01-01T00:00:00+00:00",
        finished_at="2031-01-01T00:00:01+00:00",
    )


def test_without_both_sides_there_is_no_score_and_the_text_says_so() -> None:
    only = TrackRecord.of([episode(informed=True, success=True, first_try=True)])

    assert (only.measured, only.score) == (False, 0.0)
    assert str(only) == "no baseline to compare with yet"
    assert TrackRecord().success_rate == 0.0


def test_the_score_is_the_difference_of_first_try_rates() -> None:
    record = TrackRecord.of(
        [
            episode(informed=False, success=True, first_try=False),
            episode(informed=False, success=False, first_try=False),
            episode(informed=True, success=True, first_try=True),
            episode(informed=True, success=True, first_try=False),
        ]
    )

    assert record.score == 0.5
    assert record.success_rate == 0.75
    assert "50% of 2 runs with strategies against 0% of 2 without" in str(record)


def test_families_with_a_success_are_solved() -> None:
    record = TrackRecord.of(
        [
            episode(informed=False, success=False, first_try=False, family="a"),
            episode(informed=False, success=True, first_try=False, family="b"),
        ]
    )

    assert record.solved == {"b"}
