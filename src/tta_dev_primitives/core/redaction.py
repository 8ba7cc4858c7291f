"""Redaction: what must not leave the process is replaced, what is too long is cut."""

from __future__ import annotations

from collections.abc import Callable

from .assigned import hide_assigned
from .instance_data import hide_instance_data
from .key_shapes import hide_issued_keys, hide_keys
from .secrets import NO_SECRETS, SHORTEST_SECRET, Secrets
from .visible import visible

__all__ = ["SHORTEST_SECRET", "cap", "redact", "redact_lesson", "redact_stored", "redact_task"]


def redact(text: str, secrets: Secrets = NO_SECRETS) -> str:
    """Return `text` with `secrets` and everything shaped like a known kind of key replaced by [redacted].

    For text that a model works on: what is merely assigned to a name such as `password` stays, as a task may
    be about it. Characters that nobody sees hide no secret: they are gone where something was replaced.
    """
    return _redacted(text, lambda shown: hide_keys(secrets.hide(shown)))


def redact_task(text: str, secrets: Secrets = NO_SECRETS) -> str:
    """Return `text` with `secrets` and the keys of providers replaced by [redacted].

    For tasks, and the programs written for them: they may be about web tokens, headers and addresses with a
    password, which who set the task wrote on purpose.
    """
    return _redacted(text, lambda shown: hide_issued_keys(secrets.hide(shown)))


def redact_stored(text: str, secrets: Secrets = NO_SECRETS) -> str:
    """Return `redact(text)` without literals assigned to names that say secret: for what is kept."""
    return _redacted(text, lambda shown: hide_assigned(hide_keys(secrets.hide(shown))))


def redact_lesson(text: str, secrets: Secrets = NO_SECRETS) -> str:
    """Return `redact_stored(text)` without addresses and card numbers, which no strategy is about."""
    return _redacted(text, lambda shown: hide_instance_data(hide_assigned(hide_keys(secrets.hide(shown)))))


def cap(text: str, limit: int) -> str:
    """Return `text`, its middle left out if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"


def _redacted(text: str, hide: Callable[[str], str]) -> str:
    shown = visible(text)
    hidden = hide(shown)
    return text if hidden == shown else hidden
