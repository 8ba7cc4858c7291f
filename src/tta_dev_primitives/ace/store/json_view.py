"""A JSON file that is kept equal to the playbook, and in which a person may change it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ...core.errors import PlaybookArchiveMissing, PlaybookCorrupt, PlaybookTooNew
from ..bullet import FOREIGN, Provenance
from ..exchange import Imported, Skipped, from_json, to_json
from ..formats.size import read_bounded
from ..playbook import Playbook
from .view_edits import Edited, edited

_VERSION: Final = re.compile(rb'"playbook_version": (\d+)')


class JsonView:
    """The file at `path`. All methods but `shows` and `edits` are for the holder of the writer's lock.

    A person may add entries, reword them, set their `status` and `pinned`, and remove them, which retires
    them; see `view_edits`. The file is compared with the version of the playbook that it says it shows, so a
    file older than the store undoes nothing. What cannot be taken over is in `skipped`, and the file as the
    person left it is kept beside it as `.orig`, unless it has a text that was erased since. A link is written
    through, not replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.skipped: tuple[Skipped, ...] = ()
        self._to_keep = False

    def shows(self, playbook: Playbook, view_digest: str) -> bool:
        """Tell whether the file is as it was last written, and that of this playbook."""
        content = self._content()
        if content is None:
            return playbook.version == 0
        version = _VERSION.search(content)
        known = version is not None and version[1] == str(playbook.version).encode()
        return known and hashlib.sha256(content).hexdigest() == view_digest

    def edits(
        self, playbook: Playbook, view_digest: str, *, at: int, at_version: Callable[[int], Playbook]
    ) -> Edited | None:
        """Return the playbook with what a person changed in the file, or None if it is as it was written.

        Raises:
            PlaybookCorrupt: it does not parse, a bullet in it is not acceptable, or most of them are gone.
            PlaybookTooNew: a later version of this package wrote it.
        """
        self._to_keep = False
        content = self._content()
        if content is None or hashlib.sha256(content).hexdigest() == view_digest:
            return None
        imported = self._parsed(content)
        if imported.skipped and not imported.foreign:
            first = imported.skipped[0]
            raise self._damaged(f"{first.place}: {first.reason}")
        base = self._base(imported, playbook, at_version)
        try:
            done = edited(imported, playbook, base, provenance=self._provenance(foreign=base is None), at=at)
        except PlaybookCorrupt as error:
            raise PlaybookCorrupt(f"the playbook {str(self.path)!r} was not changed: {error}") from error
        self.skipped = done.skipped or self.skipped
        self._to_keep = bool(done.skipped) and not done.erased
        return done

    def stage(self, playbook: Playbook) -> str:
        """Write the playbook beside the file, safe on disk, and return its digest."""
        content = to_json(playbook).encode()
        self._target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        return hashlib.sha256(content).hexdigest()

    def publish(self) -> None:
        """Put what was staged in the place of the file, in one step."""
        self._keep_foreign()
        target = self._target
        self._staged.replace(target)
        descriptor = os.open(target.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove_original(self) -> tuple[Path, ...]:
        """Delete the file that a person left, if one was kept; return what was deleted."""
        original = self._original
        if not original.exists():
            return ()
        original.unlink()
        return (original,)

    @property
    def _original(self) -> Path:
        return self._target.with_name(f"{self._target.name}.orig")

    @property
    def _target(self) -> Path:
        """The file itself, where `path` is a link to it."""
        return self.path.resolve()

    @property
    def _staged(self) -> Path:
        return self._target.with_name(f".{self._target.name}.tmp")

    def _content(self) -> bytes | None:
        try:
            return read_bounded(self.path)
        except FileNotFoundError:
            return None
        except PlaybookCorrupt as error:
            raise self._damaged(str(error)) from error

    def _keep_foreign(self) -> None:
        """Keep a file from which something was skipped: it is about to be replaced."""
        if self._to_keep:
            self._target.replace(self._original)
            self._to_keep = False

    def _base(
        self, imported: Imported, playbook: Playbook, at_version: Callable[[int], Playbook]
    ) -> Playbook | None:
        """Return the playbook that the file showed before a person changed it, if that is known."""
        version = imported.version
        if version is None or not 0 < version <= playbook.version:
            return None
        try:
            return playbook if version == playbook.version else at_version(version)
        except PlaybookArchiveMissing as error:
            raise PlaybookArchiveMissing(
                f"{str(self.path)!r} shows version {version}, so what was changed in it cannot be told: "
                f"{error}; or move the JSON file away, and what was committed is written there anew"
            ) from error

    def _parsed(self, content: bytes) -> Imported:
        try:
            return from_json(content.decode("utf-8-sig"))
        except PlaybookTooNew as error:
            raise PlaybookTooNew(f"{str(self.path)!r}: {error}") from error
        except (PlaybookCorrupt, UnicodeDecodeError) as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, what: str) -> PlaybookCorrupt:
        return PlaybookCorrupt(
            f"the playbook {str(self.path)!r} is damaged: {what}; it was not changed; mend it, or move it "
            "away, and what was committed is written there anew"
        )

    def _provenance(self, *, foreign: bool) -> Provenance:
        """Return who changed the file: a person here, or whoever wrote it where it is not ours."""
        return Provenance(
            task_id="import",
            run_id=f"import of {self.path.name}",
            model="",
            actor="import",
            origin="import",
            taints=(FOREIGN,) if foreign else (),
        )
