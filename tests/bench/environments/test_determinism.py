from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tta_dev_primitives
from tta_dev_primitives.bench.environments import Environment, make_environment
from tta_dev_primitives.bench.environments.library.draw import Draw

_PRINT_ALL = """\
import sys
from tests.bench.environments.test_determinism import digest, files_digest
from tta_dev_primitives.bench.environments import make_environment
environment = make_environment(int(sys.argv[1]))
print(digest(environment), files_digest(environment))
"""


def digest(environment: Environment) -> str:
    """Of all that must be the same everywhere."""
    tasks = [
        (
            task.id,
            task.task,
            sorted(task.families),
            task.expected_output,
            task.hidden_output,
            task.informed,
            task.naive,
        )
        for task in (*environment.train, *environment.test)
    ]
    return hashlib.sha256(repr((environment.documentation, environment.gold, tasks)).encode()).hexdigest()[
        :16
    ]


def files_digest(environment: Environment) -> str:
    """Of what may differ between versions of Python."""
    return hashlib.sha256(repr(sorted(environment.files.items())).encode()).hexdigest()[:16]


@pytest.mark.parametrize(("seed", "expected"), [(3, "756d06e5e01979cc"), (14, "56d9526a892c287d")])
def test_a_seed_makes_the_same_environment_on_every_python(seed: int, expected: str) -> None:
    assert digest(make_environment(seed)) == expected


def test_a_seed_makes_the_same_files_in_another_process() -> None:
    source = Path(tta_dev_primitives.__file__).parents[1]
    ran = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-c", _PRINT_ALL, "14"],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": f"{source}:{Path(__file__).parents[3]}"},
        capture_output=True,
        text=True,
        check=True,
    )
    environment = make_environment(14)
    assert ran.stdout.split() == [digest(environment), files_digest(environment)]


def test_choices_are_the_same_everywhere() -> None:
    draw = Draw(7, "somewhere")
    assert [draw.below(1000) for _ in range(6)] == [29, 92, 988, 241, 995, 551]
    assert Draw(7, "somewhere", 1).shuffled("abcdef") == ["e", "a", "c", "d", "f", "b"]


@settings(max_examples=50)
@given(seed=st.integers(0, 1 << 40), low=st.integers(-50, 50), width=st.integers(0, 50))
def test_choices_stay_in_their_range(seed: int, low: int, width: int) -> None:
    draw = Draw(seed)
    assert all(low <= draw.between(low, low + width) <= low + width for _ in range(10))
    assert sorted(draw.shuffled(range(width))) == list(range(width))


@given(seed=st.integers(0, 1 << 40))
@settings(max_examples=20)
def test_another_seed_makes_other_choices(seed: int) -> None:
    def stream(number: int) -> list[int]:
        draw = Draw(number)
        return [draw.below(1 << 30) for _ in range(3)]

    assert stream(seed) != stream(seed + 1)
