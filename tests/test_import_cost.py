"""`import tta_dev_primitives` stays cheap: no provider SDK, no model layer."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tta_dev_primitives

HEAVY = {"pydantic_ai", "openai", "anthropic", "e2b", "e2b_code_interpreter", "numpy", "matplotlib"}


def imported(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter loads for `statement`."""
    done = subprocess.run(  # noqa: S603  # our own interpreter and text
        [sys.executable, "-X", "importtime", "-c", statement], capture_output=True, text=True, check=True
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_the_package_loads_no_model_layer() -> None:
    loaded = imported("import tta_dev_primitives")
    assert "tta_dev_primitives" in loaded
    assert not HEAVY & loaded


def test_help_of_the_program_loads_none_of_it_either() -> None:
    assert not HEAVY & imported("import tta_dev_primitives.cli.app")


def test_every_exported_name_is_there() -> None:
    assert all(hasattr(tta_dev_primitives, name) for name in tta_dev_primitives.__all__)
    assert tta_dev_primitives.__version__[0].isdigit()


def test_a_wrong_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = tta_dev_primitives.nothing  # type: ignore[attr-defined]
