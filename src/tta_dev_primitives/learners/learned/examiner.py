"""Examiner: has an output judged, and puts the answer into words."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Generic, TypeVar

from ...core.context import WorkflowContext
from ...core.errors import ConfigurationError, DeadlineExceeded
from .verdict import Ending, Judge, Judged, Outcome, StepVerdict

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Examiner(Generic[_In, _Out]):
    """Asks `judge` about outputs of `step`, and `show` for their words.

    Raises:
        ConfigurationError: `judge` cannot be called with an input and an output.
    """

    def __init__(self, step: str, judge: Judge[_In, _Out], show: Callable[[_Out], str]) -> None:
        self._step, self._judge, self._show = step, _askable(judge), show

    async def examine(self, data: _In, output: _Out, context: WorkflowContext) -> Outcome:
        """Return how `output` was judged, within the deadline if the judge takes its time.

        Raises:
            DeadlineExceeded: it took too long.
            ConfigurationError: the judge returned something else than a verdict.
        """
        judged = self._judge(data, output)
        if inspect.isawaitable(judged):
            limit = asyncio.timeout(context.seconds_left())
            try:
                async with limit:
                    judged = await judged
            except TimeoutError:
                if not limit.expired():
                    raise
                raise DeadlineExceeded(f"the deadline passed while {self._step} was judged") from None
        return _outcome(self._show(output), judged)


def _askable(judge: Judge[_In, _Out]) -> Judge[_In, _Out]:
    """Return `judge` if it takes an input and an output; a mistake told after the step costs its output."""
    try:
        inspect.signature(judge).bind(None, None)
    except TypeError:
        raise ConfigurationError(
            f"judge={judge!r} is called as judge(input, output); pass a function of these two"
        ) from None
    except ValueError:  # written in C: it does not tell
        return judge
    return judge


def outcome_of_error(error: Exception) -> Outcome:
    """Return what an exception means that a step learns from."""
    name = type(error).__name__
    return Outcome(text="", ending=Ending.RAISED, score=0.0, feedback=f"{name}: {error}", error=name)


def _outcome(text: str, judged: Judged) -> Outcome:
    if judged is None:
        return Outcome(text=text, ending=Ending.UNJUDGED, score=0.0, feedback="")
    if isinstance(judged, bool):
        judged = StepVerdict(success=judged)
    if not isinstance(judged, StepVerdict):  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not typed
        raise ConfigurationError(
            f"the judge returned {judged!r}; return a StepVerdict, True, False, or None if nobody can tell"
        )
    return Outcome(
        text=text,
        ending=Ending.PASSED if judged.success else Ending.FAILED,
        score=float(judged.success) if judged.score is None else judged.score,
        feedback=judged.feedback,
    )
