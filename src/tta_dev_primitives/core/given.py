"""Given: which values of an environment are secrets, by their names and by how they look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

_SECRET_NAME: Final = re.compile(
    r"(?:^|_)(?:\w*KEY|\w*TOKEN|\w*SECRET|\w*PASSWORD|PASS|PASSWD|PASSPHRASE|\w*PASS|PWD|CREDENTIALS?|CREDS?|DSN|AUTH|"
    r"COOKIE|WEBHOOK|PRIVATE|SALT|PIN)S?(?:_|\d|$)",
    re.IGNORECASE,
)
_ORDINARY_NAMES: Final = re.compile(
    r"PATH|HOME|LANG|LANGUAGE|LC_[A-Z]+|TERM|TZ|SHELL|PWD|OLDPWD|TMPDIR|PYTHONPATH", re.IGNORECASE
)
_ORDINARY_UNDER_THEM: Final = re.compile(r"[A-Za-z_/.:,@+ -]*(?:UTF-?8|256color)?", re.IGNORECASE)
_PASSWORD_NAME: Final = re.compile(r"(?:PASSWORD|PASSWD|PASSPHRASE|PASS|SECRET|PIN)[0-9]*$", re.IGNORECASE)
"""How the names of variables end that hold passwords, which may be words and numbers."""
_ORDINARY_WORDS: Final = frozenset(
    (
        *("production", "development", "staging", "testing", "release", "preview", "default", "standard"),
        *("enabled", "disabled", "always", "verbose", "warning", "warnings", "critical", "notset", "strict"),
        *("public", "private", "internal", "external", "readonly", "read-only", "readwrite", "simple"),
        *("minimal", "memory", "sqlite", "sqlite3", "postgres", "postgresql", "python", "python3", "english"),
        *(
            "password",
            "secret",
            "changeme",
            "example",
            "ollama",
            "not-needed",
            "unused",
            "dummy-key",
            "postgres",
            "mysql",
            "redis",
            "admin",
            "guest",
        ),
        *("localhost", "127.0.0.1", "xterm-256color", "c.utf-8", "en_us.utf-8", "en_gb.utf-8"),
    )
)
_NUMBER: Final = re.compile(r"[-+]?[0-9]{0,9}(?:\.[0-9]{0,9})?(?:e[-+]?[0-9]{1,3})?", re.IGNORECASE)
_DIRECTORY: Final = (
    r"/(?:usr|bin|sbin|lib|lib64|etc|opt|var|tmp|home|root|dev|proc|sys|run|mnt|srv|code|app|data|workspace)"
)
_PATH: Final = re.compile(
    rf"(?:{_DIRECTORY}(?:/[A-Za-z._+-][\w.+-]{{0,40}}){{0,12}}/?)(?::{_DIRECTORY}[\w./+-]{{0,200}}){{0,40}}"
)
_USER_INFO: Final = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}://[^/?#\s]{0,200}?:(?P<password>[^/?#\s]{1,200})@", re.IGNORECASE
)


def says_secret(name: str) -> bool:
    """Tell whether the name of a variable says that its value is a secret, such as `DB_PASSWORD`."""
    return not _ORDINARY_NAMES.fullmatch(name) and _SECRET_NAME.search(name) is not None


def is_word(value: str) -> bool:
    """Tell whether a value is an ordinary word, such as stands in for a key where none is needed."""
    return value.lower() in _ORDINARY_WORDS


def hidden_values(environment: Mapping[str, str], *, of_host: bool = False) -> tuple[str, ...]:
    """Return the values of `environment` that nobody may be told, each with the password of a URL in it.

    Of an environment that is given to a run that is every value, but for what is plainly ordinary where the
    name does not say secret: numbers of up to nine digits, words such as `production`, paths of directories
    that every system has, and words and paths in `PATH`, `HOME`, `LANG` and the like. `of_host` leaves out
    what is ordinary also where the name says secret, but for numbers and paths called a password: there
    `SSH_AUTH_SOCK` is a path, and a password `postgres` would blank out a word of all prompts.
    """
    return tuple(dict.fromkeys(_hidden(environment, of_host=of_host)))


def _hidden(environment: Mapping[str, str], *, of_host: bool) -> Iterator[str]:
    for name, value in environment.items():
        named = _PASSWORD_NAME.search(name) is not None if of_host else says_secret(name)
        if (of_host and is_word(value)) or (not named and _is_ordinary(name, value)):
            continue
        yield value
        found = _USER_INFO.match(value)
        if found:
            yield from (found["password"], unquote(found["password"]))


def _is_ordinary(name: str, value: str) -> bool:
    text = value.strip()
    if _ORDINARY_NAMES.fullmatch(name) and _ORDINARY_UNDER_THEM.fullmatch(text):
        return True
    return bool(is_word(text) or _NUMBER.fullmatch(text) or _PATH.fullmatch(text))
