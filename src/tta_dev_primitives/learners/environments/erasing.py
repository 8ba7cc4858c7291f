"""Erasing: what is forgotten goes from every layer, also from those that took it over or gave it away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...ace.bullet import Bullet
from ...ace.events import Forget
from ...ace.playbook import Playbook
from ...ace.store import Commit


def of_layer(commit: Commit, merged: Playbook, layer: Playbook) -> tuple[Forget, ...]:
    """Return what `commit`, which speaks of the bullets of `merged`, forgets of those of `layer`."""
    return tuple(
        forget.model_copy(update={"bullet": copy.id})
        for forget in _forgets(commit)
        if (meant := merged.get(forget.bullet)) is not None
        for copy in _copies(meant, merged, layer.bullets.values())
    )


def without(commit: Commit, merged: Playbook) -> Commit:
    """Return `commit` without what it forgets of the bullets of `merged`, as each layer does that itself."""
    done = {id(forget) for forget in _forgets(commit) if merged.get(forget.bullet) is not None}
    return replace(commit, decisions=tuple(one for one in commit.decisions if id(one) not in done))


def _forgets(commit: Commit) -> list[Forget]:
    return [one for one in commit.decisions if isinstance(one, Forget)]


def _copies(meant: Bullet, merged: Playbook, bullets: Iterable[Bullet]) -> list[Bullet]:
    """Return the bullet and what was merged into it, and its text as a lesson by another id."""
    said = (meant.domain, meant.kind, meant.content)
    return [
        bullet
        for bullet in bullets
        if not bullet.forgotten
        and (merged.get(bullet.id) == meant or (bullet.domain, bullet.kind, bullet.content) == said)
    ]
