"""Trial: a snippet is parsed and run by itself in the jail before it is learned."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..core.context import WorkflowContext
from ..core.errors import ConfigurationError, SandboxError
from ..core.secrets import NO_SECRETS, Secrets
from ..sandbox.listening import heard
from ..sandbox.types import NO_FILES, Execution, Limits, Sandbox, Stop
from .admission import left
from .bullet import Kind, bullet_id
from .capabilities import capability
from .content import clean_content, content_fault
from .delta import MAX_BULLETS, AddBullet, AnyOperation, Delta, MergeBullets, ReviseBullet, Tried
from .hygiene import clean, redact
from .injection import injection
from .playbook import Playbook
from .snippets import syntax_fault

LIMITS: Final = Limits(wall_s=2.0, cpu_s=2, memory_bytes=256 << 20, output_bytes=64 << 10)
"""What a snippet may use: little, as it shows how something is done and does nothing itself."""
_PYTHON: Final = "python"
_MOST_TOLD: Final = 200


class _Snippet(NamedTuple):
    """A snippet as it would be stored: what is tried, and looked at, is what stays."""

    reference: str
    content: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Tries snippets in `sandbox`, beside the files of the task: one may be the library it is about.

    They get the environment that the sandbox gives to every program. Without a sandbox none is tried. `most`
    is how many strategies a run may bring for its task.

    What a snippet prints is not looked at. A sandbox that fails says nothing about a snippet, which then
    waits for a person.
    """

    sandbox: Sandbox | None
    most: int = MAX_BULLETS

    async def bounded(
        self,
        delta: Delta,
        playbook: Playbook,
        context: WorkflowContext,
        *,
        files: Mapping[str, bytes] = NO_FILES,
    ) -> Delta:
        """Return `delta` as `of` does, with what earlier deltas of its run brought counted."""
        most = min(delta.most, left(playbook.bullets, delta.provenance, most=self.most))
        delta = delta if most == delta.most else delta.model_copy(update={"most": most})
        return await self.of(delta, playbook, context, files=files)

    async def of(
        self,
        delta: Delta,
        playbook: Playbook,
        context: WorkflowContext,
        *,
        files: Mapping[str, bytes] = NO_FILES,
    ) -> Delta:
        """Return `delta` with what became of each snippet that it would bring into `playbook`.

        A delta without new snippets is returned as it is. The listeners of `context` are told of each run.
        """
        snippets = {snippet.reference: snippet for snippet in _new(delta, playbook)}
        if not snippets:
            return delta
        tried = [await self._tried(snippet, context, files) for snippet in snippets.values()]
        return delta.model_copy(update={"tried": (*delta.tried, *tried)})

    async def _tried(self, snippet: _Snippet, context: WorkflowContext, files: Mapping[str, bytes]) -> Tried:
        if snippet.language == _PYTHON and (fault := syntax_fault(snippet.content)):
            return Tried(snippet=snippet.reference, fault=f"it is no Python: {_told(fault)}")
        if self.sandbox is None:
            return Tried(snippet=snippet.reference, untried="there is no sandbox to try it in")
        if snippet.language not in self.sandbox.languages:
            return Tried(snippet=snippet.reference, untried=f"{snippet.language!r} cannot be run here")
        try:
            async with asyncio.timeout(context.seconds_left()):
                execution = await heard(self.sandbox, context).run_code(
                    snippet.content, language=snippet.language, files=files, limits=LIMITS
                )
        except (SandboxError, ConfigurationError, TimeoutError) as error:
            why = _told(f"{type(error).__name__}: {error}", context.secrets.now)
            return Tried(snippet=snippet.reference, untried=why)
        fault = "" if execution.success else _told(_ended(execution), context.secrets.now)
        return Tried(snippet=snippet.reference, fault=fault)


def _new(delta: Delta, playbook: Playbook) -> Iterator[_Snippet]:
    """Yield the snippets that are not known and would not be refused or held back for what they say."""
    for operation in delta.operations:
        snippet = _snippet(operation, playbook)
        if snippet is None or playbook.get(snippet.reference) is not None:
            continue
        if not _is_decided(snippet.content):
            yield snippet


def _is_decided(content: str) -> bool:
    """Tell whether what the snippet says decides on it already."""
    fault = content_fault(Kind.SNIPPET, content) or injection(content, code=True)
    return (fault or capability(Kind.SNIPPET, content)) is not None


def _snippet(operation: AnyOperation, playbook: Playbook) -> _Snippet | None:
    match operation:
        case AddBullet(kind=Kind.SNIPPET, content=content, domain=domain, trigger=trigger):
            return _stored(domain, content, trigger.language)
        case ReviseBullet(bullet=name, content=str(content)) | MergeBullets(into=name, content=str(content)):
            bullet = playbook.get(name)
            if bullet is None or bullet.kind is not Kind.SNIPPET:
                return None
            return _stored(bullet.domain, content, bullet.trigger.language)
        case _:
            return None


def _stored(domain: str, content: str, language: str | None) -> _Snippet:
    cleaned = clean_content(Kind.SNIPPET, content)
    return _Snippet(bullet_id(domain, Kind.SNIPPET, cleaned), cleaned, language or _PYTHON)


def _ended(execution: Execution) -> str:
    if execution.stop is not Stop.EXITED:
        return f"it was stopped: {execution.stop.replace('_', ' ')}"
    if execution.error is not None:
        return f"{execution.error.name}: {execution.error.value}"
    return f"it ended with exit code {execution.exit_code}"


def _told(text: str, secrets: Secrets = NO_SECRETS) -> str:
    """Return what a guest or a sandbox says of a failure, as one short line without `secrets`."""
    line = redact(" ".join(clean(text).split()), secrets)
    return line if len(line) <= _MOST_TOLD else f"{line[: _MOST_TOLD - 1]}…"
