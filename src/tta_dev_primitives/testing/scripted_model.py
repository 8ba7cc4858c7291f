"""ScriptedModel: a `LanguageModel` whose answers a test writes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias, cast

from pydantic import BaseModel, ValidationError

from ..core.budget import Spend
from ..core.context import WorkflowContext
from ..core.errors import ConfigurationError, ModelOutputInvalid
from ..llm.answered import answered
from ..llm.types import Origin, Reply, Request, Role, Source, T, Usage

Answer: TypeAlias = BaseModel | Mapping[str, object] | Exception
"""A value of the requested type, the same as a mapping, or what to raise."""

Script: TypeAlias = Callable[[Request[BaseModel]], Answer] | Mapping[Role, Sequence[Answer]]

_ONE_CALL: Final = Usage(input_tokens=100, output_tokens=50, calls=1)


class ScriptedModel:
    """Answers by a function of the request, or with the next answer of the asking role.

    Answers are validated as a live model's are; `usage` is what each costs, also the context's budget; every
    request is kept in `requests`.

    >>> import asyncio
    >>> from pydantic import BaseModel
    >>> from tta_dev_primitives.core import WorkflowContext
    >>> from tta_dev_primitives.llm import Request, Role
    >>> class Greeting(BaseModel):
    ...     text: str
    >>> model = ScriptedModel({Role.GENERATOR: [{"text": "hello"}]})
    >>> request = Request(
    ...     role=Role.GENERATOR, task_id="t1", attempt=1, instructions="", prompt="Greet.", output=Greeting
    ... )
    >>> asyncio.run(model.ask(request, WorkflowContext())).output
    Greeting(text='hello')
    >>> model.requests[0].prompt
    'Greet.'
    """

    def __init__(self, script: Script, *, usage: Usage = _ONE_CALL, name: str = "scripted") -> None:
        self._answer = script if callable(script) else _Queues(script)
        self._usage, self._name = usage, name
        self.requests: list[Request[BaseModel]] = []

    @property
    def name(self) -> str:
        """The name given."""
        return self._name

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        """Answer from the script.

        Raises:
            ModelOutputInvalid: the scripted answer is not a `request.output`.
            ConfigurationError: the script has no more answers for this role.
        """
        context.check_deadline(f"{request.role} asked {self._name}")
        since = time.perf_counter()
        spend = Spend(tokens=self._usage.tokens, usd=self._usage.usd or 0.0, calls=self._usage.calls)
        if context.budget is not None:
            context.budget.settle(context.budget.reserve(spend), spend)
        asked = cast(
            "Request[BaseModel]", request
        )  # T is a BaseModel; only the invariance of Request is lost
        self.requests.append(asked)
        answer = self._answer(asked)
        if isinstance(answer, Exception):
            raise answer
        source = Source(origin=Origin.SCRIPTED, model=self._name)
        reply = Reply(output=_validated(answer, request), usage=self._usage, source=source)
        return answered(request, reply, context, since=since)


class _Queues:
    """The answers of each role, in order."""

    def __init__(self, answers: Mapping[Role, Sequence[Answer]]) -> None:
        if not isinstance(answers, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not typed
            raise ConfigurationError(
                f"a script is a function of the request, or a mapping such as {{Role.GENERATOR: [answer]}}, "
                f"not {answers!r}"
            )
        self._left = {_role(role): deque(_listed(role, sequence)) for role, sequence in answers.items()}

    def __call__(self, request: Request[BaseModel]) -> Answer:
        left = self._left.get(request.role)
        if not left:
            raise ConfigurationError(
                f"the script has no answer left for the {request.role} "
                f"(task {request.task_id!r}, attempt {request.attempt}); add one"
            )
        return left.popleft()


def _role(name: str) -> Role:
    if name not in {*Role}:
        raise ConfigurationError(f"{name!r} is not a role; roles are {', '.join(Role)}")
    return Role(name)


def _listed(role: str, answers: Sequence[Answer]) -> Sequence[Answer]:
    if isinstance(answers, str | Mapping) or not isinstance(answers, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not typed
        raise ConfigurationError(f"the answers of the {role} are a list, not {answers!r}")
    return answers


def _validated(answer: BaseModel | Mapping[str, object], request: Request[T]) -> T:
    if isinstance(answer, request.output):
        return answer
    raw = answer.model_dump() if isinstance(answer, BaseModel) else dict(answer)
    try:
        return request.output.model_validate(raw)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"])) or "all of it"
        raise ModelOutputInvalid(
            f"the scripted answer {raw!r} is not a {request.output.__name__}: {place}: {wrong['msg']}"
        ) from error
