"""The JSON form: `ace_playbook.json`. Everything about the bullets; the evidence stays in the store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import ValidationError

from ...core.errors import PlaybookCorrupt, PlaybookTooNew
from ..bullet import Bullet, Kind
from ..content import clean_line
from ..delta import MOST_COUNTED, ImportBullet
from ..playbook import Playbook
from .imported import Entry, Imported, Skipped, bullet_fault, entry_of

NAME = "playbox-playbook"
VERSION = 1
_TEXT_KEYS = ("strategy", "content", "text")
_KIND_KEYS = ("kind", "type", "section", "category")
_SHOWN_CHARS = 80


def to_json(playbook: Playbook) -> str:
    """Return the playbook as JSON text that `from_json` reads; equal playbooks give equal text."""
    document = {
        "format": NAME,
        "format_version": VERSION,
        "playbook_version": playbook.version,
        "bullets": [
            _entry(bullet) for bullet in playbook.bullets.values() if not (bullet.forgotten or bullet.unread)
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Imported:
    """Return the bullets of a JSON text of `to_json`, or of the older list of strategies.

    Raises:
        PlaybookCorrupt: it does not parse, or is no playbook at all.
        PlaybookTooNew: a later version of this package wrote it.
    """
    try:
        return _imported(_parsed(text))
    except RecursionError as error:  # of the parser, or of showing what was parsed
        raise PlaybookCorrupt("it is not a playbook: its JSON is nested too deeply") from error


def _imported(document: object) -> Imported:
    if isinstance(document, list):
        return _older(cast("list[object]", document))
    if isinstance(document, dict):
        return _from_object(cast("dict[str, object]", document))
    raise PlaybookCorrupt("it is JSON, but neither an object nor a list; export a playbook to see the format")


def _entry(bullet: Bullet) -> dict[str, object]:
    return entry_of(bullet).model_dump(mode="json", exclude_defaults=True)


def _parsed(text: str) -> object:
    try:
        return cast("object", json.loads(text))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise PlaybookCorrupt(f"{place}: it is not JSON: {error.msg}") from error
    except ValueError as error:
        raise PlaybookCorrupt(f"it is not a playbook: {error}") from error


def _from_object(document: Mapping[str, object]) -> Imported:
    if document.get("format") == NAME:
        return _own(document)
    for key in ("strategies", "bullets"):
        entries = document.get(key)
        if isinstance(entries, list):
            return _older(cast("list[object]", entries))
        if isinstance(entries, dict):
            return _older(list(cast("dict[str, object]", entries).values()))
    raise PlaybookCorrupt(f'it is JSON, but has neither "format": "{NAME}" nor a list of "strategies"')


def _own(document: Mapping[str, object]) -> Imported:
    version, entries = document.get("format_version"), document.get("bullets")
    if isinstance(version, int) and version > VERSION:
        raise PlaybookTooNew(
            f"JSON format version {str(version)[:_SHOWN_CHARS]}, this package knows up to {VERSION}; "
            "upgrade tta-dev-primitives"
        )
    if version != VERSION or not isinstance(entries, list):
        found = json.dumps(version)[:_SHOWN_CHARS]
        raise PlaybookCorrupt(f"format_version is {found}, not {VERSION}, or there is no list of bullets")
    read = [_own_entry(index, entry) for index, entry in enumerate(cast("list[object]", entries), start=1)]
    sound = tuple(item for item in read if isinstance(item, Entry))
    shown = document.get("playbook_version")
    return Imported(
        bullets=tuple(_import(entry) for entry in sound),
        skipped=tuple(item for item in read if isinstance(item, Skipped)),
        foreign=False,
        entries=sound,
        version=shown if isinstance(shown, int) else None,
    )


def _own_entry(index: int, raw: object) -> Entry | Skipped:
    try:
        entry = Entry.model_validate(raw)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        return _skipped(index, raw, f"{where}: {problem['msg']}")
    fault = bullet_fault(_import(entry))
    return entry if fault is None else _skipped(index, raw, fault)


def _import(entry: Entry) -> ImportBullet:
    return ImportBullet.model_validate(entry.model_dump(include=set(ImportBullet.model_fields) - {"op"}))


def _older(entries: Sequence[object]) -> Imported:
    """Read the list of the original package leniently: what has a text and is short enough is a bullet."""
    read = [_older_bullet(index, entry) for index, entry in enumerate(entries, start=1)]
    return Imported(
        bullets=tuple(item for item in read if isinstance(item, ImportBullet)),
        skipped=tuple(item for item in read if isinstance(item, Skipped)),
    )


def _older_bullet(index: int, raw: object) -> ImportBullet | Skipped:
    entry = _fields(raw)
    content = next((entry[key] for key in _TEXT_KEYS if isinstance(entry.get(key), str)), None)
    if not isinstance(content, str):
        return _skipped(index, raw, f"it has no text under any of {', '.join(_TEXT_KEYS)}")
    kind = _older_kind(entry)
    bullet = ImportBullet(
        kind=kind,
        content=content if kind is Kind.SNIPPET else clean_line(content),
        helpful=_count(entry, "helpful_count", "helpful", "success_count", "successes"),
        harmful=_count(entry, "harmful_count", "harmful", "failure_count", "failures"),
        neutral=_count(entry, "neutral_count", "neutral"),
    )
    return _checked(index, raw, bullet)


def _fields(raw: object) -> Mapping[str, object]:
    return cast("dict[str, object]", raw) if isinstance(raw, dict) else {"text": raw}


def _older_kind(entry: Mapping[str, object]) -> Kind:
    named = next((entry[key] for key in _KIND_KEYS if entry.get(key) in list(Kind)), Kind.RULE)
    return Kind(str(named))


def _count(entry: Mapping[str, object], *keys: str) -> int:
    values = (entry.get(key) for key in keys)
    return next((value for value in values if isinstance(value, int) and 0 <= value <= MOST_COUNTED), 0)


def _checked(index: int, raw: object, bullet: ImportBullet) -> ImportBullet | Skipped:
    fault = bullet_fault(bullet)
    return bullet if fault is None else _skipped(index, raw, fault)


def _skipped(index: int, raw: object, reason: str) -> Skipped:
    shown = json.dumps(raw, ensure_ascii=False)[:_SHOWN_CHARS]
    return Skipped(place=f"entry {index}", text=shown, reason=reason)
