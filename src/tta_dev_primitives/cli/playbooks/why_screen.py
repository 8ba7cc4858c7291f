"""Why a strategy stands, for people: one screen, or all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.rule import Rule
from rich.text import Text

from ...ace.episode import AttemptRecord, ProbeRecord
from ...ace.taught import Taught
from ...ace.why import Change, Outcomes, Why
from ..code import show_code
from ..facts import show_facts
from ..feedback import told_in_a_line
from ..numbers import interval, percent
from ..screen import Screen, one_line, plural, safe
from ..times import at_nanoseconds, minute
from .grounds import e_value, grounds, replay, uplift
from .strategies import show_strategy, source
from .wording import told_change

_FIX_LINES = 16
_CHANGES = 8
_REPLAYS = 4
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def show_why(found: Why, screen: Screen, *, everything: bool) -> None:
    """Print the strategy, its source, its record, and what became of it."""
    if found.asked != found.bullet:
        screen.show(Text(f"{found.asked.alias} was merged into {found.bullet.alias}", style="yellow"))
    show_strategy(found.bullet, screen)
    _title("where it came from", screen)
    _show_sources(found, screen, everything=everything)
    _title("how runs went with it", screen)
    show_facts(_record(found, everything=everything), screen)
    _title("what became of it", screen)
    screen.show(*_changes(found, everything=everything))
    if not everything:
        screen.show(Text("all programs and every change: --all; as data: --json", style="dim"))


def _title(text: str, screen: Screen) -> None:
    screen.show(Rule(text, style="dim"))


def _show_sources(found: Why, screen: Screen, *, everything: bool) -> None:
    if not found.taught:
        screen.show(Text(f"{source(found.bullet)}; no run of that is kept here"))
        return
    for taught in found.taught if everything else found.taught[:1]:
        if taught.bullet != found.bullet:
            screen.show(Text(f"{taught.bullet.alias}, merged into it: {safe(taught.bullet.content)}"))
        _show_taught(taught, screen, everything=everything)
    rest = len(found.taught) - 1
    if rest and not everything:
        screen.show(Text(f"{plural(rest, 'more run')} taught what was merged into it", style="dim"))


def _show_taught(taught: Taught, screen: Screen, *, everything: bool) -> None:
    show_facts(_source(taught, everything=everything), screen)
    screen.show(*(_everything(taught) if everything else ()))
    screen.show(*_fix(taught, most=None if everything else _FIX_LINES))


def _source(taught: Taught, *, everything: bool) -> dict[str, str | Text]:
    episode = taught.episode
    model = " ".join(filter(None, (episode.origin, episode.model)))
    task = safe(episode.task.strip()) if everything else one_line(episode.task)
    return {
        "task": f"{safe(episode.task_id)}: {task}",
        "run": safe(f"{episode.run_id}, {minute(episode.started_at)}, {model}"),
        **({"probes": _probed(episode.probes)} if episode.probes else {}),
        **{f"attempt {attempt.number}": _outcome(attempt) for attempt in episode.attempts},
    }


def _probed(probes: Sequence[ProbeRecord]) -> str:
    shown = one_line(told_in_a_line(probes[0].seen, "nothing"), 100)
    return f"{plural(len(probes), 'small program')} run first; the first one showed {shown}"


def _outcome(attempt: AttemptRecord) -> Text:
    if attempt.success:
        return Text("✓ passed", style="green")
    told = told_in_a_line(attempt.feedback, attempt.verdict, 300)
    return Text(f"✗ {attempt.verdict.replace('_', ' ')}: {told}", style="red")


def _everything(taught: Taught) -> Iterator[RenderableType]:
    for number, probe in enumerate(taught.episode.probes, start=1):
        yield Text(f"probe {number}", style="bold")
        yield show_code(probe.code, taught.episode.language)
        yield Text(safe(probe.seen), style="dim")
    for attempt in taught.episode.attempts:
        yield Text(f"attempt {attempt.number}: {attempt.verdict}", style="bold")
        yield show_code(attempt.code, taught.episode.language)
        if not attempt.success:
            yield Text(safe(attempt.feedback), style="red")


def _fix(taught: Taught, *, most: int | None) -> Iterator[Text]:
    lines = taught.fix.diff() if taught.fix else ()
    for line in lines[:most]:
        yield Text(safe(line), style=_DIFF_STYLES.get(line[:1], ""))
    if most is not None and len(lines) > most:
        yield Text(f"... {len(lines) - most} more lines of the change", style="dim")
    if not taught.solved:
        yield Text("no attempt passed: it is learned from the failure", style="dim")


def _record(found: Why, *, everything: bool) -> dict[str, str | Text]:
    seen, opinion = found.seen, found.opinion
    unjudged = f", {seen.unjudged} of them without a check" if seen.unjudged else ""
    replays = found.replays if everything else found.replays[-_REPLAYS:]
    return {
        "relevant": f"to {plural(seen.relevant, 'run')}{unjudged}",
        "shown": _share(seen.included),
        "left out": _share(seen.left_out),
        "uplift": uplift(found.belief),
        "e-value": e_value(found.belief),
        **{f"replay {number}": replay(one, found.bullet.revision) for number, one in enumerate(replays, 1)},
        "called": f"{opinion.helpful} helpful, {opinion.harmful} harmful, {opinion.neutral} neutral",
    }


def _share(outcomes: Outcomes) -> str:
    share = outcomes.share
    if share is None:
        return "no run to tell from"
    solved = f"{outcomes.solved} of {outcomes.runs} solved at the first try"
    return f"{solved}: {percent(share.value)} ({interval(share)})"


def _changes(found: Why, *, everything: bool) -> Iterator[Text]:
    shown = found.changes if everything else found.changes[-_CHANGES:]
    if len(shown) < len(found.changes):
        yield Text(f"... {len(found.changes) - len(shown)} earlier", style="dim")
    for change in shown:
        yield _change(change, found)


def _change(change: Change, found: Why) -> Text:
    recorded = change.recorded
    task = f"task {change.episode.task_id}, " if change.episode else ""
    why = grounds(recorded.event)
    return Text.assemble(
        (f"{at_nanoseconds(recorded.at)}  ", "dim"),
        told_change(recorded.event, found.bullet, found.playbook),
        f"; {why}" if why else "",
        (safe(f"  ({task}run {recorded.run_id}, {recorded.actor})"), "dim"),
    )
