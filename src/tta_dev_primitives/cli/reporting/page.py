"""The page: one document that needs nothing else and can do nothing but be read."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from ...ace.evidence.lifecycle import BADGE
from .markup import Element, Stylesheet, el, render
from .material import Material
from .sections.arms import arms
from .sections.comparison import comparison
from .sections.effort import effort
from .sections.errors import errors
from .sections.heading import heading
from .sections.learning import learning
from .sections.strategies import strategies
from .sections.tasks import tasks
from .sections.tokens import tokens
from .sections.versions import versions

_SECTIONS = (comparison, arms, learning, effort, strategies, errors, tokens, versions, tasks)
_METHODS = (
    "Shares have Wilson's interval; the same tasks twice, Tango's, and McNemar's exact test. A strategy's "
    "uplift is a difference of success rates with its interval; its e-value is evidence that stays valid "
    f"however often one looks, and {BADGE:g} makes a strategy validated. Only first programs count as "
    "success here, as what follows is steered by the real error as well. All code really ran; what it "
    "printed is shown as it was, without characters that are hidden."
)


def page(material: Material) -> str:
    """Return the report as HTML. Equal material gives an equal page."""
    parts = [part for make in _SECTIONS if (part := make(material)) is not None]
    body = el(
        "body",
        _contents(parts),
        el("main", heading(material), *parts, el("footer", el("p", _METHODS))),
    )
    return f"<!doctype html>\n{render(el('html', _head(material), body, at={'lang': 'en'}))}\n"


def _head(material: Material) -> Element:
    css = _stylesheet()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return el(
        "head",
        el("meta", at={"charset": "utf-8"}),
        el("meta", at={"http-equiv": "Content-Security-Policy", "content": policy}),
        el("meta", at={"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", at={"name": "color-scheme", "content": "light dark"}),
        el("title", f"{material.name} · Playbox report"),
        Stylesheet(css),
    )


def _contents(parts: list[Element]) -> Element:
    links = [el("li", el("a", _title(part), at={"href": f"#{part.attributes['id']}"})) for part in parts]
    return el("nav", el("ul", *links), at={"aria-label": "Contents"})


def _title(part: Element) -> str:
    title = part.children[0]
    return str(title.children[0]) if isinstance(title, Element) else ""


@cache
def _stylesheet() -> str:
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")
