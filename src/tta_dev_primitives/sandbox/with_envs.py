"""WithEnvs: a sandbox whose programs all get the same environment."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..core.given import hidden_values
from ..core.secrets import Secrets
from .local.inputs import check_envs
from .types import NO_ENVS, NO_FILES, Execution, Isolation, Limits, Sandbox


class WithEnvs:
    """Gives `envs` to every program of `sandbox`; what a run names itself wins.

    Each learner and each step that runs programs here redacts their values from all that it sends, keeps and
    tells; the programs are judged before that.

    Raises:
        ConfigurationError: no environment can hold them.
    """

    def __init__(self, sandbox: Sandbox, envs: Mapping[str, str]) -> None:
        check_envs(envs)
        self._sandbox, self._envs = sandbox, MappingProxyType(dict(envs))
        self.secrets = Secrets(hidden_values(envs))

    @property
    def isolation(self) -> Isolation:
        """That of the sandbox inside."""
        return self._sandbox.isolation

    @property
    def languages(self) -> frozenset[str]:
        """Those of the sandbox inside."""
        return self._sandbox.languages

    async def run_code(
        self,
        code: str,
        *,
        language: str = "python",
        files: Mapping[str, bytes] = NO_FILES,
        envs: Mapping[str, str] = NO_ENVS,
        limits: Limits | None = None,
    ) -> Execution:
        """Run `code` in the sandbox inside, which raises as it does."""
        given = {**self._envs, **envs}
        return await self._sandbox.run_code(code, language=language, files=files, envs=given, limits=limits)

    async def aclose(self) -> None:
        """Close the sandbox inside."""
        await self._sandbox.aclose()

    def __repr__(self) -> str:
        return f"WithEnvs({self._sandbox!r}, <{len(self._envs)} variables>)"
