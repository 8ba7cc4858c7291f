"""All contact with E2B's SDK. Imported when the first sandbox is made, as the SDK is an extra."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# pyright: reportMissingTypeStubs=false
# The code interpreter has types, but no py.typed.
from e2b.sandbox.filesystem.filesystem import WriteEntry
from e2b.sandbox.sandbox_api import SandboxInfo, SandboxQuery
from e2b_code_interpreter.code_interpreter_async import AsyncSandbox
from e2b_code_interpreter.models import Context, ExecutionError, OutputMessage, Result

from ...core.errors import SandboxCrashed
from .faults import at_control_plane, in_sandbox
from .output import Output

REQUEST_TIMEOUT_S: Final = 30.0
_RETRIES: Final = 3
"""Of 429, 502, 503 and 504, by the SDK: it waits as Retry-After says, within REQUEST_TIMEOUT_S at most."""
_LIFE_S: Final = 300
_SPARE_S: Final = 4 * REQUEST_TIMEOUT_S
"""What laying out a program and clearing up after it may take."""
_TAG: Final = "playbox_run"
_NAME: Final = "playbox_sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose sandboxes, of which template, and under which tag."""

    api_key: str
    template: str | None
    run_id: str
    internet: bool


class Machine:
    """One sandbox of E2B. `spent` says that something of a run may still be in it."""

    def __init__(self, name: str, sandbox: AsyncSandbox, lives_s: float) -> None:
        self.name, self.spent = name, False
        self._sandbox = sandbox
        self._ends = time.monotonic() + lives_s

    @property
    def id(self) -> str:
        """E2B's id of the sandbox."""
        return self._sandbox.sandbox_id

    @property
    def expired(self) -> bool:
        """Whether E2B has ended it by now."""
        return time.monotonic() >= self._ends

    async def live_for(self, seconds: float) -> None:
        """Make it live long enough for a run of so many seconds."""
        if self._ends - time.monotonic() >= seconds + _SPARE_S:
            return
        lives_s = life_for(seconds)
        with in_sandbox("extending a sandbox's life"):
            await self._sandbox.set_timeout(lives_s, request_timeout=REQUEST_TIMEOUT_S)
        self._ends = time.monotonic() + lives_s

    async def open_context(self) -> Context:
        """Start a kernel of its own for one run."""
        with in_sandbox("starting a code context"):
            return await self._sandbox.create_code_context(
                language="python", request_timeout=REQUEST_TIMEOUT_S
            )

    async def close_context(self, context: Context) -> None:
        """End a kernel."""
        with in_sandbox("removing a code context"):
            await self._sandbox.remove_code_context(context)

    async def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, by path relative to the home directory."""
        with in_sandbox("writing files"):
            entries = [WriteEntry(path=path, data=content) for path, content in files.items()]
            await self._sandbox.files.write_files(entries, request_timeout=REQUEST_TIMEOUT_S)

    async def run_cell(self, code: str, context: Context, output: Output) -> None:
        """Run a cell to its end. No time limit: the SDK's fires at twice its value, so the caller's rules."""

        def on_stdout(message: OutputMessage) -> None:
            output.stdout(message.line)

        def on_stderr(message: OutputMessage) -> None:
            output.stderr(message.line)

        def on_result(result: Result) -> None:
            output.show(result.text or "", is_main_result=result.is_main_result)

        def on_error(error: ExecutionError) -> None:
            output.fail(error.name, error.value, error.traceback)

        with in_sandbox("running code"):
            done = await self._sandbox.run_code(
                code,
                context=context,
                on_stdout=on_stdout,
                on_stderr=on_stderr,
                on_result=on_result,
                on_error=on_error,
                timeout=0,
                request_timeout=REQUEST_TIMEOUT_S,
            )
        # A kernel counts what it accepts: a call that was lost looks like a program that printed nothing.
        if done.execution_count is None and output.error is None:
            raise SandboxCrashed("E2B lost the run: its kernel never got the code")

    async def require_running(self) -> None:
        """Raise SandboxCrashed if the sandbox is gone: then it is no program that was slow."""
        with in_sandbox("looking for a silent sandbox"):
            running = await self._sandbox.is_running(request_timeout=REQUEST_TIMEOUT_S)
        if not running:
            raise SandboxCrashed(f"the E2B sandbox {self.id} vanished during a run")

    async def kill(self) -> None:
        """End the sandbox, whatever it does. It may be gone already."""
        with in_sandbox("killing a sandbox"):
            await self._sandbox.kill(request_timeout=REQUEST_TIMEOUT_S)


async def create(account: Account, name: str, seconds: float) -> Machine:
    """Return a new sandbox that lives long enough for a run of so many seconds."""
    lives_s = life_for(seconds)
    with at_control_plane("creating a sandbox", account.template or AsyncSandbox.default_template):
        sandbox = await AsyncSandbox.create(
            template=account.template,
            timeout=lives_s,
            metadata={_TAG: account.run_id, _NAME: name},
            allow_internet_access=account.internet,
            api_key=account.api_key,
            request_timeout=REQUEST_TIMEOUT_S,
            retries=_RETRIES,
        )
    return Machine(name, sandbox, lives_s)


async def kill_others(account: Account, names: frozenset[str]) -> int:
    """Kill every sandbox with the account's tag that is not in `names`; return how many there were."""
    killed = 0
    with at_control_plane("clearing up sandboxes", account.template):
        # Listed to the end first: what is killed meanwhile would move the pages.
        for found in await _tagged(account):
            if found.metadata.get(_NAME) not in names:
                killed += await AsyncSandbox.kill(
                    found.sandbox_id, api_key=account.api_key, request_timeout=REQUEST_TIMEOUT_S
                )
    return killed


async def _tagged(account: Account) -> list[SandboxInfo]:
    found: list[SandboxInfo] = []
    pages = AsyncSandbox.list(
        query=SandboxQuery(metadata={_TAG: account.run_id}),
        api_key=account.api_key,
        request_timeout=REQUEST_TIMEOUT_S,
        retries=_RETRIES,
    )
    while pages.has_next:
        found += await pages.next_items()
    # Asked again, as a server that ignores the filter must not cost others their sandboxes.
    return [one for one in found if one.metadata.get(_TAG) == account.run_id]


def life_for(seconds: float) -> int:
    """Return how long a sandbox is to live that runs a program of so many seconds."""
    return max(_LIFE_S, math.ceil(seconds + _SPARE_S))
