"""How much text may be a playbook: what is read whole must fit into memory many times over."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ...core.errors import PlaybookCorrupt

MOST_BYTES: Final = 128 << 20
"""Some 250,000 strategies; parsed, the worst JSON of this size takes some gigabytes."""


def read_bounded(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        PlaybookCorrupt: it is larger than any playbook.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise PlaybookCorrupt(
            f"the file is larger than {MOST_BYTES >> 20} MiB, which no playbook as text is; "
            "export or back up a playbook to see what one looks like"
        )
    return content
