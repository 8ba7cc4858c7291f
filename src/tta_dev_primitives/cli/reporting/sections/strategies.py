"""Strategies: what each says, how far it has come, what it is worth, and the run that taught it."""

from __future__ import annotations

from itertools import chain

from ....ace.bullet import Bullet, Status
from ....ace.evidence.belief import Belief
from ....ace.taught import Taught
from ....ace.why import Change, Why
from ...playbooks.grounds import grounds, replay
from ...playbooks.strategies import source
from ...playbooks.wording import told_change
from ...times import at_nanoseconds
from ..charts.forest import forest_axis, forest_empty, forest_row, forest_ticks
from ..charts.scale import Scale
from ..markup import Element, Node, el
from ..material import Material, task_anchor
from ..signed import points, points_interval
from ..tables import NOTHING
from ..text import changed, facts, first_words, folded, output, section

_ORDER = (Status.VALIDATED, Status.CANDIDATE, Status.PROPOSED, Status.SUSPENDED, Status.RETIRED)
_MOST = 200
_FIX_LINES = 60
_LEAD = (
    "Uplift: by how many points a strategy raises the share of tasks that the first program solves, "
    "estimated from runs that had it and runs that by chance had not. Line: 95 % interval, coloured where it "
    "leaves out zero. Open one to see the run that taught it."
)


def strategies(material: Material) -> Element | None:
    """Return the section, or None if nothing was ever learned."""
    ranked = ranking(material)
    if not ranked:
        return None
    shown = ranked[:_MOST]
    uplifts = [uplift for bullet in shown if (uplift := material.belief(bullet).uplift)]
    axis = forest_axis(uplifts)
    head = el(
        "div",
        el("span", "Strategy"),
        el("span", forest_ticks(axis), css="plot"),
        el("span", "Uplift, points", css="num"),
        el("span", "Evidence", css="num"),
        css="strategy head",
        at={"aria-hidden": "true"},
    )
    rows = [_strategy(bullet, material, axis) for bullet in shown]
    rest = len(ranked) - len(shown)
    more = (
        [el("p", f"{rest} more are in the playbook: playbox playbook show --all", css="note")] if rest else []
    )
    return section("strategies", "Strategies", _LEAD, head, *rows, *more)


def ranking(material: Material) -> list[Bullet]:
    """Return the strategies, those that were merged into others left out: best standing and uplift first."""
    known = [bullet for bullet in material.playbook.bullets.values() if bullet.merged_into is None]
    return sorted(
        known, key=lambda bullet: (_ORDER.index(bullet.status), -_uplift(material, bullet), bullet.alias)
    )


def _uplift(material: Material, bullet: Bullet) -> float:
    uplift = material.belief(bullet).uplift
    return uplift.value if uplift else -1.0


def _strategy(bullet: Bullet, material: Material, axis: Scale) -> Element:
    found = material.archive.why(bullet.id)
    belief = material.belief(bullet)
    uplift = belief.uplift
    plot = forest_row(uplift, axis, bullet.alias) if uplift else forest_empty(axis)
    figures = (
        el("span", points(uplift.value), el("small", f" {points_interval(uplift)}"))
        if uplift
        else el("span", NOTHING)
    )
    summary = el(
        "summary",
        el("span", *_said(bullet), css="said"),
        el("span", plot, css="plot"),
        el("span", figures, css="num"),
        el("span", *_evidence(belief), css="num"),
        css="strategy",
    )
    inside = el("div", *_inside(found, material), css="inside", at={"id": bullet.alias})
    return el("details", summary, inside, css=f"row {bullet.status}")


def _said(bullet: Bullet) -> tuple[Node, ...]:
    content = "(forgotten)" if bullet.forgotten else bullet.content
    label = (
        el("span", bullet.alias, css="alias"),
        " ",
        el("span", bullet.status.value, css=f"chip {bullet.status}"),
    )
    kind = el("span", f" {bullet.kind.replace('_', ' ')}", css="kind")
    return (*label, kind, el("span", content, css="content"))


def _evidence(belief: Belief) -> tuple[Node, ...]:
    if not belief.relevant:
        return ("no run yet",)
    told = f"{belief.included} of {belief.relevant} runs"
    return (told, el("small", f" e = {belief.e_value:.3g}"))


def _inside(found: Why, material: Material) -> list[Node]:
    sources = list(chain.from_iterable(_taught(taught, material) for taught in found.taught))
    return [*(sources or [el("p", source(found.bullet))]), *_record(found), *_replays(found), _became(found)]


def _taught(taught: Taught, material: Material) -> list[Node]:
    episode, fix = taught.episode, taught.fix
    place = material.places.get(episode.id)
    name = f"{episode.task_id}"
    link: Node = name if place is None else el("a", name, at={"href": f"#{task_anchor(place)}"})
    parts: list[Node] = [el("p", "Learned from ", link, f", run {episode.run_id}.")]
    if fix is not None:
        failed = fix.failed
        parts += [
            el("h4", f"The real result of attempt {failed.number}"),
            output(failed.feedback or first_words(failed.feedback, failed.verdict)),
            el("h4", f"What attempt {fix.then.number} changed"),
            changed(fix.diff()[:_FIX_LINES]),
        ]
    return parts


def _record(found: Why) -> list[Node]:
    seen, opinion = found.seen, found.opinion
    if not seen.relevant:
        return []
    told = {
        "with it": f"{seen.included.solved} of {seen.included.runs} solved at the first try",
        "left out by chance": f"{seen.left_out.solved} of {seen.left_out.runs} solved at the first try",
        "models said": f"{opinion.helpful} helpful, {opinion.harmful} harmful, {opinion.neutral} neutral",
    }
    return [el("h4", "How runs went"), facts(told)]


def _replays(found: Why) -> list[Node]:
    if not found.replays:
        return []
    told = (replay(one, found.bullet.revision) for one in found.replays)
    return [
        el("h4", "Replays: the same task with it and without"),
        el("ul", *(el("li", one) for one in told), css="events"),
    ]


def _became(found: Why) -> Element:
    return folded(
        "What became of it", el("ul", *(_change(one, found) for one in found.changes), css="events")
    )


def _change(change: Change, found: Why) -> Element:
    recorded, why = change.recorded, grounds(change.recorded.event)
    told = told_change(recorded.event, found.bullet, found.playbook)
    task = f"task {change.episode.task_id}, " if change.episode else ""
    return el(
        "li",
        el("time", at_nanoseconds(recorded.at)),
        f" {told}{'; ' if why else ''}{why} ",
        el("small", f"({task}run {recorded.run_id}, {recorded.actor})"),
    )
