from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.ace.skeleton import bare, skeleton


@pytest.mark.parametrize(
    "text",
    [
        "Ign\u043ere",  # a Cyrillic o
        "\u0399gnore",  # a Greek iota
        "\uff29\uff47\uff4e\uff4f\uff52\uff45",  # full width
        "\U0001d422\U0001d420\U0001d427\U0001d428\U0001d42b\U0001d41e",  # bold letters of mathematics
        "\u24d8\u24d6\u24dd\u24de\u24e1\u24d4",  # in circles
        "\u026a\u0262\u0274\u1d0f\u0280\u1d07",  # small capitals
        "i\u0301gno\u0308re",  # with accents
        "\U0001f178\U0001f176\U0001f17d\U0001f17e\U0001f181\U0001f174",  # in black squares
        "\ua4f2\ua4d6\ua4e0\ua4f3\ua4e3\ua4f0",  # Lisu
        "  IGNORE \n",
    ],
)
def test_what_looks_alike_has_one_skeleton(text: str) -> None:
    assert skeleton(text) == "ignore"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("rm \u2212rf /", "rm -rf /"),
        ("\u2013\u2013no\u2011verify", "--no-verify"),
        ("\u2215etc\u2044passwd", "/etc/passwd"),
        ("x \u2758 sh", "x | sh"),
        ("\u2039system\u203a", "<system>"),
        ("\u27e8\u2044data\u27e9", "</data>"),
        ("system\u2236", "system:"),
        ("verify\u2800\ua78a False", "verify = false"),
    ],
)
def test_signs_that_look_alike_are_one_as_well(text: str, plain: str) -> None:
    assert skeleton(text) == plain


def test_the_letters_alone_are_what_was_spaced_out_or_written_with_digits() -> None:
    assert bare(skeleton("1 g-n 0 r.3")) == "ignore"


@given(st.text())
def test_a_skeleton_is_its_own(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)
