"""What a server allows, as one value."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Final

from ...core.errors import ConfigurationError
from ..local.boxes import BOX_LIMITS
from ..types import Limits

_LAST_PORT: Final = 65535
LONGEST_LIFE_S: Final = 24 * 3600
"""As in E2B's largest plan."""
JSON_BYTES: Final = 8 << 20
"""Of a request that is no file: a cell with its environment, or a command."""
_DEFAULT_PORT: Final = 49983
"""The port that E2B's own daemon has inside a sandbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """Where a server listens, who may come in, and what one sandbox may use.

    `keys` are the API keys that open it; empty means any key, which is possible on loopback only. Sandboxes
    of different keys do not see each other. `port` 0 is any free one. `timeout_s` is the life of a sandbox
    whose maker names none. `limits` are those of one sandbox.

    Raises:
        ConfigurationError: a value cannot be used, or the address is not loopback and no key is given.
    """

    host: str = "127.0.0.1"
    port: int = _DEFAULT_PORT
    keys: tuple[str, ...] = field(default=(), repr=False)
    max_sandboxes: int = 20
    timeout_s: int = 300
    limits: Limits = BOX_LIMITS

    def __post_init__(self) -> None:
        if not 0 <= self.port <= _LAST_PORT:
            raise ConfigurationError(f"port={self.port!r} must be between 0 and {_LAST_PORT}")
        if not self.max_sandboxes > 0:
            raise ConfigurationError(f"max_sandboxes={self.max_sandboxes!r} must be above 0")
        if not 0 < self.timeout_s <= LONGEST_LIFE_S:
            raise ConfigurationError(f"timeout_s={self.timeout_s!r} must be between 1 and {LONGEST_LIFE_S}")
        if not all(self.keys):
            raise ConfigurationError(
                "a key is empty; give a secret, or no key at all to take any on loopback"
            )
        if not self.keys and not self.loopback:
            raise ConfigurationError(
                f"host={self.host!r} can be reached from other machines: name the keys that may come in"
            )

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
