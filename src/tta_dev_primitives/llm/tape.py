"""The cassette's file: one JSON line per answer, appended and never rewritten."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    NonNegativeFloat,
    NonNegativeInt,
    ValidationError,
)

from ..core.errors import CassetteError
from ..core.redaction import redact
from ..core.secrets import NO_SECRETS, Secrets
from .text import encodable
from .types import Origin, Reply, Request, Role, Source, T, Usage

FORMAT: Final = 1
SECTIONS: Final = ("== instructions", "== prompt", "== output fields")
"""The headings in a request's text."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which question an entry answers."""

    role: Role
    task_id: str
    attempt: int

    def __str__(self) -> str:
        return f"({self.role}, task {self.task_id!r}, attempt {self.attempt})"


class RecordedUsage(BaseModel):
    """`Usage`, as it stands in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_tokens: NonNegativeInt
    cached_tokens: NonNegativeInt
    output_tokens: NonNegativeInt
    calls: NonNegativeInt
    usd: NonNegativeFloat | None

    def as_usage(self) -> Usage:
        """Return it as the rest of the package knows it."""
        return Usage(
            input_tokens=self.input_tokens,
            cached_tokens=self.cached_tokens,
            output_tokens=self.output_tokens,
            calls=self.calls,
            usd=self.usd,
        )


class Entry(BaseModel):
    """One line: the request in full, so that a mismatch can be shown, and its answer.

    `scope` is the part of a longer run that asked, `origin` who answered; both are left out of the file where
    they say nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = FORMAT
    role: Role
    task_id: str
    attempt: int = Field(ge=1)
    hash: str
    request: str
    answer: JsonValue
    usage: RecordedUsage
    model: str
    recorded: str
    scope: str = ""
    origin: Origin = Origin.LIVE

    @property
    def key(self) -> Key:
        """The entry's key."""
        return Key(self.role, self.task_id, self.attempt)

    @property
    def source(self) -> Source:
        """Who answered, as it was told when the answer was given."""
        recorded = self.recorded if self.origin is Origin.REPLAYED else None
        return Source(origin=self.origin, model=self.model, recorded=recorded)

    @property
    def line(self) -> bytes:
        """The entry as it stands in the file, with the line's end."""
        silent = {name for name, value in _SILENT.items() if getattr(self, name) == value}
        return (self.model_dump_json(exclude=silent) + "\n").encode()


_SILENT: Final[Mapping[str, str]] = MappingProxyType({"scope": "", "origin": Origin.LIVE})


def key_of(request: Request[T]) -> Key:
    """Return the key that `request` is recorded under."""
    return Key(request.role, request.task_id, request.attempt)


def request_text(request: Request[T]) -> str:
    """Return what the model is asked, with line endings and trailing blanks made equal.

    What is shaped like a key is replaced: a task may be about one, and a recording need not have it.
    """
    texts = (request.instructions, redact(request.prompt), _outline(request.output))
    return "\n".join(f"{heading}\n{_normalised(text)}" for heading, text in zip(SECTIONS, texts, strict=True))


def _outline(output: type[BaseModel]) -> str:
    """Return the names of an answer's fields; a whole schema differs between versions of pydantic."""
    schema = output.model_json_schema()
    forms: dict[str, dict[str, dict[str, object]]] = {output.__name__: schema, **schema.get("$defs", {})}
    named = sorted((name, form["properties"]) for name, form in forms.items() if "properties" in form)
    return "\n".join(f"{name}: {', '.join(sorted(fields))}" for name, fields in named)


def request_hash(text: str) -> str:
    """Return the SHA-256 of a request's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def entry_of(
    request: Request[T], reply: Reply[T], *, scope: str = "", secrets: Secrets = NO_SECRETS
) -> Entry:
    """Return the line that records `reply`, dated today (UTC) unless it was recorded before.

    In the answer `secrets` and what is shaped like a key are replaced; in the request, who asks has replaced
    `secrets`.
    """
    text, usage = request_text(request), reply.usage
    return Entry(
        role=request.role,
        task_id=request.task_id,
        attempt=request.attempt,
        hash=request_hash(text),
        request=text,
        answer=_without(reply.output.model_dump(mode="json", by_alias=True), secrets),
        usage=RecordedUsage(
            input_tokens=usage.input_tokens,
            cached_tokens=usage.cached_tokens,
            output_tokens=usage.output_tokens,
            calls=usage.calls,
            usd=usage.usd,
        ),
        model=reply.source.model,
        recorded=reply.source.recorded or datetime.now(UTC).date().isoformat(),
        scope=scope,
        origin=reply.source.origin,
    )


def _without(answer: JsonValue, secrets: Secrets) -> JsonValue:
    """Return an answer with each of its texts redacted."""
    if isinstance(answer, str):
        return redact(answer, secrets)
    if isinstance(answer, list):
        return [_without(item, secrets) for item in answer]
    return (
        {name: _without(item, secrets) for name, item in answer.items()}
        if isinstance(answer, dict)
        else answer
    )


def output_of(entry: Entry, request: Request[T]) -> T:
    """Return the recorded answer in the form that `request` asks for.

    Raises:
        CassetteError: it has another form.
    """
    try:
        return request.output.model_validate(entry.answer)
    except ValidationError as error:
        raise CassetteError(
            f"the answer recorded for {entry.key} is not a {request.output.__name__}: "
            f"{error.errors(include_url=False)[0]['msg']}; record it again with record:MODEL"
        ) from error


def append(path: Path, entry: Entry) -> None:
    """Add one line with one write and sync it, so writers never mix lines and a crash loses none.

    Raises:
        CassetteError: the file cannot be written.
    """
    line = entry.line
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            if _ends_within_a_line(path):
                line = b"\n" + line
            written = os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise CassetteError(
            f"the cassette {str(path)!r} cannot be written ({error.strerror}); "
            "set PLAYBOX_CASSETTE to another file"
        ) from error
    if written < len(line):
        raise CassetteError(f"the cassette {str(path)!r} got only a part of its last line; is the disk full?")


def load(path: Path) -> tuple[Entry, ...]:
    """Return all entries of a cassette.

    Raises:
        CassetteError: missing, empty, damaged, or written by a later version.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CassetteError(
            f"there is no cassette {str(path)!r}; check the path, or record one with record:MODEL"
        ) from None
    except IsADirectoryError:
        raise CassetteError(f"the cassette {str(path)!r} is a folder; name a .jsonl file in it") from None
    except UnicodeDecodeError as error:
        raise CassetteError(f"the cassette {str(path)!r} is not UTF-8 text ({error.reason})") from error
    except OSError as error:
        raise CassetteError(f"the cassette {str(path)!r} cannot be read ({error.strerror})") from error
    lines = text.split("\n")
    entries = tuple(_parse(line, number, path) for number, line in enumerate(lines, 1) if line.strip())
    if not entries:
        raise CassetteError(f"the cassette {str(path)!r} is empty; record one with record:MODEL")
    return entries


def _ends_within_a_line(path: Path) -> bool:
    """Tell whether an editor left the last line without its end."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _parse(line: str, number: int, path: Path) -> Entry:
    where = f"line {number} of the cassette {str(path)!r}"
    try:
        raw: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CassetteError(
            f"{where} is damaged ({error}); delete the line and record that answer again"
        ) from error
    version = _version(raw)
    if isinstance(version, int) and version > FORMAT:
        raise CassetteError(
            f"{where} has format {version} and this version reads up to {FORMAT}; upgrade tta-dev-primitives"
        )
    return _entry(raw, where)


def _version(raw: object) -> object:
    return cast("dict[str, object]", raw).get("format") if isinstance(raw, dict) else None


def _entry(raw: object, where: str) -> Entry:
    try:
        entry = Entry.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise CassetteError(
            f"{where} is not an entry ({place}: {first['msg']}); delete the line and record that answer again"
        ) from error
    if request_hash(entry.request) != entry.hash:
        raise CassetteError(
            f"{where} was changed by hand: its request does not match its hash; record it again"
        )
    return entry


def _normalised(text: str) -> str:
    lines = encodable(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip()
