"""The names of the package are loaded when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tta_dev_primitives import learners


def test_every_name_is_there_and_no_other() -> None:
    assert [name for name in learners.__all__ if not hasattr(learners, name)] == []
    with pytest.raises(AttributeError, match="has no attribute 'Lerned'"):
        getattr(learners, "Lerned")  # noqa: B009  # a type checker knows that there is none


def test_importing_the_package_loads_no_learner() -> None:
    program = (
        "import sys, tta_dev_primitives.learners\n"
        "print([name for name in sys.modules if 'learners.' in name or name == 'numpy'])"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
