"""Kill -9 in the middle of a durable workflow of 20 steps, in real processes."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tta_dev_primitives import run

from .forking import Forker, forker
from .killed import POINTS, RESULT, STEPS, UNKNOWN, Scene, is_guarded, workflow

KILLS = 50
LONGEST_S = 0.1  # about what the whole run takes
GUARDED = [f"step{number}" for number in range(STEPS) if is_guarded(number)]


@pytest.fixture(scope="module")
def forked() -> Iterator[Forker]:
    with forker() as found:
        yield found


def effects(scene: Scene) -> Counter[str]:
    if not scene.effects.exists():
        return Counter()
    return Counter(line.split()[0] for line in scene.effects.read_text().splitlines())


def decide(scene: Scene) -> int:
    """Do what a person would do: look whether the effect is there, and tell the journal."""
    given = dict(line.split() for line in scene.effects.read_text().splitlines())
    unknown = [step for step in scene.journal.show(scene.run_id) if not step.is_done]
    for step in unknown:
        if step.name in given:
            scene.journal.settle(scene.run_id, step.name, result=int(given[step.name]))
        else:
            scene.journal.retry(scene.run_id, step.name)
    return len(unknown)


def killed_somewhere(forked: Forker, scene: Scene, chance: random.Random) -> int:
    """Run it, kill it at a random moment or at a random point, and return its exit status."""
    if chance.random() < 0.5:
        forked.start(replace(scene, kill_at=chance.randrange(POINTS)))
    else:
        child = forked.start(scene)
        time.sleep(chance.uniform(0, LONGEST_S))
        os.kill(child, signal.SIGKILL)
    return forked.end()


def test_what_must_not_run_twice_happens_once_or_is_unknown(forked: Forker, tmp_path: Path) -> None:
    chance = random.Random(17)  # noqa: S311  # seeded, so that it can be seen again
    kills = decided = 0
    for number in count():
        scene = Scene(folder=tmp_path, run_id=f"run{number}")
        while (code := killed_somewhere(forked, scene, chance)) != 0:
            kills += code == -signal.SIGKILL
            twice = {name for name, times in effects(scene).items() if times > 1}
            assert not twice & set(GUARDED)
            if code == UNKNOWN:
                found = decide(scene)
                assert found
                decided += found
            else:
                assert code == -signal.SIGKILL
        happened = effects(scene)
        assert {name: happened[name] for name in GUARDED} == dict.fromkeys(GUARDED, 1)
        assert set(happened) == {f"step{step}" for step in range(STEPS)}
        if kills >= KILLS:
            break
    assert decided  # kills did hit the gap between an effect and the journal


@pytest.mark.parametrize("point", [2, 3, 28, 29, POINTS - 1])
def test_a_kill_beside_an_effect_is_reported(forked: Forker, tmp_path: Path, point: int) -> None:
    scene = Scene(folder=tmp_path, run_id="run")
    forked.start(replace(scene, kill_at=point))
    assert forked.end() == -signal.SIGKILL
    forked.start(scene)
    assert forked.end() == UNKNOWN
    before = effects(scene)
    decide(scene)
    assert run(workflow(scene), 0, journal=scene.journal, resume="run") == RESULT
    assert all(before[name] <= 1 for name in GUARDED)
    assert all(effects(scene)[name] == 1 for name in GUARDED)


def test_without_the_declaration_the_effect_happens_twice(forked: Forker, tmp_path: Path) -> None:
    """What the declaration is for; and that these tests would notice."""
    scene = Scene(folder=tmp_path, run_id="run", guarded=False)
    for kill_at in (3, None):
        forked.start(replace(scene, kill_at=kill_at))
        forked.end()
    assert effects(scene)["step1"] == 2
