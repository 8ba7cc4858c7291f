"""Parts of text that several sections have: code, changes of code, facts, outcomes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..feedback import told_in_a_line
from .markup import Element, Node, el

_LINE = re.compile(r"\(line (\d+)\)")
_NEGATIVE = re.compile(r"(?<=[ (])-(?=\d)")
_MINUS, _SPACE = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
_SIGNS = {"+": "ins", "-": "del", "@": "hunk"}


def code(text: str, *, wrong_line: int | None = None) -> Element:
    """Return a program, its lines numbered, and the one that failed marked."""
    lines = text.rstrip().split("\n")
    rows = [_row(line, "wrong" if number == wrong_line else "") for number, line in enumerate(lines, start=1)]
    return el("pre", el("code", *rows), css="code", at={"tabindex": 0})


def changed(lines: Sequence[str]) -> Element:
    """Return a unified diff, without the two lines that name what is compared."""
    rows = [_row(line, _SIGNS.get(line[:1], "")) for line in lines[2:]]
    return el("pre", el("code", *rows), css="diff", at={"tabindex": 0})


def output(text: str) -> Element:
    """Return what a program or the host said, line by line."""
    return el("pre", text.rstrip(), css="told", at={"tabindex": 0})


def failing_line(feedback: str) -> int | None:
    """Return the line that a feedback names."""
    found = _LINE.search(feedback)
    return int(found[1]) if found else None


def first_words(feedback: str, kind: str, limit: int = 160) -> str:
    """Return why a program failed, in one line."""
    return f"{kind.replace('_', ' ')}: {told_in_a_line(feedback, kind, limit)}"


def facts(values: Mapping[str, Node]) -> Element:
    """Return names and values."""
    return el(
        "dl", *(el("div", el("dt", name), el("dd", value)) for name, value in values.items()), css="facts"
    )


def folded(summary: Node, *content: Node, opened: bool = False, css: str = "") -> Element:
    """Return content that is shown on demand."""
    return el("details", el("summary", summary), *content, css=css, at={"open": ""} if opened else {})


def section(anchor: str, title: str, lead: str, *content: Node) -> Element:
    """Return a section with its heading and a sentence that says what to see."""
    told = [el("p", prose(lead), css="lead")] if lead else []
    return el("section", el("h2", title), *told, *content, at={"id": anchor})


def legend(*entries: tuple[str, str]) -> Element:
    """Return the keys of a chart, as pairs of a class and a name."""
    keys = [el("li", el("span", css=f"key {css}", at={"aria-hidden": "true"}), name) for css, name in entries]
    return el("ul", *keys, css="legend")


def prose(text: str) -> str:
    """Return our own words with figures that stay on one line with their signs, and minus signs."""
    return _NEGATIVE.sub(_MINUS, text).replace(" %", f"{_SPACE}%").replace("p = ", f"p{_SPACE}={_SPACE}")


def _row(line: str, css: str) -> Element:
    # Each line ends in a line break of its own, so that copied code is whole.
    return el("span", f"{line}\n", css=css)
