"""Serves sandboxes until it is interrupted, and says how to reach them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..sandbox.local import LocalSandbox
from ..sandbox.server import ServerConfig, serve
from ..settings import Settings
from .exits import ExitCode
from .interrupts import interruptible
from .screen import Screen, open_screen
from .session import Session

_MIB = 1 << 20
_ANY_KEY = "e2b_" + "0" * 40
"""Of the form that older versions of E2B's SDK insist on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line says; sizes are in MiB, None is the default."""

    host: str
    port: int
    keys: tuple[str, ...]
    max_sandboxes: int
    timeout_s: int
    memory_mib: int | None
    disk_mib: int | None

    def config(self, settings: Settings) -> ServerConfig:
        """Return them with the key of the environment.

        Raises:
            ConfigurationError: they cannot be had together.
        """
        own = () if settings.server_key is None else (settings.server_key.get_secret_value(),)
        config = ServerConfig(
            host=self.host,
            port=self.port,
            keys=self.keys + own,
            max_sandboxes=self.max_sandboxes,
            timeout_s=self.timeout_s,
        )
        limits = config.limits
        memory = limits.memory_bytes if self.memory_mib is None else self.memory_mib * _MIB
        disk = limits.disk_bytes if self.disk_mib is None else self.disk_mib * _MIB
        return replace(config, limits=replace(limits, memory_bytes=memory, disk_bytes=disk))


def serve_sandboxes(session: Session, wishes: Wishes, *, as_json: bool) -> ExitCode:
    """Serve until a signal comes, which ends all sandboxes."""
    config, screen = wishes.config(session.settings()), open_screen(as_json=as_json)

    async def work() -> None:
        async with LocalSandbox() as sandbox:
            await serve(config, sandbox, lambda url: _tell(url, config, sandbox, screen))

    interruptible(work)
    return ExitCode.OK


def _tell(url: str, config: ServerConfig, sandbox: LocalSandbox, screen: Screen) -> None:
    if screen.as_json:
        screen.document({"api_url": url, "sandbox_url": url, "isolation": sandbox.isolation.value})
        return
    screen.show(f"export E2B_API_URL={url}", f"export E2B_SANDBOX_URL={url}")
    if not config.keys:
        screen.show(f"export E2B_API_KEY={_ANY_KEY}")
    screen.tell(
        f"serving up to {config.max_sandboxes} sandboxes ({sandbox.isolation.value}); Ctrl-C ends them all"
    )
