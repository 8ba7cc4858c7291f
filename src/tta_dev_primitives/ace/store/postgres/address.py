"""Address: which server, which schema and which playbook a postgresql:// URL names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from ....core.errors import ConfigurationError

SCHEMES: Final = ("postgresql://", "postgres://")
_OWN: Final = frozenset({"playbook", "schema"})
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_NO_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORTS: Final = re.compile(r"([^:,]*|\[[^\]]*\])(:[0-9]*)?(,([^:,]*|\[[^\]]*\])(:[0-9]*)?)*")
_EXAMPLE: Final = "postgresql://user@host/database?playbook=NAME&schema=SCHEMA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A server with its database, and the playbook in it.

    `playbook` is the key on every row: the host sets it, and no row of another key is ever read or written.
    `schema` holds the tables; give each tenant its own to separate them by the database's own permissions.
    `conninfo` has the password, and is shown nowhere.
    """

    conninfo: str = field(repr=False)
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
        parts = _parts(url)
        if not url.startswith(SCHEMES):
            raise ConfigurationError(f"{_public(url)!r} is no PostgreSQL address; write {_EXAMPLE}")
        query = parse_qsl(parts.query, keep_blank_values=True)
        own = {name: value for name, value in query if name in _OWN}
        # As it stands: libpq takes a plus sign for itself, not for a space.
        rest = "&".join(one for one in parts.query.split("&") if one.partition("=")[0] not in _OWN)
        conninfo = urlunsplit(parts._replace(query=rest))
        if "%00" in conninfo:
            raise _unreadable()  # libpq would quote it
        return cls(conninfo=conninfo, **own)

    def __str__(self) -> str:
        return self.public

    @property
    def public(self) -> str:
        """The address without its password, for people."""
        return f"{_public(self.conninfo)}?playbook={self.playbook}&schema={self.schema}"


def _parts(url: str) -> SplitResult:
    """Return the parts of `url`, if it is sure which of them is a password.

    Otherwise what is shown of it, by us or by libpq, could be a piece of one.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # its message quotes the address
        parts = SplitResult("", "", "", "", url)
    after = f"{parts.path}{parts.query}{parts.fragment}"
    place = parts.netloc.rpartition("@")[2]
    doubtful = parts.fragment or "@" in after or parts.netloc.count("@") > 1 or _NO_ESCAPE.search(url)
    if doubtful or not _PORTS.fullmatch(place):  # without a host, user:password is read as host:port
        raise _unreadable()
    return parts


def _unreadable() -> ConfigurationError:
    return ConfigurationError(
        "the address of the playbook cannot be read, and is not shown as it may hold a password; in a "
        f"password write @ as %40, / as %2F, ? as %3F, # as %23, % as %25 and [ as %5B: {_EXAMPLE}"
    )


def _public(url: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{place}{parts.path}"
