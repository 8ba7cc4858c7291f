"""From a playbook alone to the material of its report: its episodes stand for the results of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from ...ace.content import tokens
from ...ace.episode import Episode
from ...ace.playbook import Playbook
from ...ace.store import PlaybookStore
from ...ace.training.result import Phase, TaskResult
from ...ace.why import Archive
from ..playbooks.archive import archive_of
from ..playbooks.place import name_of
from ..times import minute
from .material import Done, Group, Material, Version


async def read_playbook(store: PlaybookStore) -> Material:
    """Return the material of the playbook in `store`.

    Raises:
        StoreError: it cannot be read.
    """
    archive = await archive_of(store)
    done = tuple(_done(archive))
    last = Version(name="now", playbook=archive.playbook)
    return Material(
        name=name_of(store.location),
        facts=_facts(archive, store.location),
        groups=(Group(title="runs", phase=Phase.TRAIN, tasks=done),) if done else (),
        archive=archive,
        versions=(Version(name="empty", playbook=Playbook()), last),
    )


def _facts(archive: Archive, location: str) -> Mapping[str, str]:
    episodes = archive.episodes
    models = sorted({f"{episode.model}, {episode.origin}" for episode in episodes})
    when = (
        {"runs": f"{minute(episodes[0].started_at)} to {minute(episodes[-1].finished_at)} UTC"}
        if episodes
        else {}
    )
    return {"playbook": location, **({"model": "; ".join(models)} if models else {}), **when}


def _done(archive: Archive) -> Iterator[Done]:
    sizes = dict(_sizes(archive))
    for position, episode in enumerate(archive.episodes):
        size, weight = sizes[episode.playbook_version]
        yield Done(result=_result(episode, position, size, weight), episode=episode)


def _sizes(archive: Archive) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the versions that episodes saw, each with its strategies in use and their tokens."""
    playbook = Playbook()
    for version in sorted({episode.playbook_version for episode in archive.episodes}):
        playbook = playbook.extend(archive.history[playbook.version : version])
        yield version, (playbook.size, sum(tokens(bullet.content) for bullet in playbook.active))


def _result(episode: Episode, position: int, size: int, weight: int) -> TaskResult:
    """Return the episode as a result. Its tokens are not told apart, so all stand as input."""
    first = episode.attempts[0] if episode.attempts else None
    return TaskResult(
        phase=Phase.TRAIN,
        epoch=1,
        window=0,
        position=position,
        task_id=episode.task_id,
        family=episode.family,
        success=episode.success,
        first_try=episode.first_try,
        attempts=len(episode.attempts),
        probes=len(episode.probes),
        calls=episode.calls,
        input_tokens=episode.tokens,
        cached_tokens=0,
        output_tokens=0,
        usd=episode.usd,
        seconds=_seconds(episode),
        verdict=episode.verdict,
        error_signature="" if first is None or first.success else first.error_signature or first.verdict,
        playbook_version=episode.playbook_version,
        playbook_size=size,
        playbook_tokens=weight,
        episode_id=episode.id,
    )


def _seconds(episode: Episode) -> float:
    begun, ended = (datetime.fromisoformat(text) for text in (episode.started_at, episode.finished_at))
    return max(0.0, (ended - begun).total_seconds())
