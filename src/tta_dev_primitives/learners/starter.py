"""Starter playbooks: strategies that come with a domain, as data; candidates like any other."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files as resources

from pydantic import TypeAdapter

from ..ace.bullet import NO_TRIGGER, Provenance, Trigger
from ..ace.content import Kind
from ..ace.delta import Delta, ImportBullet
from ..ace.store import Commit
from ..ace.value import Value

_FILE = "starter.json"


class StarterStrategy(Value):
    """A strategy that nobody has validated yet; it has no counts and no status to bring along."""

    kind: Kind
    content: str
    trigger: Trigger = NO_TRIGGER


_STRATEGIES: TypeAdapter[tuple[StarterStrategy, ...]] = TypeAdapter(tuple[StarterStrategy, ...])


def read_starter(package: str) -> tuple[StarterStrategy, ...]:
    """Return the strategies of `starter.json` in `package`, in their order."""
    return _STRATEGIES.validate_json((resources(package) / _FILE).read_bytes())


def starter_commit(domain: str, strategies: Sequence[StarterStrategy]) -> Commit:
    """Return the commit that takes `strategies` over as candidates; a second time it changes nothing."""
    name = f"starter of {domain}"
    source = Provenance(task_id="starter", run_id=name, model="", actor="starter", origin="starter")
    bullets = tuple(
        ImportBullet(kind=one.kind, content=one.content, trigger=one.trigger, domain=domain)
        for one in strategies
    )
    return Commit(run_id=name, delta=Delta(operations=bullets, provenance=source), actor="starter")
