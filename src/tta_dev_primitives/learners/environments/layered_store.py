"""LayeredStore: one playbook out of the layers that an environment is part of; it writes to its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path

from ...ace.bullet import Status
from ...ace.episode import Episode
from ...ace.events import Forget, union
from ...ace.playbook import Playbook
from ...ace.store import Commit, Committed, Found, StoredRecord, open_store
from ...ace.store.chain import GENESIS, link
from ...ace.store.damage import Damage
from ...ace.store.lasting import LastingStore
from ...ace.store.protocol import MOST_FOUND
from ...ace.store.purge import Purged
from ...ace.store.search import Searcher
from ...ace.store.verification import Verified
from ...core.errors import ConfigurationError
from .adoption import Adoption
from .environment import Environment, Layer
from .erasing import of_layer, without
from .new_folder import new_folder

Opening = Callable[[Path], LastingStore]
SUFFIX = ".db"


class LayeredStore:
    """Implements `PlaybookStore` on a folder with a file a layer.

    What is loaded is the union of the histories of all layers that `environment` is part of, from the general
    one to its own. What is learned, observed and decided goes to its own: a strategy that is suspended in one
    environment goes on in the others, and evidence is that of this environment. Bullets of other layers that
    an event is about are taken over first, as they stand. What is forgotten is so in every layer of the
    folder.
    """

    def __init__(
        self, folder: Path | str, environment: Environment, *, opening: Opening = open_store
    ) -> None:
        self._folder, self._opening = Path(folder), opening
        self.layer = environment.layer
        self._stores: dict[Layer, LastingStore] = {}
        self._searcher = Searcher()
        self._seen: dict[Layer, int] = {}
        self._merged = Playbook()

    @property
    def location(self) -> str:
        """The folder, and the layer that is written to."""
        return f"{self._folder} ({self.layer.name})"

    async def load(self) -> Playbook:
        """Return the playbook of all layers; they are read again only if one has changed.

        Raises:
            StoreError: one of its leaves, see core/errors.py.
        """
        layers = self._layers()
        seen = {layer: (await store.load()).version for layer, store in layers.items()}
        if seen != self._seen:
            self._merged = Playbook.fold(record.recorded for record in await self._records(layers.values()))
            self._seen = seen
        return self._merged

    async def commit(self, commit: Commit) -> Committed:
        """Store `commit` in the environment's own layer; raises as every store does."""
        merged, own = await self.load(), self._store(self.layer)
        await self._forget(commit, merged)
        commit = without(commit, merged)
        adoption = Adoption(merged=merged, own=await own.load())
        first = adoption.first(commit)
        if first is not None:
            await own.commit(first)
        committed = await own.commit(adoption.translated(commit))
        return Committed(playbook=await self.load(), outcomes=committed.outcomes, repeated=committed.repeated)

    async def episodes(self, *, since: int = 0, limit: int | None = None) -> tuple[Episode, ...]:
        """Return the episodes of this environment, as every store does."""
        return await self._store(self.layer).episodes(since=since, limit=limit)

    async def history(self, *, since: int = 0) -> tuple[StoredRecord, ...]:
        """Return the records of all layers after version `since` in one chain, oldest first."""
        chained: list[StoredRecord] = []
        for item in union(record.recorded for record in await self._records(self._layers().values())):
            before, seq = (chained[-1].hash if chained else GENESIS), len(chained) + 1
            hashed = link(before, seq, item.event_id)
            chained.append(StoredRecord(seq=seq, prev_hash=before, hash=hashed, recorded=item))
        return tuple(chained[max(0, since) :])

    async def at_version(self, version: int) -> Playbook:
        """Return the playbook of the first `version` records of all layers.

        Raises:
            ConfigurationError: there are not as many.
        """
        records = await self.history()
        if not 0 <= version <= len(records):
            raise ConfigurationError(f"there is no version {version}; versions 0 to {len(records)} exist")
        return Playbook.fold(record.recorded for record in records[:version])

    async def search(
        self, text: str, *, limit: int = MOST_FOUND, statuses: Collection[Status] = ()
    ) -> tuple[Found, ...]:
        """Return the strategies with any of the words in `text`, best first, also those no longer in use."""
        return await self._searcher.search(self, text, limit=limit, statuses=statuses)

    async def verify(self) -> Verified:
        """Read every row of all layers of the environment; what is damaged is named with its layer.

        `version` and the counts are those of all layers together. Nothing is changed.
        """
        found = {layer.name: await store.verify() for layer, store in self._layers().items()}
        told = found.values()
        return Verified(
            version=sum(one.version for one in told),
            events=sum(one.events for one in told),
            episodes=sum(one.episodes for one in told),
            snapshots=sum(one.snapshots for one in told),
            damages=tuple(_named(name, damage) for name, one in found.items() for damage in one.damages),
        )

    async def purge(self) -> Purged:
        """Rewrite every layer of the folder, so that nothing is left in it of what was forgotten.

        Raises:
            StoreError: one of its leaves; layers before it are done, so try again.
        """
        layers = sorted(self._found(), key=lambda one: one.name)
        done = [await self._store(layer).purge() for layer in layers]
        return Purged(
            erased=tuple(path for one in done for path in one.erased),
            removed=tuple(path for one in done for path in one.removed),
            unreached=tuple(why for one in done for why in one.unreached),
        )

    async def backup(self, target: Path) -> None:
        """Copy every layer to the new folder `target`, each as it is at one moment, while others write.

        Raises:
            ConfigurationError: `target` exists, or there is no layer yet.
            StoreError: one of its leaves; `target` was not made.
        """
        layers = sorted(self._found(), key=lambda one: one.name)
        if not layers:
            raise ConfigurationError(f"there is no playbook in {str(self._folder)!r} to back up")
        with new_folder(target) as unfinished:
            for layer in layers:
                await self._store(layer).backup(unfinished / f"{layer.name}{SUFFIX}")

    async def aclose(self) -> None:
        """Free all resources. Idempotent."""
        for store in self._stores.values():
            await store.aclose()

    async def _forget(self, commit: Commit, merged: Playbook) -> None:
        """Have every layer forget what `commit` forgets, also those that this environment is no part of."""
        if not any(isinstance(one, Forget) for one in commit.decisions):
            return
        for store in (self._store(layer) for layer in {*self._found(), self.layer}):
            decisions = of_layer(commit, merged, await store.load())
            if decisions:
                await store.commit(Commit(run_id=commit.run_id, decisions=decisions, actor=commit.actor))

    def _found(self) -> list[Layer]:
        """Return the layers of which there are files."""
        names = [path.stem for path in self._folder.glob(f"*{SUFFIX}")] if self._folder.exists() else []
        return [Layer.named(name) for name in names]

    def _layers(self) -> dict[Layer, LastingStore]:
        """Return the stores of the layers that the environment is part of, its own among them."""
        found = {layer for layer in self._found() if layer <= self.layer}
        return {layer: self._store(layer) for layer in sorted({*found, self.layer}, key=lambda one: one.name)}

    def _store(self, layer: Layer) -> LastingStore:
        if layer not in self._stores:
            self._stores[layer] = self._opening(self._folder / f"{layer.name}{SUFFIX}")
        return self._stores[layer]

    async def _records(self, stores: Iterable[LastingStore]) -> list[StoredRecord]:
        return [record for store in stores for record in await store.history()]


def _named(layer: str, damage: Damage) -> Damage:
    return replace(damage, table=f"{layer}: {damage.table}")
