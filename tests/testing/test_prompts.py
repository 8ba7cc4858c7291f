"""Whether a prompt shows a text."""

from __future__ import annotations

from tta_dev_primitives.ace.hygiene import data_block
from tta_dev_primitives.testing import shows


def test_a_text_is_found_as_it_is_and_as_data() -> None:
    text = 'say "a < b"\nthen \\ stop'

    assert shows(f"# Task\n{text}", text)
    assert shows(data_block("strategies", f"[str-00001] (rule) {text}"), text)
    assert not shows(data_block("strategies", "something else"), text)
