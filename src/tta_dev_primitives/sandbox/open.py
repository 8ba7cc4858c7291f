"""From a sandbox's name in the settings to the sandbox."""

from __future__ import annotations

from ..core.errors import ConfigurationError
from ..settings import Settings
from .e2b import E2BSandbox
from .local import LocalSandbox
from .types import Sandbox


def open_sandbox(name: str, settings: Settings | None = None) -> Sandbox:
    """Return the sandbox called `name`; it starts with its first run.

    `settings`, by default those of the environment, hold the key that "e2b" needs.

    Raises:
        ConfigurationError: there is no such sandbox, or its key or extra is missing.
    """
    if name == "local":
        return LocalSandbox()
    if name == "e2b":
        return _open_e2b(settings or Settings.from_environment())
    raise ConfigurationError(f"unknown sandbox {name!r}; known: 'local', 'e2b'")


def _open_e2b(settings: Settings) -> Sandbox:
    key = settings.key("E2B_API_KEY")
    if key is None:
        raise ConfigurationError("the sandbox 'e2b' needs a key; set E2B_API_KEY")
    return E2BSandbox(api_key=key)
