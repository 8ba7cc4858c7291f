"""Deltas, playbooks and episodes for the tests of this folder, and hypothesis strategies for them."""

from __future__ import annotations

from hypothesis import strategies as st

from tta_dev_primitives.ace.bullet import Provenance, Status
from tta_dev_primitives.ace.content import Kind, bullet_id, content_fault
from tta_dev_primitives.ace.delta import (
    AddBullet,
    AnyOperation,
    Delta,
    KeepApart,
    MarkConflict,
    MergeBullets,
    RetireBullet,
    ReviseBullet,
    TagBullet,
)
from tta_dev_primitives.ace.episode import Episode
from tta_dev_primitives.ace.events import (
    Gated,
    GateResult,
    PlaybookEvent,
    Promote,
    Recorded,
    Reinstate,
    Replayed,
    Restore,
    Retire,
    Seal,
    Suspend,
    TagKind,
    record,
)
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.standing import Evidence
from tta_dev_primitives.ace.store import Commit


def provenance(task: str = "task-1", run: str = "run-1") -> Provenance:
    return Provenance(task_id=task, run_id=run, model="m", actor="curator", origin="scripted")


def delta(*operations: AnyOperation, task: str = "task-1") -> Delta:
    return Delta(operations=operations, provenance=provenance(task))


def rule(content: str, kind: Kind = Kind.RULE, domain: str = "general") -> AddBullet:
    return AddBullet(kind=kind, content=content, domain=domain)


def adding(*contents: str, task: str = "task-1") -> Commit:
    return Commit(run_id="run-1", delta=delta(*map(rule, contents), task=task))


def applied(*operations: AnyOperation, to: Playbook | None = None) -> Playbook:
    return (to or Playbook()).apply(delta(*operations), at=1, run_id="run-1").playbook


def sealed(playbook: Playbook, reference: str) -> Playbook:
    bullet = playbook.get(reference)
    assert bullet is not None
    return playbook.extend([record(Seal(bullet=bullet.id), at=playbook.next_at(1), run_id="r", actor="a")])


def episode(name: str = "episode-1", *, success: bool = True) -> Episode:
    return Episode(
        id=name,
        run_id="run-1",
        task_id="task-1",
        family="general",
        task="add two numbers",
        language="python",
        playbook_version=0,
        success=success,
        first_try=success,
        verdict="passed",
        score=1.0,
        seed=7,
        model="m",
        origin="scripted",
        started_at="2026-01-01T00:00:00Z",
        finished_at="2026-01-01T00:00:01Z",
    )


contents = st.sampled_from([f"lesson {number}" for number in range(6)])
references = st.sampled_from([f"str-{number:05d}" for number in range(1, 7)])
operations: st.SearchStrategy[AnyOperation] = st.one_of(
    st.builds(rule, contents),
    st.builds(ReviseBullet, bullet=references, revision=st.integers(1, 3), content=contents),
    st.builds(MergeBullets, bullet=references, into=references, content=st.none() | contents),
    st.builds(MarkConflict, bullet=references, other=references, reason=st.just("opposites")),
    st.builds(KeepApart, bullet=references, other=references, reason=st.just("different")),
    st.builds(TagBullet, bullet=references, tag=st.sampled_from(TagKind)),
    st.builds(RetireBullet, bullet=references, reason=st.just("harmful")),
)
deltas = st.builds(
    Delta,
    operations=st.lists(operations, max_size=9).map(tuple),
    provenance=st.builds(provenance, st.sampled_from(["task-1", "task-2"])),
)


EVIDENCE = Evidence(relevant=9, included=8, mean=0.5, sd=0.2, e_value=21.0, window=9, version=1)
ids = st.sampled_from([bullet_id("general", Kind.RULE, f"lesson {number}") for number in range(6)])
revisions = st.integers(1, 3)
reasons = st.just("measured")
decisions: st.SearchStrategy[PlaybookEvent] = st.one_of(
    st.builds(
        Promote,
        bullet=ids,
        status=st.sampled_from([Status.CANDIDATE, Status.VALIDATED]),
        evidence=st.just(EVIDENCE),
    ),
    st.builds(Suspend, bullet=ids, reason=reasons, evidence=st.just(EVIDENCE)),
    st.builds(Retire, bullet=ids, reason=reasons, evidence=st.just(EVIDENCE)),
    st.builds(Reinstate, bullet=ids, reason=reasons, evidence=st.just(EVIDENCE)),
    st.builds(
        Restore,
        bullet=ids,
        revision=revisions,
        content=contents,
        status=st.sampled_from([Status.CANDIDATE, Status.VALIDATED]),
        reason=reasons,
    ),
    st.builds(
        Replayed,
        bullet=ids,
        revision=revisions,
        task_id=st.sampled_from(["task-1", "task-2"]),
        with_success=st.booleans(),
        without_success=st.booleans(),
        with_episode=st.just("episode-1"),
        without_episode=st.just("episode-2"),
    ),
    st.builds(
        Gated, version=st.integers(0, 9), contents=st.just("digest"), result=st.sampled_from(GateResult)
    ),
)


@st.composite
def histories(draw: st.DrawFn, *, decided: bool = True) -> tuple[Recorded, ...]:
    """Return what one writer recorded: deltas one after the other, with seals in between.

    With decisions of evidence and gate as well, if `decided`.
    """
    playbook, records = Playbook(), list[Recorded]()
    for part in draw(st.lists(deltas, max_size=4)):
        at = draw(st.integers(0, 50))
        done = playbook.apply(part, at=at, run_id=draw(st.sampled_from(["run-1", "run-2"])))
        playbook = done.playbook
        records.extend(done.records)
        for bullet in (
            draw(st.lists(st.sampled_from(done.playbook.active), max_size=2)) if playbook.size else ()
        ):
            seal = record(Seal(bullet=bullet.id), at=playbook.next_at(at), run_id="run-1", actor="a")
            playbook = playbook.extend([seal])
            records.append(seal)
        for event in draw(st.lists(decisions, max_size=3 if decided else 0)):
            decision = record(event, at=playbook.next_at(at), run_id="run-1", actor="a")
            playbook = playbook.extend([decision])
            records.append(decision)
    return tuple(records)


@st.composite
def admissible(draw: st.DrawFn) -> AddBullet:
    """Return an operation that an empty playbook accepts, of any kind and text."""
    kind = draw(st.sampled_from(Kind))
    text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
    content = draw(text.filter(lambda value: content_fault(kind, value) is None))
    return rule(content, kind, draw(st.sampled_from(["general", "payments"])))
