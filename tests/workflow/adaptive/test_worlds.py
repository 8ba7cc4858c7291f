"""The tuner in simulated services: few seeds of what benchmarks/adaptive.py measures with many."""

from __future__ import annotations

import pytest
from tuning.measure import Figures, figures
from tuning.simulation import BASE, Run, drive, truth
from tuning.worlds import CHANGE_AT, WORLDS


def measured(name: str, *, seed: int, requests: int) -> tuple[Run, Figures]:
    world = WORLDS[name]
    early, late = (truth(world(number), draws=300, seed=1) for number in (0, requests - 1))
    known = [early if number < CHANGE_AT else late for number in range(requests)]
    run = drive(world, seed=seed, requests=requests)
    return run, figures(run, known)


@pytest.mark.parametrize("name", ["heavy tail", "permanent failures", "transient"])
def test_where_there_is_something_to_gain_most_of_it_is_gained(name: str) -> None:
    _, found = measured(name, seed=3, requests=2400)
    assert found.gap_last > 0.05
    assert found.closed_last >= 0.7
    assert not found.wrong


def test_where_nothing_is_to_gain_hardly_anything_is_lost() -> None:
    run, found = measured("null", seed=3, requests=1000)
    assert found.loss_whole <= 0.005
    assert run.final == BASE


def test_after_a_change_for_the_worse_it_goes_back_and_learns_again() -> None:
    run, found = measured("drift", seed=3, requests=3600)
    names = [type(event).__name__ for event in run.events]
    assert "RolledBack" in names
    assert "Promoted" in names[names.index("RolledBack") :]
    assert found.closed_last > 0.5


def test_the_same_seed_gives_the_same_run() -> None:
    runs = [drive(WORLDS["heavy tail"], seed=5, requests=700) for _ in range(2)]
    assert runs[0] == runs[1]
