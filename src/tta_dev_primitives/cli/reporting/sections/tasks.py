"""Tasks: every one with its outcome, its programs, their real results, and what was learned."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

from ....ace.episode import AttemptRecord, Episode
from ....ace.taught import Fix
from ....ace.training.result import TaskResult
from ...numbers import money
from ...screen import one_line, plural
from ..charts.strip import Mark, strip
from ..markup import Element, Node, el
from ..material import Done, Group, Material, task_anchor
from ..text import changed, code, facts, failing_line, first_words, folded, output, section
from ..transcripts import OUTPUT, PROSE, Block, Chapter, chapters

_MOST_CHARACTERS = 4_000_000
"""Of programs and results that the page holds; what is left out stays in the run's folder."""
_FEWEST_COLUMNS = 24
"""Of a strip, so that a few marks are not stretched into bars."""
_COLUMNS = (
    ("place", "#"),
    ("name", "Task"),
    ("outcome", "Outcome"),
    ("num", "Attempts"),
    ("num", "Probes"),
    ("num", "Calls"),
    ("num", "Tokens"),
    ("num", "Learned"),
)
_TOLD_ABOVE = frozenset({"Task", "Strategies"})
_AFTER_ATTEMPTS = frozenset({"Reflection", "Playbook"})


def tasks(material: Material) -> Element | None:
    """Return the section, or None for a report without tasks."""
    if not material.done:
        return None
    full = in_full(material.done)
    parts: list[Node] = []
    first = 0
    for group in material.groups:
        parts += _group(group, first, material, full)
        first += len(group.tasks)
    left_out = len(material.done) - len(full)
    more = [el("p", _left_out(left_out), css="note")] if left_out else []
    lead = (
        "In the order in which they were done. A full mark was solved by the first program, half a mark by a "
        "later one, a hollow one not at all. Open a task to see its programs and their real results."
    )
    return section("tasks", "Tasks", lead, *parts, *more)


def in_full(done: Sequence[Done]) -> frozenset[int]:
    """Return the places of the tasks that are shown with their programs, as far as the page has room.

    Those that taught something come first, then those that failed, then the others in order.
    """
    kept = [(place, one) for place, one in enumerate(done) if one.episode is not None or one.transcript]
    left, full = _MOST_CHARACTERS, set[int]()
    for place, one in sorted(
        kept, key=lambda pair: (not _taught(pair[1]), pair[1].result.first_try, pair[0])
    ):
        left -= _characters(one)
        if left < 0:
            break
        full.add(place)
    return frozenset(full)


def _taught(done: Done) -> int:
    return len(done.episode.added) if done.episode else 0


def _characters(done: Done) -> int:
    episode = done.episode
    if episode is None:
        return len(done.transcript)
    attempts = sum(len(one.code) + len(one.feedback) for one in episode.attempts)
    return len(episode.task) + attempts + sum(len(one.code) + len(one.seen) for one in episode.probes)


def _left_out(count: int) -> str:
    return (
        f"{plural(count, 'task')} without programs here, as none are kept or the page would grow too long; "
        "what is kept is in the run's transcripts and its playbook."
    )


def _group(group: Group, first: int, material: Material, full: frozenset[int]) -> list[Node]:
    share = group.first_try
    solved = sum(result.first_try for result in group.results)
    ends = el("span", f"{solved} of {share.n} at the first try", css="ends")
    columns = max(_FEWEST_COLUMNS, *(len(other.tasks) for other in material.groups))
    marks = [_mark(first + number, one.result, full) for number, one in enumerate(group.tasks)]
    head = [el("span", name, css=css) for css, name in _COLUMNS]
    return [
        el("h3", group.title, ends, css="group"),
        strip(marks, columns=columns, label=f"{group.title}: {solved} of {share.n} solved at the first try"),
        el("div", *head, css="task head", at={"aria-hidden": "true"}),
        *(_task(first + number, one, material, full) for number, one in enumerate(group.tasks)),
    ]


def _outcome(result: TaskResult) -> str:
    return "first" if result.first_try else "later" if result.success else "never"


def _mark(place: int, result: TaskResult, full: frozenset[int]) -> Mark:
    told = f"{place + 1}: {one_line(result.task_id, 80)}, {_ended(result)}"
    return Mark(outcome=_outcome(result), told=told, link=task_anchor(place) if place in full else "")


def _ended(result: TaskResult) -> str:
    if result.first_try:
        return "✓ first try"
    return f"✓ attempt {result.attempts}" if result.success else f"✗ {result.verdict.replace('_', ' ')}"


def _task(place: int, done: Done, material: Material, full: frozenset[int]) -> Element:
    result, learned = done.result, _taught(done)
    figures = (str(result.attempts), str(result.probes or ""), str(result.calls), f"{result.tokens:,}")
    row = [
        el("span", str(place + 1), css="place"),
        el("span", one_line(result.task_id, 80), css="name"),
        el("span", _ended(result), css="outcome"),
        *(el("span", text, css="num") for text in figures),
        el("span", f"+{learned}" if learned else "", css="num"),
    ]
    if place not in full:
        return el("div", *row, css=f"task row {_outcome(result)}")
    content = _transcript(done) if done.episode is None else _inside(done.episode, done, material)
    inside = el("div", *content, css="inside", at={"id": task_anchor(place)})
    return el("details", el("summary", *row, css="task"), inside, css=f"row {_outcome(result)}")


def _inside(episode: Episode, done: Done, material: Material) -> list[Node]:
    fixes = chain((None,), (Fix(failed=old, then=new) for old, new in pairwise(episode.attempts)))
    after = [one for one in chapters(done.transcript) if one.title in _AFTER_ATTEMPTS]
    return [
        el("p", episode.task.strip(), css="asked"),
        facts(_facts(episode, done.result, material)),
        *_probes(episode),
        *(_attempt(attempt, fix) for attempt, fix in zip(episode.attempts, fixes, strict=False)),
        *_learned(episode, material),
        *(folded(chapter.title, *map(_block, chapter.blocks)) for chapter in after),
    ]


def _facts(episode: Episode, result: TaskResult, material: Material) -> dict[str, Node]:
    used = [material.playbook.bullets.get(choice.bullet_id) for choice in episode.choices if choice.included]
    none = "none, held out as a control" if episode.held_out else "none"
    recorded = f", recorded {episode.recorded}" if episode.recorded else ""
    return {
        "strategies used": ", ".join(bullet.alias for bullet in used if bullet) or none,
        "model": f"{episode.model}, {episode.origin}{recorded}",
        "cost": money(result.usd),
        "time": f"{result.seconds:.1f} s",
        "run": episode.run_id,
        **({"stopped early": episode.cut_short} if episode.cut_short else {}),
    }


def _probes(episode: Episode) -> list[Node]:
    if not episode.probes:
        return []
    shown = [part for probe in episode.probes for part in (code(probe.code), output(probe.seen))]
    title = f"{plural(len(episode.probes), 'probe')}: small programs run first, to see what comes back"
    return [folded(title, *shown)]


def _attempt(attempt: AttemptRecord, fix: Fix | None) -> Element:
    ended = "✓ passed" if attempt.success else f"✗ {first_words(attempt.feedback, attempt.verdict)}"
    title = [el("strong", f"Attempt {attempt.number} "), el("span", ended, css="ended")]
    wrong = None if attempt.success else failing_line(attempt.feedback)
    content: list[Node] = [code(attempt.code, wrong_line=wrong)]
    if not attempt.success:
        content.append(output(attempt.feedback))
    if fix is not None:
        content.insert(0, folded("What it changed", changed(fix.diff()), opened=True))
    css = "attempt passed" if attempt.success else "attempt failed"
    return el("details", el("summary", *title), *content, css=css)


def _learned(episode: Episode, material: Material) -> list[Node]:
    taught = material.taught(episode)
    if not taught:
        return []
    items = [
        el("li", el("a", bullet.alias, at={"href": f"#{bullet.alias}"}), f" {bullet.content}")
        for bullet in taught
    ]
    return [el("h4", "What was learned"), el("ul", *items, css="learned")]


def _transcript(done: Done) -> list[Node]:
    """Return a task of which only the transcript is kept: nothing was learned from it."""
    told = chapters(done.transcript)
    asked = [el("p", block.text, css="asked") for one in told if one.title == "Task" for block in one.blocks]
    rest = [_chapter(one) for one in told if one.title not in _TOLD_ABOVE]
    return [*asked, facts(_costs(done.result)), *rest]


def _costs(result: TaskResult) -> dict[str, Node]:
    return {
        "playbook": f"version {result.playbook_version}, {plural(result.playbook_size, 'strategy')}",
        "cost": money(result.usd),
        "time": f"{result.seconds:.1f} s",
    }


def _chapter(chapter: Chapter) -> Element:
    return folded(chapter.title, *map(_block, chapter.blocks), css="attempt")


def _block(block: Block) -> Element:
    if block.form == PROSE:
        return el("p", block.text, css="asked")
    return output(block.text) if block.form == OUTPUT else code(block.text)
