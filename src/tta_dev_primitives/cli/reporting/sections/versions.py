"""Versions: how the playbook grew, and what changed from one version to the next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ....ace.bullet import Bullet
from ....ace.content import tokens
from ....ace.diff import Change, PlaybookDiff, diff
from ....ace.events import Gated, Recorded
from ...playbooks.wording import changes
from ...times import at_nanoseconds
from ..charts.steps import steps_chart
from ..markup import Element, el
from ..material import Material, Version
from ..text import section
from ..words import word_changes
from .effort import short

_MINUS = "\N{MINUS SIGN}"


def versions(material: Material) -> Element | None:
    """Return the section, or None if nothing was ever learned."""
    if not material.playbook.bullets:
        return None
    charts = [el("div", *_growth(material), css="multiples")] if material.training else []
    compared = [_compared(old, new) for old, new in pairwise(material.versions)]
    lead = "How it grew, and what became of each strategy."
    return section("playbook", "Playbook", lead, *charts, *_gate(material), *compared)


def _growth(material: Material) -> Iterator[Element]:
    results = material.training
    for title, unit, counts in (
        ("Strategies in use", "strategies", [result.playbook_size for result in results]),
        ("Tokens of all of them", "tokens", [result.playbook_tokens for result in results]),
    ):
        last = _size(material) if unit == "strategies" else _tokens(material)
        points = [*enumerate(map(float, counts)), (len(counts), float(last))]
        ends = el("span", f"{counts[0]:,} → {last:,}", css="ends")
        label = f"{title}: {counts[0]} at first, {last} at last"
        yield el(
            "figure", el("h3", title, ends), steps_chart(points, tasks=len(counts), word=short, label=label)
        )


def _gate(material: Material) -> Iterator[Element]:
    """Yield what versions came to that played the champion on held-out tasks."""
    gated = [item for item in material.archive.history if isinstance(item.event, Gated)]
    if gated:
        told = [el("li", el("time", at_nanoseconds(one.at)), *_verdict(one, material)) for one in gated]
        yield el("div", el("h3", "At the gate"), el("ul", *told, css="events"), css="version")


def _verdict(item: Recorded, material: Material) -> tuple[str, ...]:
    return tuple(f" {line.removeprefix('! ')}" for line in changes([item.event], material.playbook))


def _size(material: Material) -> int:
    return material.playbook.size


def _tokens(material: Material) -> int:
    return sum(tokens(bullet.content) for bullet in material.playbook.active)


def _compared(old: Version, new: Version) -> Element:
    title = f"{_named(old)} → {_named(new)}"
    rows = list(_rows(diff(old.playbook, new.playbook), new))
    shown = el("ul", *rows, css="changes") if rows else el("p", "Nothing changed.", css="none")
    return el("div", el("h3", title), shown, css="version")


def _named(version: Version) -> str:
    return f"{version.name} (version {version.playbook.version})"


def _rows(found: PlaybookDiff, new: Version) -> Iterator[Element]:
    for bullet in found.added:
        merged = bullet.merged_into is not None
        note = f", merged into {_alias(new, bullet.merged_into)}" if merged else ""
        yield _row("add" if bullet.live else "gone", "+", bullet, note)
    for bullet in found.removed:
        yield _row("gone", _MINUS, bullet, "")
    for change in found.revised:
        yield _reworded(change)
    for change in found.merged:
        yield _row("gone", "~", change.new, f", merged into {_alias(new, change.new.merged_into)}")
    for change in found.retired:
        yield _row("gone", _MINUS, change.new, ", retired")
    for change in found.status:
        yield _row("status", "~", change.new, f", {change.old.status} → {change.new.status}")


def _row(css: str, sign: str, bullet: Bullet, note: str) -> Element:
    standing = "" if bullet.live or note else f", {bullet.status}"
    head = el("span", f"{sign} ", el("strong", bullet.alias), f"{note}{standing} ", css="head")
    return el("li", head, _content(bullet), css=css)


def _reworded(change: Change) -> Element:
    head = el("span", "~ ", el("strong", change.new.alias), ", reworded ", css="head")
    return el("li", head, *word_changes(_content(change.old), _content(change.new)), css="status")


def _content(bullet: Bullet) -> str:
    return "(forgotten)" if bullet.forgotten else bullet.content


def _alias(version: Version, reference: str | None) -> str:
    bullet = version.playbook.bullets.get(reference or "")
    return bullet.alias if bullet else "nothing"
