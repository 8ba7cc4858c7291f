"""What psycopg reports, as errors of our tree that name the server and the remedy."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from ....core.errors import ConfigurationError, PlaybookReadOnly, StoreError, StoreUnavailable
from .address import Address

_DENIED = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)


class ConnectionLost(Exception):  # control flow within this package, never seen by a user
    """The server went away in the middle of a transaction; what became of it must be asked."""


@contextmanager
def faults(address: Address) -> Generator[None]:
    """Turn errors of psycopg into errors of the tree.

    Raises:
        StoreError: one of its leaves.
        ConfigurationError: the address is not acceptable to the server.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _from_server(address, error) from error


def unavailable(address: Address, why: str) -> StoreUnavailable:
    """Return the error that the playbook cannot be used now."""
    return StoreUnavailable(
        f"the playbook {address.public!r} cannot be used now: {why}; nothing was committed now, all before "
        "is intact; see that the server runs and can be reached, then try again"
    )


def _from_server(address: Address, error: psycopg.Error) -> StoreError | ConfigurationError:
    if isinstance(error, errors.LockNotAvailable):
        return StoreUnavailable(
            f"another writer has held the playbook {address.public!r} for too long; end the process that "
            "hangs, or try again later"
        )
    if isinstance(error, _DENIED):
        return PlaybookReadOnly(
            f"the playbook {address.public!r} cannot be written (or not be read) by this user: "
            f"{_first_line(error)}; grant it, or name another schema"
        )
    if isinstance(error, psycopg.ProgrammingError):
        return ConfigurationError(f"{address.public!r} cannot be a playbook: {_first_line(error)}")
    return unavailable(address, _first_line(error))


def _first_line(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
