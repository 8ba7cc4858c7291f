"""Playbooks that a run begins with: copied into its folder, so that neither changes the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from ...core.errors import ConfigurationError, PlaybookCorrupt
from ..bullet import FOREIGN, Provenance
from ..delta import Delta, ImportBullet, Outcome, Result
from ..exchange import import_bullets
from ..formats.size import read_bounded
from ..injection import injection
from ..playbook import Playbook
from ..store import Commit, SqliteStore, open_store
from ..store.copying import begin_copy
from ..store.lasting import NO_CONTENTS
from ..store.place import Place
from ..store.postgres.address import Address

NONE: Final = "none"
PLAYBOOK: Final = "playbook.db"
_SUMMARY: Final = "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A playbook's copy; `version` is the one that counts."""

    store: SqliteStore
    version: int

    async def load(self) -> Playbook:
        """Return the playbook at that version."""
        return await self.store.at_version(self.version)


async def copy_playbook(source: Place | None, folder: Path) -> Copied:
    """Copy a playbook into `folder`: an .db file, an exported .json, or the best version of a run's folder.

    One on a server is copied as a file is, with its history. None is the empty playbook.

    Raises:
        ConfigurationError: there is no such file, it is none of these, or a part of it cannot be used.
        StoreError: it cannot be read.
    """
    store = SqliteStore(folder / PLAYBOOK)
    if isinstance(source, Address):
        return await _from_server(source, store)
    version = _copy(source, folder)
    if source is not None and source.suffix == ".json":
        _check((await store.commit(_imported(source))).outcomes, source)
    latest = (await store.load()).version
    return Copied(store=store, version=latest if version is None else version)


async def _from_server(address: Address, store: SqliteStore) -> Copied:
    served = open_store(address)
    try:
        contents = await served.contents()
    finally:
        await served.aclose()
    if contents == NO_CONTENTS:
        raise ConfigurationError(f"there is no playbook {str(address)!r}; name another, or {NONE}")
    return Copied(store=store, version=(await begin_copy(store, contents)).version)


def _check(outcomes: Iterable[Outcome], source: Path) -> None:
    """Refuse a file of which not all is admitted: a run with less would measure another playbook."""
    kept_out = [one for one in outcomes if one.result is Result.PROPOSED or _speaks(one)]
    if kept_out:
        raise ConfigurationError(
            f"{len(kept_out)} strategies of {str(source)!r} are not admitted: {kept_out[0].reason}; "
            f"`playbox playbook import {source} --playbook NEW.db`, `admit` or `refuse` them there, then "
            "name NEW.db"
        )


def _speaks(outcome: Outcome) -> bool:
    operation = outcome.operation
    return isinstance(operation, ImportBullet) and injection(operation.content) is not None


def _copy(source: Path | None, folder: Path) -> int | None:
    """Copy what is a database, and return the version that counts if it is not the last one."""
    folder.mkdir(parents=True, exist_ok=True)
    if source is None or source.suffix == ".json":
        return None
    if not source.is_dir():
        _copy_database(source, folder / PLAYBOOK)
        return None
    best = _best_version(source)
    _copy_database(source / PLAYBOOK, folder / PLAYBOOK)
    return best


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database in use as one consistent whole, which a copy of its file would not be."""
    if not source.is_file():
        raise ConfigurationError(
            f"there is no playbook {str(source)!r}; name a .db or .json file, the folder of a training run, "
            f"or {NONE}"
        )
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise PlaybookCorrupt(f"the playbook {str(source)!r} cannot be read: {error}") from error


def _imported(source: Path) -> Commit:
    """Return the commit that adds the strategies of an exported playbook."""
    try:
        imported = import_bullets(read_bounded(source).decode("utf-8-sig"), "json")
    except OSError as error:
        raise ConfigurationError(f"the playbook {str(source)!r} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise PlaybookCorrupt(f"the playbook {str(source)!r} is not UTF-8 text") from error
    except PlaybookCorrupt as error:
        raise PlaybookCorrupt(f"the playbook {str(source)!r} cannot be read: {error}") from None
    if imported.skipped:
        first, count = imported.skipped[0], len(imported.skipped)
        raise ConfigurationError(
            f"{count} {'entry' if count == 1 else 'entries'} of the playbook {str(source)!r} cannot be used: "
            f"{first.place}: {first.reason}; correct the file, or go without: "
            f"`playbox playbook import {source} --playbook NEW.db`, then name NEW.db"
        )
    run_id = f"import of {source.name}"
    provenance = Provenance(
        task_id="import", run_id=run_id, model="", actor="import", origin="import", taints=(FOREIGN,)
    )
    return Commit(run_id=run_id, delta=Delta(operations=imported.bullets, provenance=provenance))


class _Best(BaseModel):
    version: int


class _Summary(BaseModel):
    best: _Best | None = None


def _best_version(run: Path) -> int:
    try:
        best = _Summary.model_validate_json((run / _SUMMARY).read_bytes()).best
    except (OSError, ValidationError):
        best = None
    if best is None:
        raise ConfigurationError(
            f"the run in {str(run)!r} is not finished, so none of its versions is the best; go on with "
            f"`playbox train --resume {run}`, or name {run / PLAYBOOK}"
        )
    return best.version
