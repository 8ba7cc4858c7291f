"""From the folder of a run to the material of its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from ...ace.store import SqliteStore
from ...ace.training.config import Mode, RunConfig
from ...ace.training.folder import RunFolder
from ...ace.training.playbooks import NONE, PLAYBOOK
from ...ace.training.reading import read_results, read_summary, read_transcript
from ...ace.training.result import Phase, TaskResult
from ...ace.training.run import AGAINST
from ...ace.training.summary import Summary
from ...ace.why import Archive
from ...core.errors import CassetteError
from ...llm import tape
from ...llm.types import Usage
from ..playbooks.archive import EMPTY, archive_of
from ..playbooks.place import name_of
from ..times import minute
from .material import Done, Group, Material, Sides, Version
from .reuse import reusable_prefixes

_CHOSEN_BY = (
    "The version was chosen by these tasks, which flatters it a little: playbox eval measures it on tasks "
    "that it was not chosen by."
)


async def read_run(path: Path) -> Material:
    """Return the material of the run in the folder `path`; nothing in it is changed.

    Raises:
        ConfigurationError: there is no run in it, or one of its files is damaged.
        StoreError: its playbook cannot be read.
    """
    config, summary = RunFolder(path=path).config(), read_summary(path)
    store = SqliteStore(path / PLAYBOOK) if (path / PLAYBOOK).is_file() else None
    archive = await archive_of(store) if store else EMPTY
    folder = Folder(path=path, archive=archive)
    groups, answers = folder.groups(config), _answers(path)
    return Material(
        name=config.name,
        facts=_facts(config, archive),
        groups=groups,
        archive=archive,
        versions=await _versions(store, archive, config, summary) if store else (),
        sides=_sides(groups, config),
        stopped=summary.stopped if summary else "it has not been concluded yet",
        reuse=reusable_prefixes(answers),
        paid=sum((answer.usage.as_usage() for answer in answers), Usage()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder with results, and the episodes that they may belong to."""

    path: Path
    archive: Archive

    def groups(self, config: RunConfig) -> tuple[Group, ...]:
        """Return all tasks of the run that it was told of by `config`."""
        if config.mode is Mode.EVALUATE:
            return tuple(self._evaluated(config))
        if config.mode is Mode.ONLINE:
            return tuple(self._online())
        return tuple(self._offline())

    def _evaluated(self, config: RunConfig) -> Iterator[Group]:
        if config.against is not None:
            other = Folder(path=self.path / AGAINST, archive=EMPTY)
            yield from other.group(_playbook_name(config.against), Phase.TEST)
        yield from self.group(_playbook_name(config.playbook), Phase.TEST)

    def _online(self) -> Iterator[Group]:
        yield from self.group("tested before it was learned from", Phase.TEST)
        yield from self.group("learned from", Phase.TRAIN)

    def _offline(self) -> Iterator[Group]:
        results, after = read_results(self.path), 0
        for epoch in sorted({result.epoch for result in results}):
            learned = _chosen(results, Phase.TRAIN, epoch)
            if learned:
                yield Group(title=f"epoch {epoch}", phase=Phase.TRAIN, tasks=self._done(learned), after=after)
            after += len(learned)
            validated = _chosen(results, Phase.VALIDATION, epoch)
            if validated:
                title = f"validation after epoch {epoch}" if epoch else "validation before training"
                yield Group(title=title, phase=Phase.VALIDATION, tasks=self._done(validated), after=after)

    def group(self, title: str, phase: Phase) -> Iterator[Group]:
        """Yield the group of all results of a phase, if there are any."""
        results = _chosen(read_results(self.path), phase)
        if results:
            yield Group(title=title, phase=phase, tasks=self._done(results))

    def _done(self, results: Sequence[TaskResult]) -> tuple[Done, ...]:
        episodes = {episode.id: episode for episode in self.archive.episodes}
        return tuple(
            Done(
                result=result,
                episode=episodes.get(result.episode_id),
                transcript=read_transcript(self.path, result),
            )
            for result in results
        )


def _chosen(results: Sequence[TaskResult], phase: Phase, epoch: int | None = None) -> list[TaskResult]:
    """Return the results of a phase, and of an epoch if one is given, in the order of the tasks."""
    chosen = [one for one in results if one.phase is phase and epoch in {None, one.epoch}]
    return sorted(chosen, key=lambda one: (one.epoch, one.window, one.position))


def _playbook_name(name: str) -> str:
    return "no playbook" if name in {"", NONE} else f"the playbook {name_of(name)}"


def _sides(groups: Sequence[Group], config: RunConfig) -> Sides | None:
    """Return the sides of an evaluation, or the validations before training and of the version chosen."""
    if config.mode is Mode.EVALUATE:
        return _evaluated(groups)
    validated = [group for group in groups if group.phase is Phase.VALIDATION]
    if len(validated) < 2:  # noqa: PLR2004  # one is nothing to compare with
        return None
    # The earliest of equals, as the trainer chooses.
    best = max(validated[1:], key=lambda group: group.first_try.value)
    before = replace(validated[0], title=_playbook_name(config.playbook))
    after = replace(best, title=f"the playbook {best.title.removeprefix('validation ')}")
    return Sides(
        groups=(before, after),
        chosen=after,
        of="The validation tasks, nothing learned from them",
        caveat=_CHOSEN_BY,
    )


def _evaluated(groups: Sequence[Group]) -> Sides | None:
    if len(groups) < 2:  # noqa: PLR2004  # as above
        return None
    return Sides(groups=tuple(groups), chosen=groups[-1], of="The same tasks, nothing learned meanwhile")


def _facts(config: RunConfig, archive: Archive) -> Mapping[str, str]:
    models = ", ".join(dict.fromkeys(config.models.values()))
    how = {
        Mode.OFFLINE: f"offline, {config.epochs} epochs" if config.epochs > 1 else "offline, 1 epoch",
        Mode.ONLINE: f"online, windows of {config.window}",
        Mode.EVALUATE: "evaluation",
    }
    recorded = {episode.recorded for episode in archive.episodes if episode.recorded}
    return {
        "model": models,
        **({"answers": f"recorded {', '.join(sorted(recorded))} and replayed"} if recorded else {}),
        "tasks": config.source,
        "how": how[config.mode],
        "at once": str(config.in_flight),
        "began with": _playbook_name(config.playbook),
        "sandbox": config.sandbox,
        "begun": f"{minute(config.begun)} UTC",
        "playbox": config.version,
    }


async def _versions(
    store: SqliteStore, archive: Archive, config: RunConfig, summary: Summary | None
) -> tuple[Version, ...]:
    last = archive.playbook.version
    best = summary.best.version if summary and summary.best else last
    named = [(config.playbook_version, "at the beginning"), (best, "best"), (last, "last")]
    champion = archive.playbook.champion
    if champion is not None:
        named.append((champion.version, "champion"))
    by_version = groupby(sorted(named, key=lambda pair: pair[0]), key=lambda pair: pair[0])
    return tuple(
        [
            Version(name=" and ".join(name for _, name in names), playbook=await store.at_version(version))
            for version, names in by_version
        ]
    )


def _answers(path: Path) -> Sequence[tape.Entry]:
    """Return what models answered; nothing if that is not there or being written to."""
    try:
        return tape.load(path / "answers.jsonl")
    except CassetteError:
        return ()
