from __future__ import annotations

from tta_dev_primitives.ace.episode import Choice, Episode
from tta_dev_primitives.ace.track_record import TrackRecord


def episode(  # noqa: PLR0913  # one argument for each thing that counts
    *,
    informed: bool,
    success: bool,
    first_try: bool,
    family: str = "general",
    unchecked: bool = False,
    cut_short: str = "",
) -> Episode:
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
        unchecked=unchecked,
        cut_short=cut_short,
    )


def record(*episodes: Episode) -> TrackRecord:
    return TrackRecord().extended(episodes)


def test_without_both_sides_there_is_no_score_and_the_text_says_so() -> None:
    only = record(episode(informed=True, success=True, first_try=True))

    assert (only.measured, only.score) == (False, 0.0)
    assert str(only) == "no baseline to compare with yet"
    assert TrackRecord().success_rate == 0.0


def test_the_score_is_the_difference_of_first_try_rates() -> None:
    both = record(
        episode(informed=False, success=True, first_try=False),
        episode(informed=False, success=False, first_try=False),
        episode(informed=True, success=True, first_try=True),
        episode(informed=True, success=True, first_try=False),
    )

    assert both.score == 0.5
    assert both.success_rate == 0.75
    assert "50% of 2 runs with strategies against 0% of 2 without" in str(both)


def test_runs_are_compared_within_their_family_only() -> None:
    apart = record(
        episode(informed=False, success=False, first_try=False, family="hard"),
        episode(informed=True, success=True, first_try=True, family="easy"),
    )
    assert (apart.measured, apart.score) == (False, 0.0)

    weighted = apart.extended(
        [
            episode(informed=True, success=False, first_try=False, family="hard"),
            episode(informed=False, success=False, first_try=False, family="easy"),
            episode(informed=True, success=True, first_try=True, family="easy"),
            episode(informed=True, success=True, first_try=True, family="easy"),
        ]
    )
    assert weighted.score == 0.75


def test_unchecked_runs_count_for_nothing() -> None:
    unchecked = record(
        episode(informed=False, success=False, first_try=False),
        episode(informed=True, success=True, first_try=True, unchecked=True),
    )

    assert (unchecked.measured, unchecked.success_rate, unchecked.solved) == (False, 0.0, frozenset())
    assert unchecked.seen == 2


def test_a_run_cut_short_counts_by_its_first_program_only() -> None:
    cut = record(
        episode(informed=False, success=False, first_try=False, cut_short="503"),
        episode(informed=True, success=True, first_try=True),
    )

    assert (cut.success_rate, cut.score) == (1.0, 1.0)


def test_families_with_a_checked_success_are_solved() -> None:
    solved = record(
        episode(informed=False, success=False, first_try=False, family="a"),
        episode(informed=False, success=True, first_try=False, family="b"),
    )

    assert solved.solved == {"b"}
