"""What psycopg reports, as errors of our tree that name the server and the remedy."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import errors

from ....core.errors import ConfigurationError, PlaybookReadOnly, StoreError, StoreUnavailable
from .address import Address

_WHERE_IT_BELONGS: Final = (
    "keep the password in ~/.pgpass, in the file that PGPASSFILE names, or in PGPASSWORD: libpq reads them, "
    "and it stands on no command line"
)


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


def _from_server(  # noqa: PLR0911  # a table, as a match
    address: Address, error: psycopg.Error
) -> StoreError | ConfigurationError:
    said = _first_line(error)
    match error:
        case errors.LockNotAvailable():
            return StoreUnavailable(
                f"another writer has held the playbook {address.public!r} for too long; end the process that "
                "hangs, or try again later"
            )
        case errors.QueryCanceled():
            return StoreUnavailable(
                f"the playbook {address.public!r} took longer than the server gives a statement: {said}; "
                "nothing was committed now; raise statement_timeout for this user, or try again later"
            )
        case errors.ReadOnlySqlTransaction():
            return PlaybookReadOnly(
                f"the playbook {address.public!r} cannot be written here: {said}; it is on a standby, or "
                "default_transaction_read_only is set; name the primary (target_session_attrs=read-write)"
            )
        case errors.InsufficientPrivilege():
            return PlaybookReadOnly(
                f"the playbook {address.public!r} cannot be written (or not be read) by this user: {said}; "
                "grant it, or name another schema"
            )
        case psycopg.ProgrammingError() | psycopg.DataError():
            return ConfigurationError(f"{address.public!r} cannot be a playbook: {said}")
        case _ if _asked_for_password(error):
            return unavailable(address, f"{said}; {_WHERE_IT_BELONGS}")
        case _:
            return unavailable(address, said)


def _asked_for_password(error: psycopg.Error) -> bool:
    tried = error.pgconn
    return tried is not None and bool(tried.needs_password or tried.used_password)


def _first_line(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
