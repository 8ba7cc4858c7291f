"""Purge: what was forgotten goes from the files beside a playbook as well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import PlaybookArchiveMissing, PlaybookCorrupt
from ..erasure import forgotten
from ..playbook import Playbook
from .archive import erase_archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What a purge did beside the playbook itself.

    From the archives `erased` it took texts; `removed` are files that it deleted, as nobody can tell what in
    them is forgotten. `unreached` says which archives may still have texts, and why.
    """

    erased: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()
    unreached: tuple[str, ...] = ()


def purge_archives(archives: Iterable[Path], playbook: Playbook) -> Purged:
    """Take the texts of what is forgotten in `playbook` out of `archives`."""
    gone = forgotten(playbook.bullets.values())
    erased, unreached = list[Path](), list[str]()
    for archive in archives if gone else ():
        try:
            if erase_archive(archive, gone, playbook.bullets):
                erased.append(archive)
        except (PlaybookArchiveMissing, PlaybookCorrupt) as error:
            unreached.append(str(error))
    return Purged(erased=tuple(erased), unreached=tuple(unreached))
