"""From what E2B's SDK raises to this package's errors, by type and never by text."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import httpx
from e2b.exceptions import (
    AuthenticationException,
    NotFoundException,
    RateLimitException,
    SandboxException,
    ServiceBusyException,
)

from ...core.errors import ConfigurationError, PlayboxError, SandboxCrashed, SandboxUnavailable
from ...core.redaction import redact
from .output import OutputExceeded

_REFUSED = (401, 403)


@contextmanager
def in_sandbox(what: str) -> Generator[None]:
    """Raise what goes wrong with a sandbox that was there as SandboxCrashed."""
    try:
        yield
    except (PlayboxError, OutputExceeded):
        raise
    except Exception as error:
        # The SDK raises bare Exception, and whatever its parsers do, where a server breaks the protocol.
        _raise_if_refused(error)
        raise SandboxCrashed(f"E2B failed while {what}: {_told(error)}") from error


@contextmanager
def at_control_plane(what: str, template: str | None) -> Generator[None]:
    """Raise what goes wrong with E2B's API as ConfigurationError or SandboxUnavailable."""
    try:
        yield
    except NotFoundException as error:
        raise _no_template(template, error) from error
    except (RateLimitException, ServiceBusyException) as error:
        raise SandboxUnavailable(
            f"E2B is busy or over a limit of the account while {what}: {_told(error)};"
            " try again later, or with a smaller max_concurrent"
        ) from error
    except httpx.HTTPError as error:
        raise SandboxUnavailable(
            f"E2B cannot be reached while {what}: {_told(error)}; check the network, and E2B_API_URL and"
            " E2B_DOMAIN where they are set"
        ) from error
    except Exception as error:
        _raise_if_refused(error)
        if isinstance(error, SandboxException) and error.status_code == 404:  # noqa: PLR2004  # not found
            raise _no_template(template, error) from error
        raise SandboxUnavailable(f"E2B failed while {what}: {_told(error)}") from error


def _raise_if_refused(error: Exception) -> None:
    refused = isinstance(error, SandboxException) and error.status_code in _REFUSED
    if refused or isinstance(error, AuthenticationException):
        raise ConfigurationError(
            f"E2B refuses the key: {_told(error)}; set E2B_API_KEY to a key that may do this"
        ) from error


def _no_template(template: str | None, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"E2B has no template {template!r} for this key: {_told(error)}")


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {redact(str(error))[:500]}"
