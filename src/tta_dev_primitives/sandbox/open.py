"""From the name that a user gives to a sandbox."""

from __future__ import annotations

from ..core.errors import ConfigurationError
from .local import LocalSandbox
from .types import Sandbox


def open_sandbox(name: str) -> Sandbox:
    """Return the sandbox called `name`; it starts at its first run.

    Raises:
        ConfigurationError: there is no such sandbox.
    """
    if name == "local":
        return LocalSandbox()
    raise ConfigurationError(f"no sandbox is called {name!r}; there is 'local', the embedded jail")
