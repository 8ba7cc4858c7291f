"""The embedded jail: confined runs on this machine, without a server, a key or a container. See README.md."""

from .jail import LocalSandbox
from .packages import Packages
from .probe import Feature, Machine, probe

__all__ = ["Feature", "LocalSandbox", "Machine", "Packages", "probe"]
