"""LocalSandbox: run code that nobody trusts on this machine."""

from __future__ import annotations

import asyncio
import functools
import uuid
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from ...core.errors import ConfigurationError, SandboxUnavailable
from ..types import NO_ENVS, NO_FILES, Execution, Isolation, Limits
from .boxes import BOX_LIMITS, Box, Session
from .capacity import Capacity, check_positive, default_capacity
from .cgroups import Cgroup
from .inputs import check_code, check_envs, check_files, check_limits
from .inside.messages import RunLimits
from .languages import LANGUAGES, Language, language_called
from .packages import STDLIB, Packages
from .probe import REMEDY_NAMESPACES, probe
from .process import ZygoteProcess
from .protocol import encode_program, kernel_limits
from .run import NeverSent, Origin, run_program
from .spares import Spares
from .start import Wanted, explain, start
from .totals import Totals
from .unconfined import run_unconfined

_MOST_SPARES: Final = 4
_RUNS_PER_ZYGOTE: Final = 10_000


class LocalSandbox:
    """The embedded jail; see README.md beside this file for what it defends and how.

        async with LocalSandbox() as sandbox:
            execution = await sandbox.run_code("print(6 * 7)")

    It starts with the first run, in the strongest tier that works here, after a self-test; it starts again if
    it dies. Runs may be concurrent. It may be used from one event loop after another, not from two at once.

    Args:
        limits: for runs that bring none of their own. Spares wait with these, and take on lower ones of
            memory, CPU time and open files; others, and those of disk, inodes or processes, need a fresh
            child, which takes some milliseconds more.
        isolation: insist on one tier instead of the strongest.
        allow_unsandboxed: where no isolation is possible, run without any, with a logged warning at the
            start and `Isolation.NONE` in every result. Never used while isolation works, unless
            `isolation` is NONE.
        max_concurrent: how many runs there may be at once, by default twice the number of cores; more wait
            their turn, which does not count as their time.
        confirm_exit: return a result only when the kernel has also taken down the run's namespaces and disk.
            Without it a result says that the program has ended and was killed with all that it started; its
            memory and the rest are taken down in the background.
        runs_per_zygote: after so many children a new zygote takes over.
        packages: what runs can import besides the standard library, and what of it is imported beforehand.
        totals: what everything in this sandbox may use together. Needs a delegated cgroup; without one
            nothing runs.
    """

    def __init__(  # noqa: PLR0913  # each is a choice of its own, with a default
        self,
        *,
        limits: Limits | None = None,
        isolation: Isolation | None = None,
        allow_unsandboxed: bool = False,
        max_concurrent: int | None = None,
        confirm_exit: bool = False,
        runs_per_zygote: int = _RUNS_PER_ZYGOTE,
        packages: Packages = STDLIB,
        totals: Totals | None = None,
    ) -> None:
        self._limits = limits or Limits()
        check_limits(self._limits)
        self._spare_limits = kernel_limits(self._limits)
        self._wanted = Wanted(
            isolation=isolation, allow_unsandboxed=allow_unsandboxed, packages=packages, totals=totals
        )
        self._wanted.check()
        self._max_concurrent = default_capacity() if max_concurrent is None else max_concurrent
        check_positive("max_concurrent", self._max_concurrent)
        check_positive("runs_per_zygote", runs_per_zygote)
        self._confirm_exit, self._runs_per_zygote = confirm_exit, runs_per_zygote
        self._id = f"local-{uuid.uuid4().hex[:12]}"
        self._cgroup: Cgroup | None = None
        self._spares: Spares | None = None
        self._retired: list[ZygoteProcess] = []
        self._boxes: set[Box] = set()
        self._isolation: Isolation | None = None
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = asyncio.Lock()
        self._capacity = Capacity(self._max_concurrent)

    @property
    def isolation(self) -> Isolation:
        """How strongly runs are confined; before the first run, what this machine lets expect.

        Raises:
            SandboxUnavailable: no isolation is possible here.
        """
        expected = self._isolation or self._wanted.isolation or probe().isolation
        if expected is None and not self._wanted.allow_unsandboxed:
            raise SandboxUnavailable(explain(probe()))
        return expected or Isolation.NONE

    @property
    def languages(self) -> frozenset[str]:
        """The languages that `run_code` accepts here, by all their names."""
        alone = Isolation.LANDLOCK in {self._isolation, self._wanted.isolation}
        can = (one for one in LANGUAGES if one.works and not (alone and one.processes > 1))
        return frozenset(name for one in can for name in one.names)

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
        """Run `code` in a fresh process, with `files` in its working directory.

        Python runs as `main.py`, which is no file; what the others are is in README.md beside this file.

        Raises:
            SandboxUnavailable: there is no such language, what it needs is missing (the message says what to
                install), or isolation is not possible here.
            SandboxCrashed: the sandbox failed; the next call starts a new one.
            ConfigurationError: a value cannot be used; the message names it.
        """
        how = language_called(language)
        limits, needs = _usable(how, limits or self._limits)
        check_code(code)
        files = how.laid_out(code, files)
        check_files(files, limits)
        check_envs(envs)
        lower = None if needs == self._spare_limits else needs
        program = encode_program(
            code, files, envs, how.steps(limits), lower=lower, notice=not self._confirm_exit
        )
        self._enter_loop()
        try:
            return await self._run(program, limits, needs)
        except NeverSent:
            # Whatever took this child may have taken the other spares as well.
            if self._spares is not None:
                self._spares.drop()
            return await self._run(program, limits, needs)

    async def open_box(self, *, limits: Limits = BOX_LIMITS) -> Box:
        """Return a place with a disk and processes of its own; it lives until it or this sandbox is closed.

        Raises:
            SandboxUnavailable: isolation by namespaces is not possible here.
            SandboxCrashed: it could not be built.
            ConfigurationError: a limit cannot be used.
        """
        check_limits(limits)
        self._enter_loop()
        spares = await self._started()
        if spares is None or self._isolation is not Isolation.NAMESPACES:
            raise SandboxUnavailable(
                f"boxes and sessions need user namespaces, which are refused here; {REMEDY_NAMESPACES}"
            )
        box = await Box.open(spares.zygote, limits, self._id)
        self._boxes.add(box)
        box.on_close = self._boxes.discard
        return box

    async def open_session(
        self,
        *,
        envs: Mapping[str, str] = NO_ENVS,
        files: Mapping[str, bytes] = NO_FILES,
        limits: Limits = BOX_LIMITS,
    ) -> Session:
        """Return a Python process that keeps its variables between cells, in a box that ends with it.

        Raises: as `open_box`.
        """
        check_files(files, limits)
        box = await self.open_box(limits=limits)
        try:
            for path, content in files.items():
                await box.files.write(path, content)
            return await box.start_owner(envs)
        except BaseException:
            await box.aclose()
            raise

    async def aclose(self) -> None:
        """Kill what still runs and free all resources. Idempotent; no run is possible afterwards."""
        self._closed = True
        self._enter_loop()
        for box in tuple(self._boxes):
            await box.aclose()
        # Under the lock, so that one that is just starting is closed as well.
        async with self._starting:
            self._retire()
            while self._retired:
                await self._retired.pop().aclose()
            if self._cgroup is not None:
                await self._cgroup.remove()
                self._cgroup = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _run(self, program: bytes, limits: Limits, needs: RunLimits) -> Execution:
        async with self._capacity.place() as place:
            spares = await self._started()
            if spares is None:
                return await run_unconfined(program, limits, self._id, self._wanted.packages)
            child = spares.take(self._possible(needs))
            place.keep_until_gone(child)
            origin = Origin(sandbox_id=self._id, isolation=self.isolation)
            soon = spares.refill_soon()
            try:
                return await run_program(child, program, limits, origin, confirm_exit=self._confirm_exit)
            finally:
                soon.cancel()
                spares.refill_next()

    def _possible(self, needs: RunLimits) -> RunLimits:
        if needs["processes"] > 1 and self._isolation is Isolation.LANDLOCK:
            raise SandboxUnavailable(
                f"limit processes={needs['processes']} needs user namespaces, which are refused here;"
                f" ask for processes=1 where one will do, or {REMEDY_NAMESPACES}"
            )
        return needs

    async def _started(self) -> Spares | None:
        """Return the spares of a living zygote that listens in this loop; None where nothing is confined."""
        if self._spares is not None and self._goes_on(self._spares.zygote):
            return self._spares
        async with self._starting:
            if self._closed:
                raise ConfigurationError("this sandbox was closed; make a new one")
            if self._isolation is Isolation.NONE:
                return None
            if self._spares is not None:
                self._spares.zygote.attach()
                self._retire_if_used_up(self._spares.zygote)
            if self._retired:
                await self._end_retired()
            return self._spares or await self._start()

    def _goes_on(self, zygote: ZygoteProcess) -> bool:
        """Whether there is nothing to be done before the next run, as nearly always."""
        zygote.attach()
        used_up = zygote.spawned >= self._runs_per_zygote
        return zygote.alive and not (used_up or self._retired or self._closed)

    async def _start(self) -> Spares | None:
        if self._wanted.totals is not None and self._cgroup is None:
            self._cgroup = Cgroup.make(self._wanted.totals)
        started = await start(self._wanted, self._id, self._cgroup)
        self._isolation = started.isolation
        # Who could make the jail die, and the next start fail, must not be served by less.
        self._wanted = replace(self._wanted, isolation=started.isolation)
        if started.zygote is not None:
            spares = min(self._max_concurrent, _MOST_SPARES)
            self._spares = Spares(started.zygote, self._spare_limits, spares)
        return self._spares

    def _retire_if_used_up(self, zygote: ZygoteProcess) -> None:
        if not zygote.alive or zygote.spawned >= self._runs_per_zygote:
            self._retire()

    def _retire(self) -> None:
        """Start nothing more in the present zygote; what runs in it may finish."""
        if self._spares is not None:
            self._spares.retire()
            self._retired.append(self._spares.zygote)
            self._spares = None

    async def _end_retired(self) -> None:
        """Close the zygotes that have nothing left to do; the others listen on."""
        for zygote in tuple(self._retired):
            zygote.attach()
            if zygote.idle or not zygote.alive:
                self._retired.remove(zygote)
                await zygote.aclose()

    def _enter_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        if self._loop is not None and self._loop.is_running():
            raise ConfigurationError(
                "this sandbox is in use in another running event loop; make one LocalSandbox per loop"
            )
        # These belong to the loop that first waited on them.
        self._loop, self._starting = loop, asyncio.Lock()
        self._boxes.clear()
        self._capacity = Capacity(self._max_concurrent)


@functools.lru_cache(maxsize=64)
def _usable(language: Language, limits: Limits) -> tuple[Limits, RunLimits]:
    """Return the checked limits of a run in this language, whole and as the kernel gets them."""
    check_limits(limits)
    limits = language.limited(limits)
    return limits, kernel_limits(limits, reserved_bytes=language.reserved_bytes)
