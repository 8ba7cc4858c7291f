"""A split is drawn from the seed and the ids, keeps order, and takes its share of every family."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ace.training.making import task_set
from tta_dev_primitives.ace.training.split import split
from tta_dev_primitives.ace.training.task_set import TaskSet
from tta_dev_primitives.core.errors import ConfigurationError


@given(count=st.integers(4, 40), share=st.floats(0.2, 0.8), seed=st.integers(0, 99))
def test_both_parts_together_are_the_set(count: int, share: float, seed: int) -> None:
    tasks = task_set(count)
    parts = split(tasks, share, seed=seed)
    assert parts.validation is not None
    assert len(parts.validation) == round(share * count)
    ids = [task.id for task in tasks.tasks]
    kept, learned = ([task.id for task in part.tasks] for part in (parts.validation, parts.train))
    assert sorted(kept + learned) == sorted(ids)
    assert kept == [task_id for task_id in ids if task_id in kept]
    families = Counter(task.family for task in parts.validation.tasks)
    assert (
        max(families.values()) - min(families.get(name, 0) for name in {t.family for t in tasks.tasks}) <= 1
    )


@given(seed=st.integers(0, 99))
def test_the_order_of_the_file_does_not_matter(seed: int) -> None:
    tasks = task_set(12)
    turned = TaskSet(name="turned", tasks=tasks.tasks[::-1])
    one, other = split(tasks, 0.25, seed=seed).validation, split(turned, 0.25, seed=seed).validation
    assert one is not None
    assert other is not None
    assert {task.id for task in one.tasks} == {task.id for task in other.tasks}


def test_seeds_differ_and_a_share_must_leave_some_on_both_sides() -> None:
    tasks = task_set(12)
    drawn = {
        tuple(t.id for t in s.tasks) for seed in range(9) if (s := split(tasks, 0.25, seed=seed).validation)
    }
    assert len(drawn) > 1
    assert split(tasks, 0, seed=0).validation is None
    for share in (0.01, 0.99):
        with pytest.raises(ConfigurationError, match="leaves some on both sides"):
            split(tasks, share, seed=0)
