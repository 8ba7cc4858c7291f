"""E2BSandbox: run code that nobody trusts on virtual machines of E2B."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import uuid
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from pydantic import SecretStr

from ...core.errors import ConfigurationError, PlayboxError, SandboxCrashed, SandboxUnavailable
from ..local.inputs import check_code, check_envs, check_files, check_limits
from ..types import NO_ENVS, NO_FILES, Execution, Isolation, Limits
from .run import Program, run_program

if TYPE_CHECKING:  # the SDK is an extra
    from .service import Account, Machine

_LOG = logging.getLogger(__name__)
_LANGUAGES: Final = frozenset({"python"})
_MAX_CONCURRENT: Final = 10
"""Half of what E2B's smallest plan allows at once."""


class E2BSandbox:
    """Runs each program in a fresh code context of an E2B sandbox that nothing else runs on meanwhile.

        async with E2BSandbox(api_key="...") as sandbox:
            execution = await sandbox.run_code("print(6 * 7)")

    A sandbox is made when none is free, used again after a run that ended well, and killed after any other.
    What an earlier program left outside its working directory and its kernel may still be there.

    Of `Limits`, the wall clock and the output are enforced, `disk_bytes` and `inodes` for the files that come
    with a program; the machine bounds the rest. A notebook kernel has no exit code: it is 0 without an error,
    1 with one, and that of SystemExit; a program that takes its kernel down is SIGNALLED, with no number.
    All but `stop` for these limits is a claim of the guest, as a kernel is in its hands: `Usage.cpu_s` and
    `peak_memory_bytes` are measured inside, kernel included, and 0 where the program did not end by itself.

    Args:
        api_key: a key of E2B. Other variables of the SDK, such as E2B_DOMAIN, are the SDK's to read.
        template: the name of an E2B template with the code interpreter; by default E2B's own.
        max_concurrent: how many sandboxes may be there at once; further runs wait.
        run_id: the tag of all sandboxes made here, for `clean_up_orphans`; give the same again after a crash.
        limits: for runs that bring none of their own.
        internet: whether programs reach the internet.
    """

    def __init__(  # noqa: PLR0913  # each has a good default
        self,
        *,
        api_key: str | SecretStr,
        template: str | None = None,
        max_concurrent: int = _MAX_CONCURRENT,
        run_id: str | None = None,
        limits: Limits | None = None,
        internet: bool = False,
    ) -> None:
        _check_arguments(api_key, max_concurrent, run_id)
        self._limits = limits or Limits()
        check_limits(self._limits)
        self._key = api_key if isinstance(api_key, SecretStr) else SecretStr(api_key)
        self._template, self._internet = template, internet
        self._run_id = run_id or f"playbox-{uuid.uuid4().hex}"
        self._max_concurrent = max_concurrent
        self._slots = asyncio.Semaphore(max_concurrent)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = self._left_behind = False
        self._names: set[str] = set()
        self._machines: set[Machine] = set()
        self._idle: list[Machine] = []

    @property
    def isolation(self) -> Isolation:
        """How strongly runs are confined."""
        return Isolation.REMOTE

    @property
    def languages(self) -> frozenset[str]:
        """The languages that `run_code` accepts."""
        return _LANGUAGES

    @property
    def run_id(self) -> str:
        """The tag of the sandboxes made here."""
        return self._run_id

    async def run_code(
        self,
        code: str,
        *,
        language: str = "python",
        files: Mapping[str, bytes] = NO_FILES,
        envs: Mapping[str, str] = NO_ENVS,
        limits: Limits | None = None,
    ) -> Execution:
        """Run `code` in a fresh context, with `files` in its working directory.

        Raises:
            SandboxUnavailable: the language is not supported, or E2B gives no sandbox now.
            SandboxCrashed: a sandbox failed; the next call takes another.
            ConfigurationError: a value or the key cannot be used; the message names it.
        """
        program = _checked(code, language, files, envs, limits or self._limits)
        self._enter_loop()
        async with self._slots:
            machine = await self._taken(program.limits.wall_s)
            try:
                return await run_program(machine, program)
            finally:
                await self._give_back(machine)

    async def clean_up_orphans(self) -> int:
        """Kill the sandboxes with this `run_id` that are not in use here, and return how many there were.

        Raises:
            SandboxUnavailable: E2B cannot be asked.
            ConfigurationError: E2B refuses the key.
        """
        from .service import kill_others  # noqa: PLC0415  # the SDK is an extra

        killed = await kill_others(self._account(), frozenset(self._names))
        self._left_behind = False
        return killed

    async def aclose(self) -> None:
        """Kill all sandboxes made here, also under a run. Idempotent; no run is possible afterwards."""
        self._closed = True
        self._idle.clear()
        async with asyncio.TaskGroup() as kills:
            for machine in tuple(self._machines):
                kills.create_task(self._kill(machine))
        if self._left_behind:
            with contextlib.suppress(PlayboxError):
                await self.clean_up_orphans()
        if self._left_behind:
            _LOG.warning("E2B sandboxes tagged %r may be left; they end by their own timeout", self._run_id)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _taken(self, wall_s: float) -> Machine:
        """Return a machine that nobody else uses and that outlives a run of `wall_s` seconds."""
        while self._idle:
            machine = self._idle.pop()
            if machine.expired:
                self._forget(machine)
                continue
            try:
                await machine.live_for(wall_s)
            except BaseException as error:
                await self._give_back(machine, spent=True)
                if not isinstance(error, SandboxCrashed):
                    raise
            else:
                return machine
        return await self._made(wall_s)

    async def _made(self, wall_s: float) -> Machine:
        from .service import create  # noqa: PLC0415  # the SDK is an extra

        self._require_open()
        name = uuid.uuid4().hex
        self._names.add(name)
        try:
            machine = await create(self._account(), name, wall_s)
        except BaseException as error:
            self._names.discard(name)
            # Unless it was refused, the request may have arrived: then there is a sandbox that nobody knows.
            self._left_behind = self._left_behind or not isinstance(error, ConfigurationError)
            raise
        self._machines.add(machine)
        if self._closed:
            await self._give_back(machine, spent=True)
            self._require_open()
        return machine

    async def _give_back(self, machine: Machine, *, spent: bool = False) -> None:
        if spent or machine.spent or self._closed:
            await _to_its_end(self._kill(machine))
        else:
            self._idle.append(machine)

    async def _kill(self, machine: Machine) -> None:
        try:
            await machine.kill()
        except PlayboxError as error:
            self._left_behind = True
            _LOG.warning("an E2B sandbox could not be killed: %s", error)
        finally:
            self._forget(machine)

    def _forget(self, machine: Machine) -> None:
        self._machines.discard(machine)
        self._names.discard(machine.name)

    def _account(self) -> Account:
        from .service import Account  # noqa: PLC0415  # the SDK is an extra

        return Account(
            api_key=self._key.get_secret_value(),
            template=self._template,
            run_id=self._run_id,
            internet=self._internet,
        )

    def _require_open(self) -> None:
        if self._closed:
            raise ConfigurationError("this sandbox was closed; make a new one")

    def _enter_loop(self) -> None:
        self._require_open()
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        if self._loop is not None and self._loop.is_running():
            raise ConfigurationError(
                "this sandbox is in use in another running event loop; make one E2BSandbox per loop"
            )
        # A semaphore belongs to the loop that first waited on it.
        self._loop, self._slots = loop, asyncio.Semaphore(self._max_concurrent)


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    """Await `work` to its end, and be cancelled only then."""
    task, cancelled = asyncio.ensure_future(work), False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


def _checked(
    code: str, language: str, files: Mapping[str, bytes], envs: Mapping[str, str], limits: Limits
) -> Program:
    if language not in _LANGUAGES:
        raise SandboxUnavailable(f"E2B cannot run {language!r} here; supported: {', '.join(_LANGUAGES)}")
    check_limits(limits)
    check_code(code)
    check_files(files, limits)
    check_envs(envs)
    return Program(code=code, files=files, envs=envs, limits=limits)


def _check_arguments(api_key: str | SecretStr, max_concurrent: int, run_id: str | None) -> None:
    if not api_key:
        raise ConfigurationError("E2B needs a key; set E2B_API_KEY, or pass api_key")
    if max_concurrent < 1:
        raise ConfigurationError(f"max_concurrent={max_concurrent!r} must be at least 1")
    if run_id == "":
        raise ConfigurationError("run_id='' would tag nothing; leave it out to get one")
    if importlib.util.find_spec("e2b_code_interpreter") is None:
        raise ConfigurationError("the sandbox 'e2b' needs its extra: pip install 'tta-dev-primitives[e2b]'")
