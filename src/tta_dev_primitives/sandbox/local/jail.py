"""LocalSandbox: run code that nobody trusts on this machine."""

from __future__ import annotations

import asyncio
import logging
import sys
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from ...core.errors import ConfigurationError, SandboxUnavailable
from ..types import NO_ENVS, NO_FILES, Execution, Isolation, Limits
from .inputs import check_code, check_envs, check_files, check_limits
from .inside.messages import INTERPRETER_STEP, Tier
from .probe import REMEDY_ANYWHERE, REMEDY_INTERPRETER, REMEDY_LANDLOCK, REMEDY_NAMESPACES, Machine, probe
from .process import JailRefused, ZygoteProcess
from .protocol import encode_program
from .run import Origin, run_program
from .selftest import ATTACKS, SELF_TEST_LIMITS, require_contained
from .unconfined import run_unconfined

_LOG = logging.getLogger(__name__)
_LANGUAGES: Final = frozenset({"python"})
_CONFINED: Final[tuple[Isolation, ...]] = (Isolation.NAMESPACES, Isolation.LANDLOCK)
_REMEDIES: Final = {Isolation.NAMESPACES: REMEDY_NAMESPACES, Isolation.LANDLOCK: REMEDY_LANDLOCK}
_TIERS: Final[dict[Isolation, Tier]] = {Isolation.NAMESPACES: "namespaces", Isolation.LANDLOCK: "landlock"}


class LocalSandbox:
    """The embedded jail; see README.md beside this file for what it defends and how.

        async with LocalSandbox() as sandbox:
            execution = await sandbox.run_code("print(6 * 7)")

    It starts with the first run, in the strongest tier that works here, after a self-test; it starts again if
    it dies. Runs may be concurrent. It may be used from one event loop after another, not from two at once.

    Args:
        limits: for runs that bring none of their own.
        isolation: insist on one tier instead of the strongest.
        allow_unsandboxed: where no isolation is possible, run without any, with a logged warning at the
            start and `Isolation.NONE` in every result. Never used while isolation works, unless
            `isolation` is NONE.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        isolation: Isolation | None = None,
        allow_unsandboxed: bool = False,
    ) -> None:
        self._limits = limits or Limits()
        check_limits(self._limits)
        _check_isolation(isolation, allow_unsandboxed=allow_unsandboxed)
        self._requested = isolation
        self._allow_unsandboxed = allow_unsandboxed
        self._id = f"local-{uuid.uuid4().hex[:12]}"
        self._zygote: ZygoteProcess | None = None
        self._isolation: Isolation | None = None
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = asyncio.Lock()

    @property
    def isolation(self) -> Isolation:
        """How strongly runs are confined; before the first run, what this machine lets expect.

        Raises:
            SandboxUnavailable: no isolation is possible here.
        """
        expected = self._isolation or self._requested or probe().isolation
        if expected is None and not self._allow_unsandboxed:
            raise SandboxUnavailable(_explain(probe()))
        return expected or Isolation.NONE

    @property
    def languages(self) -> frozenset[str]:
        """The languages that `run_code` accepts."""
        return _LANGUAGES

    @property
    def sandbox_id(self) -> str:
        """The name of this sandbox in its results."""
        return self._id

    async def run_code(
        self,
        code: str,
        *,
        language: str = "python",
        files: Mapping[str, bytes] = NO_FILES,
        envs: Mapping[str, str] = NO_ENVS,
        limits: Limits | None = None,
    ) -> Execution:
        """Run `code` as `main.py` in a fresh process, with `files` in its working directory.

        Raises:
            SandboxUnavailable: the language is not supported, or isolation is not possible here.
            SandboxCrashed: the sandbox failed; the next call starts a new one.
            ConfigurationError: a value cannot be used; the message names it.
        """
        limits = limits or self._limits
        _check_language(language)
        check_limits(limits)
        check_code(code)
        check_files(files, limits)
        check_envs(envs)
        zygote = await self._started()
        program = encode_program(code, files, envs)
        if zygote is None:
            return await run_unconfined(program, limits, self._id)
        return await run_program(zygote, program, self._possible(limits), self._origin())

    async def aclose(self) -> None:
        """Kill what still runs and free all resources. Idempotent; no run is possible afterwards."""
        self._closed = True
        self._enter_loop()
        # Under the lock, so that one that is just starting is closed as well.
        async with self._starting:
            zygote, self._zygote = self._zygote, None
            if zygote is not None:
                await zygote.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _origin(self) -> Origin:
        return Origin(sandbox_id=self._id, isolation=self.isolation)

    def _possible(self, limits: Limits) -> Limits:
        if limits.processes > 1 and self._isolation is Isolation.LANDLOCK:
            raise SandboxUnavailable(
                f"limit processes={limits.processes} needs user namespaces, which are refused here;"
                f" set it to 1, or {REMEDY_NAMESPACES}"
            )
        return limits

    async def _started(self) -> ZygoteProcess | None:
        """Return a living zygote that listens in this loop; None where runs are not confined."""
        self._enter_loop()
        async with self._starting:
            if self._closed:
                raise ConfigurationError("this sandbox was closed; make a new one")
            if self._zygote is not None and not self._zygote.alive:
                await self._zygote.aclose()
                self._zygote = None
            if self._zygote is None and self._isolation is not Isolation.NONE:
                self._zygote = await self._start()
            if self._zygote is not None:
                self._zygote.attach()
            return self._zygote

    def _enter_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        if self._loop is not None and self._loop.is_running():
            raise ConfigurationError(
                "this sandbox is in use in another running event loop; make one LocalSandbox per loop"
            )
        # A lock belongs to the loop that first waited on it.
        self._loop, self._starting = loop, asyncio.Lock()

    async def _start(self) -> ZygoteProcess | None:
        """Start in the strongest tier that works; return None if that is no confinement and it is allowed."""
        refusals: list[str] = []
        for tier in self._tiers():
            try:
                zygote = await _start_tier(tier, self._id)
            except JailRefused as refused:
                refusals.append(f"{tier.value} refused at {refused}; to get it, {_remedy(tier, refused)}")
            else:
                self._isolation = tier
                if refusals:
                    _LOG.warning("sandbox runs with isolation %r: %s", tier.value, refusals[0])
                return zygote
        if not self._allow_unsandboxed:
            raise SandboxUnavailable(f"cannot isolate code here. {'. '.join(refusals)}. Or {REMEDY_ANYWHERE}")
        _LOG.warning("code runs WITHOUT a sandbox (allow_unsandboxed=True). %s", ". ".join(refusals))
        self._isolation = Isolation.NONE
        return None

    def _tiers(self) -> tuple[Isolation, ...]:
        if self._requested is Isolation.NONE:
            return ()
        if self._requested is not None:
            return (self._requested,)
        return _CONFINED if sys.platform == "linux" else ()


async def _start_tier(tier: Isolation, sandbox_id: str) -> ZygoteProcess:
    zygote = await ZygoteProcess.start(_TIERS[tier])
    try:
        origin = Origin(sandbox_id=sandbox_id, isolation=tier)
        program = encode_program(ATTACKS, NO_FILES, NO_ENVS)
        require_contained(await run_program(zygote, program, SELF_TEST_LIMITS, origin))
    except BaseException:
        await zygote.aclose()
        raise
    return zygote


def _check_isolation(isolation: Isolation | None, *, allow_unsandboxed: bool) -> None:
    if isolation is Isolation.REMOTE:
        raise ConfigurationError(f"isolation={isolation!r} is no tier of the local sandbox")
    if isolation is Isolation.NONE and not allow_unsandboxed:
        raise ConfigurationError(
            f"isolation={isolation!r} runs code unconfined; it needs allow_unsandboxed=True"
        )


def _remedy(tier: Isolation, refused: JailRefused) -> str:
    return REMEDY_INTERPRETER if refused.step == INTERPRETER_STEP else _REMEDIES[tier]


def _check_language(language: str) -> None:
    if language not in _LANGUAGES:
        raise SandboxUnavailable(
            f"the local sandbox cannot run {language!r}; supported: {', '.join(sorted(_LANGUAGES))}"
        )


def _explain(machine: Machine) -> str:
    missing = (f"{part.name}: {part.detail}; {part.remedy}" for part in machine.features if not part.ok)
    return f"cannot isolate code here. {'. '.join(missing)}. Or {REMEDY_ANYWHERE}"
