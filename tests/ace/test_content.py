from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.ace.content import (
    LINE_TOKENS,
    REASON_CHARS,
    SNIPPET_LINES,
    Kind,
    bullet_id,
    clean_content,
    clean_line,
    clean_reason,
    content_fault,
    domain_fault,
    tokens,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@given(st.sampled_from(Kind), texts)
def test_cleaning_twice_is_cleaning_once(kind: Kind, text: str) -> None:
    cleaned = clean_content(kind, text)
    assert clean_content(kind, cleaned) == cleaned
    assert unicodedata.normalize("NFC", cleaned) == cleaned


@given(st.sampled_from(Kind), texts)
def test_the_id_is_that_of_the_stored_text(kind: Kind, text: str) -> None:
    assert bullet_id("general", kind, text) == bullet_id("general", kind, clean_content(kind, text))


@pytest.mark.parametrize(
    "hidden",
    [
        "\u200b",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\U000e0041",
        "\u00ad",
        "\x07",
        "\ufe0f",
        "\U000e0101",
        "\u3164",
    ],
    ids=lambda char: f"U+{ord(char):04X}",
)
@pytest.mark.parametrize("kind", [Kind.RULE, Kind.SNIPPET])
def test_hidden_characters_are_stripped(kind: Kind, hidden: str) -> None:
    assert clean_content(kind, f"a{hidden}b") == "ab"


def test_prose_is_compared_without_case_and_spacing_but_code_is_not() -> None:
    assert bullet_id("general", Kind.RULE, " Use  UTC ") == bullet_id("general", Kind.RULE, "use utc")
    assert bullet_id("general", Kind.SNIPPET, "x = A") != bullet_id("general", Kind.SNIPPET, "x = a")
    assert bullet_id("general", Kind.SNIPPET, "if x:\n  y") != bullet_id("general", Kind.SNIPPET, "if x:\ny")
    assert bullet_id("general", Kind.RULE, "a") != bullet_id("other", Kind.RULE, "a")
    assert bullet_id("general", Kind.RULE, "cafe\u0301") == bullet_id("general", Kind.RULE, "caf\u00e9")


def test_a_snippet_keeps_its_lines_and_indentation() -> None:
    assert clean_content(Kind.SNIPPET, "\r\n\n  if x:  \r\n\ty\r\n\n") == "  if x:\n\ty"


@pytest.mark.parametrize("gap", ["\n", "\r", "\x0b", "\x85", "\u2028"])
def test_only_snippets_have_more_than_one_line(gap: str) -> None:
    assert "one line" in (content_fault(Kind.RULE, f"a{gap}b") or "")
    assert content_fault(Kind.RULE, f"a b{gap}") is None


def test_bounds() -> None:
    assert content_fault(Kind.RULE, "x" * 4 * LINE_TOKENS) is None
    assert "121 tokens" in (content_fault(Kind.RULE, "x" * (4 * LINE_TOKENS + 1)) or "")
    assert content_fault(Kind.SNIPPET, "\n".join(["x"] * SNIPPET_LINES)) is None
    assert "61 lines" in (content_fault(Kind.SNIPPET, "\n".join(["x"] * (SNIPPET_LINES + 1))) or "")
    assert "tokens" in (content_fault(Kind.SNIPPET, "x" * 5_000) or "")
    assert "characters" in (content_fault(Kind.RULE, "x" * 30_000) or "")
    assert content_fault(Kind.RULE, " \u200b ") == "content is empty"


def test_tokens_are_counted_by_bytes() -> None:
    assert (tokens(""), tokens("abcd"), tokens("abcde"), tokens("\u20ac\u20ac")) == (0, 1, 2, 2)


def test_domains_are_slugs() -> None:
    assert domain_fault("api.v2") is None
    for bad in ("", "General", "a b", "a" * 41, "../x", "a\n"):
        assert domain_fault(bad)


def test_a_long_reason_is_cut_visibly() -> None:
    assert clean_reason("a\nb") == "a b"
    assert len(clean_reason("x" * 900)) == REASON_CHARS
    assert clean_reason("x" * 900).endswith("…")
    assert clean_line("a\u2028b\tc") == "a b c"


def test_a_key_is_never_kept() -> None:
    key = "sk-" + "a1B2" * 8

    assert clean_content(Kind.RULE, f"Send {key} as the token.") == "Send [redacted] as the token."
    assert clean_content(Kind.SNIPPET, f"token = '{key}'") == "token = '[redacted]'"
