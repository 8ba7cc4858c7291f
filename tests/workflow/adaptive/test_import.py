"""Importing the adaptive primitives loads no numpy: that is for the first search."""

from __future__ import annotations

from tests.test_import_cost import imported


def test_numpy_is_loaded_only_when_there_is_something_to_compute() -> None:
    loaded = imported("import tta_dev_primitives.workflow.adaptive")
    assert "tta_dev_primitives" in loaded
    assert "numpy" not in loaded
