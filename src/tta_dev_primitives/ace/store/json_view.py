"""A JSON file that is kept equal to the playbook, and whose new bullets are taken over."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ...core.errors import PlaybookCorrupt, PlaybookTooNew
from ..bullet import Provenance
from ..delta import Delta
from ..exchange import Imported, Skipped, from_json, to_json
from ..playbook import Playbook
from .faults import corrupt


class JsonView:
    """The file at `path`. All methods but `edits` are for the holder of the writer's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.skipped: tuple[Skipped, ...] = ()
        self._to_keep = False

    def edits(self, view_digest: str) -> Delta | None:
        """Return what the file holds if it is not what was last written, or None.

        Raises:
            PlaybookCorrupt: it does not parse, or a bullet in it is not acceptable.
            PlaybookTooNew: a later version of this package wrote it.
        """
        content = self._content()
        if content is None or hashlib.sha256(content).hexdigest() == view_digest:
            return None
        imported = self._parsed(content)
        if imported.skipped and not imported.foreign:
            first = imported.skipped[0]
            raise corrupt(self.path, f"{first.place}: {first.reason}")
        self.skipped = imported.skipped or self.skipped
        self._to_keep = bool(imported.skipped)
        return Delta(operations=imported.bullets, provenance=self._provenance())

    def stage(self, playbook: Playbook) -> str:
        """Write the playbook beside the file, safe on disk, and return its digest."""
        content = to_json(playbook).encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        return hashlib.sha256(content).hexdigest()

    def publish(self) -> None:
        """Put what was staged in the place of the file, in one step."""
        self._keep_foreign()
        self._staged.replace(self.path)
        descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @property
    def _staged(self) -> Path:
        return self.path.with_name(f".{self.path.name}.tmp")

    def _content(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def _keep_foreign(self) -> None:
        """Keep a file from which something was skipped: it is about to be replaced."""
        if self._to_keep:
            self.path.replace(self.path.with_name(f"{self.path.name}.orig"))
            self._to_keep = False

    def _parsed(self, content: bytes) -> Imported:
        try:
            return from_json(content.decode("utf-8-sig"))
        except PlaybookTooNew as error:
            raise PlaybookTooNew(f"{str(self.path)!r}: {error}") from error
        except (PlaybookCorrupt, UnicodeDecodeError) as error:
            raise corrupt(self.path, str(error)) from error

    def _provenance(self) -> Provenance:
        return Provenance(
            task_id="import", run_id=f"import of {self.path.name}", model="", actor="import", origin="import"
        )
