"""Several processes at one journal."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from .forking import forker
from .killed import IN_PROGRESS, RESULT, STEPS, Scene, workflow

PROCESSES = 4


def happened(scene: Scene) -> Counter[str]:
    return Counter(line.split()[0] for line in scene.effects.read_text().splitlines())


def test_of_many_processes_at_one_run_one_does_it(tmp_path: Path) -> None:
    scene = Scene(folder=tmp_path, run_id="run")
    with ExitStack() as stack:
        forkers = [stack.enter_context(forker()) for _ in range(PROCESSES)]
        for each in forkers:
            each.start(scene)
        codes = {each.end() for each in forkers}
    assert codes <= {0, IN_PROGRESS}
    assert 0 in codes
    assert happened(scene) == {f"step{number}": 1 for number in range(STEPS)}


def test_many_runs_of_one_journal_at_once(tmp_path: Path) -> None:
    scenes = [Scene(folder=tmp_path, run_id=f"run{number}") for number in range(PROCESSES)]
    with ExitStack() as stack:
        forkers = [stack.enter_context(forker()) for _ in scenes]
        for each, scene in zip(forkers, scenes, strict=True):
            each.start(scene)
        assert {each.end() for each in forkers} == {0}
    assert all(set(happened(scene).values()) == {1} for scene in scenes)
    assert {(run.run_id, run.status) for run in scenes[0].journal.runs()} == {
        (scene.run_id, "done") for scene in scenes
    }


async def test_many_runs_of_one_process_at_once(tmp_path: Path) -> None:
    """While other processes open and close the same file, which must not cost this one its locks."""
    scenes = [Scene(folder=tmp_path, run_id=f"run{number}") for number in range(2 * PROCESSES)]
    with forker() as other:
        other.start(Scene(folder=tmp_path, run_id="other"))
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(scene.journal.run(workflow(scene), 0, resume=scene.run_id))
                for scene in scenes
            ]
        assert other.end() == 0
    assert {task.result() for task in tasks} == {RESULT}
    assert {run.status for run in scenes[0].journal.runs()} == {"done"}
    assert all(set(happened(scene).values()) == {1} for scene in scenes)


def test_a_killed_process_holds_no_lock_and_a_stopped_one_does(tmp_path: Path) -> None:
    scene = Scene(folder=tmp_path, run_id="run")
    with forker() as first, forker() as second:
        stopped = first.start(replace(scene, stop_at=2))
        wait_for_effect(scene)
        second.start(scene)
        assert second.end() == IN_PROGRESS
        assert [run.status for run in scene.journal.runs()] == ["running"]
        os.kill(stopped, signal.SIGKILL)
        assert first.end() == -signal.SIGKILL
    assert [run.status for run in scene.journal.runs()] == ["interrupted"]
    scene.journal.forget("run")


def wait_for_effect(scene: Scene) -> None:
    deadline = time.monotonic() + 30
    while not scene.effects.exists():
        assert time.monotonic() < deadline
        time.sleep(0.001)
