"""Address: which server, which schema and which playbook a postgresql:// URL names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ....core.errors import ConfigurationError

SCHEMES: Final = ("postgresql://", "postgres://")
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_EXAMPLE: Final = "postgresql://user@host/database?playbook=NAME&schema=SCHEMA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A server with its database, and the playbook in it.

    `playbook` is the key on every row: the host sets it, and no row of another key is ever read or written.
    `schema` holds the tables; give each tenant its own to separate them by the database's own permissions.
    """

    conninfo: str
    playbook: str = "default"
    schema: str = "playbox"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.schema):
            raise ConfigurationError(
                f"schema={self.schema!r} must be lower-case letters, digits and underscores, at most 63"
            )
        if not self.playbook or len(self.playbook) > 200 or not self.playbook.isprintable():  # noqa: PLR2004
            raise ConfigurationError(f"playbook={self.playbook!r} must be a name of 1 to 200 characters")

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the address in `url`; all but `playbook` and `schema` is left to libpq.

        Raises:
            ConfigurationError: it is no such URL, or a name in it is not acceptable.
        """
        if not url.startswith(SCHEMES):
            raise ConfigurationError(f"{_public(url)!r} is no PostgreSQL address; write {_EXAMPLE}")
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        own = {name: value for name, value in query if name in {"playbook", "schema"}}
        rest = urlencode([(name, value) for name, value in query if name not in own])
        return cls(conninfo=urlunsplit(parts._replace(query=rest, fragment="")), **own)

    @property
    def public(self) -> str:
        """The address without its password, for people."""
        return f"{_public(self.conninfo)}?playbook={self.playbook}&schema={self.schema}"


def _public(url: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{place}{parts.path}"
