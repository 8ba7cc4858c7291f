"""Scrubber: what may leave the process. Secrets are replaced, text is cut, content stays unless asked for."""

from __future__ import annotations

import math
import traceback
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, Self

from ..core.attributes import Attribute
from ..core.events import Event, Run, SpanStarted
from ..core.redaction import cap, redact_stored
from ..core.secrets import NO_SECRETS, Secrets
from ..settings import Settings

_MOST_TEXT: Final = 1_024
_MOST_CONTENT: Final = 65_536
_MOST_STACKTRACE: Final = 16_384
_MOST_ITEMS: Final = 64
_MOST_NAMES: Final = 1_024
_SHORT: Final = 48
_MOST_RUNS: Final = 64
_MOST_ATTRIBUTES: Final = 128
"""As many as OpenTelemetry keeps of a span, unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An exception, fit to be kept: the name of its type, what it said, and where it came from."""

    kind: str
    message: str
    stacktrace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubber:
    """Makes text and attributes fit to be kept.

    `secrets` are replaced wherever they stand, in each of their forms, as is what the run around an event was
    given, and everything shaped like a known kind of key. `content`
    keeps prompts, programs and guest output, at most 65,536 characters each; other text has at most 1,024.
    """

    secrets: Secrets = NO_SECRETS
    content: bool = False
    _names: dict[str, str] = field(default_factory=dict[str, str], init=False, compare=False, repr=False)
    _of_runs: dict[Secrets, Scrubber] = field(
        default_factory=dict["Secrets", "Scrubber"], init=False, compare=False, repr=False
    )

    @classmethod
    def of(cls, settings: Settings | None, capture_content: bool | None) -> Self:  # noqa: FBT001  # as named
        """Return one that knows the secrets of `settings`, or of the environment."""
        known = settings or Settings.from_environment()
        content = known.trace_content if capture_content is None else capture_content
        return cls(secrets=Secrets(known.secrets()), content=content)

    def within(self, around: SpanStarted | Run | None) -> Scrubber:
        """Return one that also knows what nobody may be told of a run, or of that around a span."""
        run = around.run if isinstance(around, SpanStarted) else around
        known = NO_SECRETS if run is None else run.secrets.now
        if known.values <= self.secrets.values:
            return self
        scrubber = self._of_runs.get(known)
        if scrubber is None:
            if len(self._of_runs) >= _MOST_RUNS:
                self._of_runs.clear()
            scrubber = self._of_runs[known] = replace(self, secrets=self.secrets | known)
        return scrubber

    def text(self, text: str, limit: int = _MOST_TEXT) -> str:
        """Return `text` without secrets, encodable, its middle left out if it is longer than `limit`."""
        # Redacted before it is cut: half a secret has no known shape.
        return cap(redact_stored(_encodable(text), self.secrets), limit)

    def name(self, name: str) -> str:
        """Return `text(name)`, remembered: steps and runs are named again and again."""
        known = self._names.get(name)
        if known is None:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            known = self._names[name] = self.text(name)
        return known

    def _remembered(self, text: str) -> str:
        """Return `text(text)`; what is short is often told again, such as the name of a model."""
        return self.name(text) if len(text) <= _SHORT else self.text(text)

    def attributes(self, event: Event) -> dict[str, Attribute]:
        """Return what `event` says, with its content if that is wanted."""
        named = {name: self._value(value) for name, value in event.attributes().items()}
        if self.content:
            named |= {name: self.text(text, _MOST_CONTENT) for name, text in event.contents().items()}
        return dict(islice(named.items(), _MOST_ATTRIBUTES))

    def failure(self, error: BaseException) -> Failure:
        """Return `error` without secrets; its notes, which quote programs, are content."""
        return Failure(
            kind=kind_of(error),
            message=self.text(_said_by(error)),
            stacktrace=self.text(self._stacktrace(error), _MOST_STACKTRACE),
        )

    def _value(self, value: Attribute) -> Attribute:
        if isinstance(value, str):
            return self._remembered(value)
        if isinstance(value, tuple):
            return tuple(self.text(part) for part in value[:_MOST_ITEMS])
        return str(value) if isinstance(value, float) and not math.isfinite(value) else value

    def _stacktrace(self, error: BaseException) -> str:
        try:
            told = traceback.TracebackException.from_exception(error)
            if not self.content:
                _drop_notes(told)
            return "".join(told.format())
        except Exception:  # noqa: BLE001  # an exception's own methods may raise anything
            return ""


def kind_of(error: BaseException) -> str:
    """Return the qualified name of the error's type, as OpenTelemetry's `error.type` has it."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _said_by(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # as above
        return "(its message cannot be read)"


def _encodable(text: str) -> str:
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _drop_notes(told: traceback.TracebackException) -> None:
    """Leave out the notes of an exception and of all that it came from."""
    left, seen = [told], set[int]()
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        one.__notes__ = []
        left += [other for other in (one.__cause__, one.__context__, *(one.exceptions or ())) if other]
