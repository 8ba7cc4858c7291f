"""From a sandbox's name in the settings to the sandbox."""

from __future__ import annotations

from ..core.errors import ConfigurationError
from .local import LocalSandbox
from .types import Sandbox


def open_sandbox(name: str) -> Sandbox:
    """Return the sandbox called `name`; it starts with its first run.

    Raises:
        ConfigurationError: there is no such sandbox.
    """
    if name == "local":
        return LocalSandbox()
    if name == "e2b":
        raise ConfigurationError(
            f"sandbox {name!r} comes with the extra 'e2b' in a later version; use 'local'"
        )
    raise ConfigurationError(f"unknown sandbox {name!r}; known: 'local', 'e2b'")
