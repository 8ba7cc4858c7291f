"""Place: where a playbook is kept, a file or a server, as a value that can be shown."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias

from pydantic import SecretStr

from ...core.errors import ConfigurationError
from .postgres.address import SCHEMES, Address

Place: TypeAlias = Path | Address
"""`str` of it has no password."""
PlaceName: TypeAlias = Path | str | SecretStr | Address
"""What a user may write: a path, or a postgresql:// address, which may hold a password."""
_SQUASHED: Final = tuple(scheme.removesuffix("//") for scheme in SCHEMES)


def place_of(name: PlaceName) -> Place:
    """Return the place that `name` names; nothing is opened.

    Raises:
        ConfigurationError: it is an address, but not of a playbook, or one that became a path.
    """
    if isinstance(name, SecretStr):
        name = name.get_secret_value()
    if isinstance(name, Address):
        return name
    if isinstance(name, str) and "://" in name:
        return Address.parse(name)
    if str(name).startswith(_SQUASHED):  # a Path has lost a slash of it, and would show a password
        raise ConfigurationError(
            "give the address of a playbook on a server as a str, with // and not as a Path"
        )
    return Path(name)
