"""A run to report on, of stored commits: an invented library with quirks, of which a task needs two."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tta_dev_primitives.ace.bullet import Bullet, Provenance
from tta_dev_primitives.ace.content import Kind, tokens
from tta_dev_primitives.ace.delta import AddBullet, Delta, ReviseBullet
from tta_dev_primitives.ace.episode import AttemptRecord, Choice, Episode, ProbeRecord
from tta_dev_primitives.ace.events import Gated, GateResult, Observe
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.training.result import Phase, TaskResult
from tta_dev_primitives.cli.playbooks.archive import archive_of
from tta_dev_primitives.cli.reporting.material import Done, Group, Material, Sides, Version
from tta_dev_primitives.testing import MemoryStore

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TRANSCRIPT = """# unseen: not solved

validation, epoch 0

## Task

Say what is left.

## Attempt 1: runtime error

```python
## no heading
import quarrel
```

````text
DayError: ``` is no day
````
"""


@dataclass(frozen=True)
class Quirk:
    """What a library does that nobody documented: its error, code that meets it, code that does not."""

    error: str
    told: str
    wrong: str
    right: str
    lesson: str


QUIRKS = (
    Quirk(
        error="PageError",
        told="no page 1: pages are numbered 700, 735, 770 and so on",
        wrong="page = session.lots(1)",
        right="page = session.lots(700)",
        lesson="In quarrel, Session.lots(page) numbers pages 700, 735, 770 and so on.",
    ),
    Quirk(
        error="HeldError",
        told="lookup held at gate 17; call session.release(17)",
        wrong="lot = session.lot(code)",
        right="lot = held(session, code)",
        lesson="In quarrel, every third Session.lot raises HeldError: call session.release(error.gate).",
    ),
    Quirk(
        error="DayError",
        told="'2026-03-01' is no day; days are written YYYY.DDD",
        wrong="moves = session.moves('2026-03-01')",
        right="moves = session.moves(day.strftime('%Y.%j'))",
        lesson="In quarrel, Session.moves takes days as YYYY.DDD, as strftime('%Y.%j') writes them.",
    ),
    Quirk(
        error="StagedError",
        told="the withdrawal is only staged; make it final with session.settle(40, seal)",
        wrong="session.withdraw(code, amount)",
        right="settle(session, session.withdraw(code, amount))",
        lesson="In quarrel, Session.withdraw only stages: settle the receipt before any other lookup.",
    ),
)


@dataclass(frozen=True)
class Doing:
    """A task about to be done: the playbook it sees, and the quirks that nothing in its prompt tells of."""

    name: str
    phase: Phase
    epoch: int
    position: int
    playbook: Playbook
    choices: tuple[tuple[Bullet, bool], ...] = ()
    count: int = 2

    @property
    def needed(self) -> list[Quirk]:
        return [QUIRKS[(self.position + 3 * number) % len(QUIRKS)] for number in range(self.count)]

    @property
    def unknown(self) -> list[Quirk]:
        bullets = [bullet for bullet, included in self.choices if included]
        return [quirk for quirk in self.needed if quirk.lesson not in lessons(bullets)]


@dataclass
class World:
    """A store that fills while tasks are done in turn; all chance comes from the seed."""

    seed: int = 7
    results: list[TaskResult] = field(default_factory=list[TaskResult])
    versions: list[int] = field(default_factory=list[int])
    now: datetime = START

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)  # noqa: S311  # a test's coin
        self.store = MemoryStore(clock=lambda: int(self.now.timestamp()) * 10**9)

    async def train(self, count: int, epoch: int) -> Group:
        after, done = len(self.results), list[Done]()
        for position in range(count):
            done.append(await self.learn(f"learn-{position + 1}", position, epoch))
        self.versions.append((await self.store.load()).version)
        return Group(title=f"epoch {epoch}", phase=Phase.TRAIN, tasks=tuple(done), after=after)

    async def learn(self, name: str, position: int, epoch: int) -> Done:
        playbook = await self.store.load()
        wanted = Doing(name, Phase.TRAIN, epoch, position, playbook)
        relevant = [bullet for bullet in playbook.active if lessons([bullet]) & known(wanted.needed)]
        doing = replace(wanted, choices=tuple((bullet, self.draw.random() < 0.8) for bullet in relevant))
        episode = episode_of(doing, self.now)
        committed = await self.store.commit(commit_of(doing, episode))
        self.results.append(result_of(doing, episode.id))
        self.now += timedelta(minutes=2)
        added = tuple(
            one.bullet_id for one in committed.outcomes if one.bullet_id and one.operation.op == "add"
        )
        return Done(result=self.results[-1], episode=episode.model_copy(update={"added": added}))

    def measure(self, title: str, count: int, playbook: Playbook, after: int = 0) -> Group:
        choices = tuple((bullet, True) for bullet in playbook.active)
        asked = [
            Doing(f"unseen-{position + 1}", Phase.VALIDATION, 0, position, playbook, choices, count=3)
            for position in range(count)
        ]
        done = tuple(Done(result=result_of(doing, ""), transcript=TRANSCRIPT) for doing in asked)
        return Group(title=title, phase=Phase.VALIDATION, tasks=done, after=after)


async def material() -> Material:
    """Return a run of two epochs with a validation before and after them."""
    world = World()
    before = world.measure("validation before training", 8, Playbook())
    first = await world.train(12, 1)
    accepted = Gated(version=world.versions[0], contents="digest", result=GateResult.ACCEPTED, reason="e = 9")
    await world.store.commit(Commit(run_id="gate", decisions=(accepted,)))
    second = await world.train(12, 2)
    archive = await archive_of(world.store)
    after = world.measure("validation after epoch 2", 8, archive.playbook, after=24)
    chosen = replace(after, title="the playbook after epoch 2")
    return Material(
        name="quarrel",
        facts={"model": "a model", "tasks": "tasks.jsonl"},
        groups=(before, first, second, after),
        archive=archive,
        versions=(
            Version(name="at the beginning", playbook=Playbook()),
            Version(name="best", playbook=await world.store.at_version(world.versions[0])),
            Version(name="last", playbook=archive.playbook),
        ),
        sides=Sides(
            groups=(replace(before, title="no playbook"), chosen), chosen=chosen, of="The validation tasks"
        ),
        reuse={f"learn-{number}": 0.5 + number / 64 for number in range(2, 13)},
    )


def lessons(bullets: Sequence[Bullet]) -> set[str]:
    return {one.lesson for one in QUIRKS if any(bullet.content.startswith(one.lesson) for bullet in bullets)}


def known(quirks: Sequence[Quirk]) -> set[str]:
    return {quirk.lesson for quirk in quirks}


def commit_of(doing: Doing, episode: Episode) -> Commit:
    said = lessons([*doing.playbook.bullets.values()])
    operations: list[AddBullet | ReviseBullet] = [
        AddBullet(kind=Kind.PITFALL, content=one.lesson) for one in doing.unknown if one.lesson not in said
    ]
    if doing.name == "learn-9" and doing.epoch == 2:
        first = doing.playbook.active[0]
        better = f"{first.content} Stop at the last one."
        operations.append(ReviseBullet(bullet=first.id, revision=first.revision, content=better))
    origin = Provenance(task_id=doing.name, run_id="run-1", model="a model", actor="curator", origin="live")
    return Commit(
        run_id="run-1",
        delta=Delta(operations=tuple(operations), provenance=origin),
        episode=episode,
        observations=tuple(observed(doing, episode, bullet, included) for bullet, included in doing.choices),
    )


def observed(doing: Doing, episode: Episode, bullet: Bullet, included: bool) -> Observe:  # noqa: FBT001
    return Observe(
        bullet=bullet.id,
        episode_id=episode.id,
        included=included,
        propensity=0.8,
        success=not doing.unknown,
        score=float(not doing.unknown),
    )


def episode_of(doing: Doing, now: datetime) -> Episode:
    attempts = programs(doing)
    probes = (ProbeRecord(code="print(dir(quarrel))", seen="stdout: ['Session', 'connect']"),)
    return Episode(
        id=f"{doing.epoch}-{doing.name}",
        run_id="run-1",
        task_id=doing.name,
        family="depot",
        task=f"Count the lots of depot {doing.position + 1} by grade.",
        language="python",
        playbook_version=doing.playbook.version,
        choices=tuple(
            Choice(bullet_id=bullet.id, propensity=0.8, included=included, core=False)
            for bullet, included in doing.choices
        ),
        probes=() if doing.playbook.active else probes,
        attempts=attempts,
        success=True,
        first_try=attempts[0].success,
        verdict="passed",
        score=1.0,
        tokens=4000,
        calls=len(attempts) + 1,
        seed=1,
        model="a model",
        origin="live",
        started_at=now.isoformat(),
        finished_at=(now + timedelta(seconds=50)).isoformat(),
    )


def programs(doing: Doing) -> tuple[AttemptRecord, ...]:
    """Return one attempt a quirk that is not known yet, and the program that passes."""
    return tuple(program(doing, number) for number in range(len(doing.unknown) + 1))


def program(doing: Doing, number: int) -> AttemptRecord:
    left = doing.unknown[number:]
    lines = [one.wrong if one in left else one.right for one in doing.needed]
    error = f"{left[0].error} (line {2 + doing.needed.index(left[0])}): {left[0].told}" if left else "passed"
    return AttemptRecord(
        number=number + 1,
        code="\n".join(["import quarrel", *lines]),
        verdict="runtime_error" if left else "passed",
        success=not left,
        score=float(not left),
        feedback=error,
        stop="exited",
        isolation="namespaces",
        error_signature=left[0].error if left else "",
    )


def result_of(doing: Doing, episode_id: str) -> TaskResult:
    attempts, wrong = len(doing.unknown) + 1, doing.unknown
    learning = doing.phase is Phase.TRAIN
    return TaskResult(
        phase=doing.phase,
        epoch=doing.epoch,
        window=0,
        position=doing.position,
        task_id=doing.name,
        family="depot",
        success=learning or not wrong,
        first_try=not wrong,
        attempts=attempts if learning else 1,
        probes=0 if doing.playbook.active else 1,
        calls=attempts + bool(wrong) if learning else 1,
        input_tokens=1800 * attempts,
        cached_tokens=900 * attempts,
        output_tokens=350 * attempts,
        usd=0.004 * attempts,
        seconds=2.5 * attempts,
        verdict="passed" if learning or not wrong else "runtime_error",
        error_signature=wrong[0].error if wrong else "",
        playbook_version=doing.playbook.version,
        playbook_size=doing.playbook.size,
        playbook_tokens=sum(tokens(bullet.content) for bullet in doing.playbook.active),
        episode_id=episode_id,
    )
