"""A backup of a playbook on a server, as a file: complete, or not there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from ....core.errors import ConfigurationError
from ..backup import refuse_other_name
from ..faults import faults
from ..lasting import Contents
from ..sqlite import SqliteStore


def write_backup(contents: Contents, target: Path) -> None:
    """Write `contents` to the new file `target`, blocking; it appears when it is whole and safe on disk.

    Raises:
        ConfigurationError: `target` exists, or its name is not that of an SQLite file.
        StoreError: it cannot be written.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.db")
    refuse_other_name(target)
    with faults(target):
        if target.exists():
            raise ConfigurationError(f"{str(target)!r} exists; a backup is a new file, so name another")
        try:
            asyncio.run(SqliteStore(unfinished).begin_with(contents.records, contents.episodes))
            os.link(unfinished, target)  # fails if another process has made the target meanwhile
        except FileExistsError:
            raise ConfigurationError(
                f"{str(target)!r} exists; a backup is a new file, so name another"
            ) from None
        finally:
            for file in target.parent.glob(f"{unfinished.name}*"):  # its locks beside it
                file.unlink(missing_ok=True)
