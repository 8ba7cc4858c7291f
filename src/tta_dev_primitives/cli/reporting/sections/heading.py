"""The head of the page: what was done, in a sentence what came of it, and the figures behind that."""

from __future__ import annotations

from ..figures import conclusion, figures
from ..markup import Element, el
from ..material import Material
from ..text import facts, prose


def heading(material: Material) -> Element:
    """Return the head."""
    shown = [
        el("div", el("dt", one.title), el("dd", one.shown), el("dd", one.note, css="note"))
        for one in figures(material)
    ]
    return el(
        "header",
        el("p", "Playbox report", css="kicker"),
        el("h1", material.name),
        el("p", prose(conclusion(material)), css="conclusion"),
        *([el("p", f"Not finished: {material.stopped}", css="stopped")] if material.stopped else []),
        el("dl", *shown, css="figures"),
        facts(dict(material.facts)),
    )
