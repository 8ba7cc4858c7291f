"""E2B's wire protocol, answered from the embedded jail: unmodified code of E2B's SDK runs here, offline."""

from __future__ import annotations

from collections.abc import Callable

from ...core.errors import ConfigurationError
from ..local import LocalSandbox
from .config import ServerConfig

__all__ = ["ServerConfig", "serve"]


async def serve(config: ServerConfig, sandbox: LocalSandbox, ready: Callable[[str], None]) -> None:
    """Serve until cancelled, then kill every sandbox; `ready` is told the URL once requests are answered.

    Raises:
        ConfigurationError: the address cannot be used, or the extra `serve` is not installed.
    """
    try:
        from .listen import listen  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in (
            "starlette",
            "uvicorn",
            "python_multipart",
        ):
            raise
        raise ConfigurationError(
            f"`playbox sandbox serve` needs {error.name}: pip install 'tta-dev-primitives[serve]'"
        ) from error
    await listen(config, sandbox, ready)
