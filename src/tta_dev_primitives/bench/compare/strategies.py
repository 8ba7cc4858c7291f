"""A playbook made of sentences that nobody learned here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ...ace.bullet import Provenance
from ...ace.content import Kind, tokens
from ...ace.delta import Delta, ImportBullet, Result
from ...ace.exchange import export_bullets
from ...ace.playbook import Playbook
from ...core.errors import ConfigurationError


def playbook_of(sentences: Iterable[str], actor: str) -> Playbook:
    """Return a playbook with a strategy a sentence.

    Raises:
        ConfigurationError: a sentence cannot be a strategy.
    """
    source = Provenance(task_id=actor, run_id=actor, model="", actor=actor, origin="import")
    bullets = tuple(ImportBullet(kind=Kind.API_FACT, content=sentence) for sentence in sentences)
    applied = Playbook().apply(Delta(operations=bullets, provenance=source), at=0, run_id=actor)
    for outcome in applied.outcomes:
        if outcome.result is Result.REJECTED:
            raise ConfigurationError(f"{outcome.operation!r} cannot be a strategy: {outcome.reason}")
    return applied.playbook


def written(playbook: Playbook, path: Path) -> Path:
    """Write `playbook` to `path` and return that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(export_bullets(playbook, "json"), encoding="utf-8")
    return path


def size(playbook: Playbook) -> int:
    """Return the tokens of all strategies in use."""
    return sum(tokens(bullet.content) for bullet in playbook.active)


def up_to(sentences: Sequence[str], most: int) -> list[str]:
    """Return the first sentences that make at least `most` tokens together, all if there are not as many."""
    chosen, total = list[str](), 0
    for sentence in sentences:
        if total >= most:
            break
        chosen.append(sentence)
        total += tokens(sentence)
    return chosen
