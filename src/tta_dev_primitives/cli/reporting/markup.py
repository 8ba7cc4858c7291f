"""HTML and SVG as values. Text is escaped where it is written, so nothing a guest says can become markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Final, TypeAlias

from ..screen import safe

Value: TypeAlias = str | int | float
"""What an attribute may be; numbers are written with at most four decimals."""
Attributes: TypeAlias = Mapping[str, Value]
_NONE: Final[Attributes] = MappingProxyType({})

_VOID: Final = frozenset({"br", "hr", "meta"})
_TAGS: Final = _VOID | frozenset(
    {
        *("html", "head", "title", "body", "header", "nav", "main", "section", "article", "footer", "div"),
        *("h1", "h2", "h3", "h4", "p", "a", "span", "strong", "em", "small", "abbr", "time", "bdi"),
        *("ul", "ol", "li", "dl", "dt", "dd", "pre", "code", "ins", "del", "figure", "figcaption"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary"),
        *("svg", "g", "line", "rect", "circle", "path", "text"),
    }
)
"""No script, style, link, image, frame or form: none of them can be written."""
_ATTRIBUTES: Final = frozenset(
    {
        *("charset", "class", "colspan", "content", "datetime", "href", "http-equiv", "id", "lang", "name"),
        *("open", "role", "scope", "title", "aria-hidden", "aria-label", "tabindex"),
        *("cx", "cy", "d", "dx", "dy", "height", "preserveAspectRatio", "r", "rx", "text-anchor"),
        *("vector-effect", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"),
    }
)
_PLAIN: Final = re.compile(r"[\n\x20-\x7e]*")
"""Text that needs no cleaning, which takes a while."""
_INNER_LINK: Final = re.compile(r"#[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """The page's own CSS, the one text that is written as it is."""

    css: str

    def __post_init__(self) -> None:
        if "<" in self.css:
            raise ValueError("a stylesheet holds no '<', which could end it early; write it without")


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its children in order. Made by `el`."""

    tag: str
    attributes: Attributes
    children: tuple[Node, ...]

    def __post_init__(self) -> None:
        if self.tag not in _TAGS:
            raise ValueError(f"<{self.tag}> is no element of a report; there are {', '.join(sorted(_TAGS))}")
        unknown = self.attributes.keys() - _ATTRIBUTES
        if unknown:
            raise ValueError(f"<{self.tag}> cannot have {sorted(unknown)} in a report")
        link = str(self.attributes.get("href", "#a"))
        if not _INNER_LINK.fullmatch(link):
            raise ValueError(f"a report links to its own parts only, such as #tasks, not to {link!r}")


Node: TypeAlias = Element | Stylesheet | str


def el(tag: str, *children: Node, css: str = "", at: Attributes = _NONE) -> Element:
    """Return an element of class `css` with the attributes `at`; text among `children` is text.

    Raises:
        ValueError: the element, an attribute or a link has no place in a report.
    """
    return Element(tag, {"class": css, **at} if css else at, children)


def render(node: Node) -> str:
    """Return `node` as HTML; its text without characters that are hidden or turn the reading direction."""
    pieces: list[str] = []
    _write(node, pieces)
    return "".join(pieces)


def _write(node: Node, pieces: list[str]) -> None:
    if isinstance(node, str):
        pieces.append(_text(node))
    elif isinstance(node, Stylesheet):
        pieces.append(f"<style>{node.css}</style>")
    else:
        attributes = "".join(_attribute(name, value) for name, value in node.attributes.items())
        pieces.append(f"<{node.tag}{attributes}>")
        for child in node.children:
            _write(child, pieces)
        if node.tag not in _VOID:
            pieces.append(f"</{node.tag}>")


def _attribute(name: str, value: Value) -> str:
    text = _number(value) if isinstance(value, float) else _text(str(value))
    return f' {name}="{text}"'


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    return escape(text if _PLAIN.fullmatch(text) else safe(text))
