"""What a run came to, for people."""

from __future__ import annotations

from rich.text import Text

from ...ace.training.comparison import Comparison
from ...ace.training.config import Mode, RunConfig
from ...ace.training.curve import Share
from ...ace.training.folder import RunFolder
from ...ace.training.run import AGAINST
from ...ace.training.summary import Side, Summary
from ..facts import show_facts
from ..screen import Screen, plural, safe


def show_beginning(folder: RunFolder, config: RunConfig, screen: Screen) -> None:
    """Say on stderr where the run is, and with what."""
    models = ", ".join(dict.fromkeys(config.models.values()))
    screen.tell(f"{config.mode} run in {safe(str(folder.path))}, with {safe(models)}")


def show_summary(summary: Summary, folder: RunFolder, screen: Screen) -> None:
    """Print the summary; with --json all of it."""
    if screen.as_json:
        screen.document({"folder": str(folder.path), **summary.model_dump(mode="json")})
        return
    show_facts({name: fact for name, fact in _facts(summary, folder).items() if fact}, screen)


def _facts(summary: Summary, folder: RunFolder) -> dict[str, str | Text]:
    names = {"train": "training", "validation": "validation", "test": "test"}
    sides = {names[name]: _side(getattr(summary, name)) for name in names}
    answers, best = summary.answers, summary.best
    usd = "price unknown" if answers.usd is None else f"{answers.usd:.4f} USD"
    return {
        **sides,
        AGAINST: _side(summary.against),
        "difference": _comparison(summary.comparison),
        "playbook": f"version {best.version}: {plural(best.size, 'strategy')}, {plural(best.tokens, 'token')}"
        + (f", first try {_share(best.validation)} of validation" if best.validation else "")
        if best
        else "",
        "cost": f"{plural(answers.paid, 'call')}, {plural(answers.tokens, 'token')}, {usd}",
        "reworded": f"{answers.reworded} answers belong to questions in other words: programs varied"
        if answers.reworded
        else "",
        "time": f"{summary.seconds:.1f} s",
        "folder": safe(str(folder.path)),
        "learned": safe(str(folder.path / best.file)) if best and summary.mode is not Mode.EVALUATE else "",
    }


def _side(side: Side | None) -> str:
    if side is None:
        return ""
    shares = f"first try {_share(side.first_try)}, solved {_share(side.success)}"
    return f"{shares}, {side.attempts:.2f} attempts a task"


def _share(share: Share) -> str:
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%}, n={share.n})"


def _comparison(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    difference = comparison.difference
    points = (
        f"{100 * difference.value:+.0f} points ({100 * difference.low:+.0f} to {100 * difference.high:+.0f})"
    )
    counts = f"{len(comparison.gained)} gained, {len(comparison.lost)} lost of {comparison.n}"
    return f"{points}, {counts}, p={comparison.p:.3g} (exact McNemar)"
