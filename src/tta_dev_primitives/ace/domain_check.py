"""DomainCheck: what a domain adds to the evaluator, a value that carries the facts it needs."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from .value import Value

if TYPE_CHECKING:
    from ..sandbox.types import Limits, Sandbox
    from .checks import Finding
    from .task import Task


class DomainCheck(Value, ABC):
    """A way to check a program that only some domain knows; its fields are the facts of one task.

    Put it into the `checks` of a task: it runs after the plain checks, and its facts are part of the task's
    id. No model is shown them, so what the programmer must know belongs into the task or its context.
    A subclass concludes from what the host saw and compared, never from what a program says of itself.
    """

    async def prepare(self, sandbox: Sandbox, limits: Limits, task: Task) -> None:
        """Try what can be tried of `task` before a model is paid; nothing unless a subclass says so.

        Raises:
            InvalidTask: no program could be judged by this check.
            SandboxError: the sandbox failed, which says nothing about the task.
        """

    @abstractmethod
    async def judge(self, sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
        """Run `code` and return what the check found.

        Raises:
            SandboxError: the sandbox failed, or it cannot be told; that says nothing about the program.
        """

    @property
    def fingerprint(self) -> str:
        """A hash of the kind of check and of all its facts."""
        facts = json.dumps(self.model_dump(), default=_digest)  # an order of columns is a fact
        return hashlib.sha256(f"{type(self).__name__}\0{facts}".encode()).hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
