"""Playbooks as text: which formats there are, and what reading one gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from ..core.errors import ConfigurationError
from .bullets import Bullets
from .formats.imported import Imported, Skipped
from .formats.json_format import from_json, to_json
from .formats.markdown_format import from_markdown, to_markdown
from .formats.paper_format import from_text, to_text
from .playbook import Playbook

__all__ = [
    "FORMATS",
    "Imported",
    "Skipped",
    "export_bullets",
    "from_json",
    "from_markdown",
    "from_text",
    "import_bullets",
    "proven",
    "to_json",
    "to_markdown",
    "to_text",
]

_WRITERS: Mapping[str, Callable[[Playbook], str]] = MappingProxyType(
    {"json": to_json, "text": to_text, "markdown": to_markdown}
)
_READERS: Mapping[str, Callable[[str], Imported]] = MappingProxyType(
    {"json": from_json, "text": from_text, "markdown": from_markdown}
)
FORMATS = tuple(_WRITERS)


def export_bullets(playbook: Playbook, form: str) -> str:
    """Return the playbook as `json` (everything but the evidence), `text` or `markdown` (the bullets in use).

    Raises:
        ConfigurationError: there is no such format.
    """
    return _WRITERS[_known(form)](playbook)


def proven(playbook: Playbook) -> Playbook:
    """Return the playbook with what may leave it: what is validated, and what nothing has tainted."""
    cleared = (bullet for bullet in playbook.bullets.values() if bullet.cleared)
    return replace(playbook, bullets=Bullets.of(cleared))


def import_bullets(text: str, form: str) -> Imported:
    """Return the bullets that `text` holds and what in it had to be skipped, with reasons.

    Raises:
        PlaybookCorrupt: JSON that does not parse.
        PlaybookTooNew: JSON written by a later version of this package.
        ConfigurationError: there is no such format.
    """
    return _READERS[_known(form)](text)


def _known(form: str) -> str:
    if form not in FORMATS:
        raise ConfigurationError(f"there is no format {form!r}; choose one of {', '.join(FORMATS)}")
    return form
