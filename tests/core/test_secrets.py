"""A secret is found in each form that it can be printed in, and nothing else is."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
import textwrap
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tta_dev_primitives.core.known_secrets import KnownSecrets
from tta_dev_primitives.core.secrets import NO_SECRETS, REDACTED, SHORTEST_SECRET, Secrets
from tta_dev_primitives.core.visible import visible

VALUES = ("hunter2-not-a-pattern", "a+b/c==?&<>d'e\"f\\g", "schlüssel zum glück", "abc123", "PA55.w0rd~x")
FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "upper": str.upper,
    "swapped case": str.swapcase,
    "reversed": lambda value: value[::-1],
    "json": lambda value: json.dumps(value)[1:-1],
    "json, unicode": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "json in json": lambda value: json.dumps(json.dumps(value))[3:-3],
    "json without angles": lambda value: (
        json.dumps(value)[1:-1].replace("<", "\\u003c").replace(">", "\\u003e")
    ),
    "repr": lambda value: repr(value)[1:-1],
    "repr of bytes": lambda value: repr(value.encode())[2:-1],
    "shell": shlex.quote,
    "html": html.escape,
    "html, text": lambda value: html.escape(value, quote=False),
    "html, decimal quote": lambda value: html.escape(value).replace("&#x27;", "&#39;"),
    "quote": quote,
    "quote, all": lambda value: quote(value, safe=""),
    "quote_plus": quote_plus,
    "quote, lower case": lambda value: re.sub("%..", lambda found: found[0].lower(), quote(value, safe="")),
    "percent, each byte": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "hex": lambda value: value.encode().hex(),
    "hex, upper": lambda value: value.encode().hex().upper(),
    "hex, colons": lambda value: value.encode().hex(":"),
    "hex, blanks": lambda value: value.encode().hex(" ", 2),
    "hex, escapes": lambda value: "".join(f"\\x{byte:02x}" for byte in value.encode()),
    "hex, numbers": lambda value: ", ".join(f"0x{byte:02x}" for byte in value.encode()),
    "numbers": lambda value: ", ".join(map(str, value.encode())),
    "zero width between": "\u200b".join,
    "soft hyphens between": "\u00ad".join,
    "bidi around": lambda value: f"\u202e{value[:3]}\u2066{value[3:]}\u202c",
    "base64, wrapped": lambda value: "\n".join(textwrap.wrap(base64.b64encode(value.encode()).decode(), 5)),
    "base64, wrapped in json": lambda value: json.dumps(
        "\n".join(textwrap.wrap(base64.b64encode(value.encode()).decode(), 5))
    ),
}
IN_LONGER = [b"", b"x", b"xy", b"xyz", b"the password: "]
WRAPPED = ("hunter2-not-a-pattern", "PA55.w0rd~x", "Zq8#kL!mN0pR5")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_found(form: str, value: str) -> None:
    shown = FORMS[form](value)
    told = Secrets([value]).hide(f"before <<{shown}>> after")
    assert REDACTED in told
    assert told.startswith("before <<")
    assert told.endswith(">> after")
    assert shown not in told
    assert len(told) <= len(f"before <<{REDACTED}>> after") + 8, "quotes and prefixes may stay around it"


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode], ids=["standard", "urlsafe"])
@pytest.mark.parametrize("before", IN_LONGER)
@pytest.mark.parametrize("after", [b"", b"!", b" and more"])
def test_in_base64_it_is_found_wherever_it_begins(
    value: str, encode: Callable[[bytes], bytes], before: bytes, after: bytes
) -> None:
    text = encode(before + value.encode() + after).decode()
    for shown in (text, text.rstrip("=")):
        told = Secrets([value]).hide(f"<<{shown}>>")
        assert REDACTED in told
        left = "".join(told.split(REDACTED)).strip("<>")
        # What stays decodes to what was beside it; the secret fills all the rest.
        assert len(left) <= -(-4 * (len(before) + len(after)) // 3) + 3


@pytest.mark.parametrize("value", WRAPPED)
@pytest.mark.parametrize("width", [3, 4, 7, 10])
@pytest.mark.parametrize("glue", ["\n", "\r\n", "\n    ", "'\n  '", "\\n", '",\n  "'])
def test_wrapped_over_lines_it_is_found(value: str, width: int, glue: str) -> None:
    shown = glue.join(value[at : at + width] for at in range(0, len(value), width))
    assert Secrets([value]).hide(f"<{shown}>") == f"<{REDACTED}>"


def test_a_key_file_is_found_whole_and_by_its_lines() -> None:
    lines = ["MIIEvQIBADANBgkqhkiG9w0BAQ", "EFAASCBKcwggSjAgEAAoIBAQC7", "short"]
    known = Secrets(["\n".join(lines) + "\n"])
    assert known.hide("x " + "\r\n".join(lines)) == f"x {REDACTED}"
    assert known.hide(f"{lines[1]}, {lines[2]}") == f"{REDACTED}, short"


def test_where_text_was_cut_the_first_half_is_hidden_too() -> None:
    known = Secrets(["hunter2-not-a-pattern"])
    assert known.hide("auth failed for hunter2-not-a-pa") == f"auth failed for {REDACTED}"
    assert known.hide("auth failed for hunter2-not-a") == f"auth failed for {REDACTED}"
    assert known.hide("the hunter2 of it") == "the hunter2 of it"


def test_overlapping_secrets_leave_nothing_between_them() -> None:
    known = Secrets(["abcdef123", "123xyz99", "aaaaaa"])
    assert known.hide("abcdef123xyz99 aaaaaaaaa") == f"{REDACTED} {REDACTED}"


def test_short_values_are_words_and_stay() -> None:
    assert Secrets(["true", "prod", "", "12345"]) == NO_SECRETS
    assert Secrets(["true"]).hide("true") == "true"
    assert not NO_SECRETS


def test_they_are_a_value_that_does_not_show_itself() -> None:
    one, other = Secrets(["hunter2-a"]), Secrets(["hunter2-b"])
    assert one | other == Secrets(["hunter2-b", "hunter2-a"])
    assert one | NO_SECRETS is one
    assert NO_SECRETS | one is one
    assert "hunter" not in f"{one!r} {KnownSecrets(one)!r}"
    assert len({one, Secrets(["hunter2-a"]), other}) == 2


def test_what_a_run_knows_grows() -> None:
    known = KnownSecrets()
    assert known.now == NO_SECRETS
    known.add(["hunter2-a"])
    known.add(Secrets(["hunter2-b"]))
    assert known.now.hide("hunter2-a hunter2-b") == f"{REDACTED} {REDACTED}"


@given(st.text(), st.text(min_size=8, max_size=30), st.text())
def test_whatever_it_is_it_does_not_stay(before: str, value: str, after: str) -> None:
    assume(len(visible(value).strip()) >= SHORTEST_SECRET)
    known = Secrets([value])
    told = known.hide(f"{before}{value}{after}")
    assert all(secret not in told.replace(REDACTED, "\0") for secret in known.values)


@given(st.text(alphabet="lorem ipsum dolor sit amet,\n\\\"'", max_size=300))
def test_text_without_secrets_is_returned_as_it_is(text: str) -> None:
    assert Secrets(["hunter2-not-a-pattern"]).hide(text) is text


@pytest.mark.parametrize(
    "piece", ["hunter2-not-", "a", "\n", "\\n", "0x", "%68", "aHVudGVyMi", "\u200b", "68 "]
)
def test_it_takes_linear_time(piece: str) -> None:
    """A million characters that begin a secret everywhere; quadratic time would be hours."""
    known = Secrets(["hunter2-not-a-pattern", "a" * 3_000 + "b", "\n".join(["x" * 60] * 40)])
    assert len(known.hide(piece * (100_000 // len(piece)))) > 0
