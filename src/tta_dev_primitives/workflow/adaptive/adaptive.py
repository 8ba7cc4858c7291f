"""AdaptivePrimitive: retry, timeout and hedging of a step that tune themselves on what was seen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, Self, final

from ...core.context import WorkflowContext
from ...core.errors import CompositionError, ConfigurationError
from ...core.primitive import In, Operand, Out, WorkflowPrimitive, as_step
from ...settings import Settings
from ..chosen_errors import Errors, chosen
from .configuration import Configuration, grid_around
from .explain import Report, report
from .keeper import Keeper
from .mode import Mode
from .plan import Caution, Plan
from .request import Request
from .trace import TRACE, Trace, tries
from .tuner import Choice
from .utility import Utility

_STEP: Final = "step"


@final
class AdaptivePrimitive(WorkflowPrimitive[In, Out]):
    """Run `primitive` under the configuration that the log of its requests shows to be best.

    Args:
        primitive: The step. Hedges are tried only if it is declared idempotent; it is never tried twice if it
            says that it is not.
        base: The configuration to start from and to go back to.
        utility: What a success is worth, and what seconds and calls cost.
        on: Errors that a retry follows: exception classes, or a function of the error. Its own timeout always
            is one.
        mode: `disabled`, `observe`, `validate` or `active`; see `Mode`.
        candidates: What may be chosen besides `base`; by default `grid_around(base)`.
        caution: How the tuner weighs evidence against haste.
        file: Where requests and decisions are kept, so that a new process goes on from there. Without it they
            are kept in memory.
        stop_file: While this file exists, only `base` runs; by default the setting PLAYBOX_ADAPTIVE_STOP.
        seed: Makes the lots repeatable.

    A request is not learned from if it was cancelled, if the context's deadline leaves less time than its
    configuration may take, or in a durable run, where a step that an earlier run has done takes no time.
    Close it, or use it as a context manager, to end its thread and to free the file for other processes.
    """

    def __init__(  # noqa: PLR0913  # each stands alone; three are required
        self,
        primitive: Operand[In, Out],
        *,
        base: Configuration,
        utility: Utility,
        on: Errors,
        mode: Mode = "observe",
        candidates: Sequence[Configuration] | None = None,
        caution: Caution | None = None,
        file: Path | str | None = None,
        stop_file: Path | str | None = None,
        seed: int | None = None,
    ) -> None:
        self._primitive: WorkflowPrimitive[In, Out] = as_step(primitive, "AdaptivePrimitive")
        chosen(on, "AdaptivePrimitive")
        self._on = on
        idempotent = self._primitive.idempotent
        if candidates is None:
            candidates = grid_around(base, retry=idempotent is not False, hedge=idempotent is True)
        for one in (base, *candidates):
            _check(self._primitive, one)
        self._plan = Plan(
            step=self._primitive.name,
            base=base,
            candidates=tuple(candidates),
            utility=utility,
            mode=mode,
            caution=caution or Caution(),
        )
        self._keeper = Keeper(self._plan, file=None if file is None else Path(file))
        self._stop_file = Path(stop_file) if stop_file else Settings.from_environment().adaptive_stop
        self._random = Random(seed)  # noqa: S311  # lots for a test, not secrets
        self._tries: dict[Configuration, WorkflowPrimitive[In, Out]] = {}

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The step that is tried."""
        return {_STEP: self._primitive}

    @property
    def configuration(self) -> Configuration:
        """The configuration in use, besides probes and canaries."""
        return self._keeper.state.champion

    @property
    def candidates(self) -> tuple[Configuration, ...]:
        """What may be in use: the base and its candidates."""
        return self._plan.choices

    def explain(self) -> Report:
        """Return what the tuner knows and why it stands where it stands; `str` of it is text."""
        keeper = self._keeper
        return report(
            self._plan,
            keeper.state,
            keeper.found,
            stopped=keeper.stopped,
            unlogged=keeper.unlogged,
            damaged_lines=keeper.damaged_lines,
        )

    def approve(self) -> None:
        """Promote what passed its canary in mode `validate`.

        Raises:
            ConfigurationError: nothing waits for approval.
        """
        self._keeper.approve()

    def decline(self) -> None:
        """Leave alone for a while what passed its canary in mode `validate`.

        Raises:
            ConfigurationError: nothing waits for approval.
        """
        self._keeper.decline()

    def stop(self, reason: str = "stop() was called") -> None:
        """Use the base configuration from this moment on, and learn nothing, until `resume()`."""
        self._keeper.stop(reason)

    def resume(self) -> None:
        """Learn again after `stop()`, from the base configuration and an empty log."""
        self._keeper.resume()

    def close(self) -> None:
        """End the thread and free the file. The step still runs, under the base configuration."""
        self._keeper.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        choice = self._choice(context)
        trace = Trace(timeout_s=choice.configuration.timeout_s, path=f"{context.path}/{_STEP}")
        tells = _tells(choice.configuration, context)
        token = TRACE.set(trace)
        finished = False
        try:
            out = await self._tried(choice.configuration).execute(data, context)
            finished = True
        except Exception:
            finished = True
            raise
        finally:
            TRACE.reset(token)
            self._learn(choice, trace, context, tells=tells and finished)
        return out

    def _choice(self, context: WorkflowContext) -> Choice:
        self._keeper.follow(_stopping(self._stop_file), context.emit)
        return self._keeper.choose(probing=self._random.random(), siding=self._random.random())

    def _learn(self, choice: Choice, trace: Trace, context: WorkflowContext, *, tells: bool) -> None:
        if not tells or not trace.attempts:
            self._keeper.unlogged += 1
            return
        request = Request(
            configuration=choice.configuration, attempts=trace.attempts, arm=choice.arm, at=time.time()
        )
        self._keeper.learn(request, context.emit)

    def _tried(self, how: Configuration) -> WorkflowPrimitive[In, Out]:
        if how not in self._tries:
            self._tries[how] = tries(self._primitive, how, self._on)
        return self._tries[how]

    def __repr__(self) -> str:
        return f"{self.name}({self._primitive!r}, mode={self._plan.mode!r})"


def _stopping(file: Path | None) -> str | None:
    """Return why `file` stops the tuner, if so; one that nobody can look for does."""
    try:
        return f"{file} exists" if file is not None and file.exists() else None
    except OSError as error:
        return f"{file} cannot be looked for: {error.strerror}"


def _check(step: WorkflowPrimitive[Any, Any], how: Configuration) -> None:
    if how.hedge_after_s is not None and step.idempotent is not True:
        raise CompositionError(
            f"{how} may do the work of {step!r} twice at once, which does not say that it is idempotent; "
            "if it is, pass LambdaPrimitive(function, idempotent=True), or leave hedge_after_s out"
        )
    if how.retries and step.idempotent is False:
        raise ConfigurationError(
            f"{step!r} says that it is not idempotent, so trying it again could do harm; "
            f"set retries=0 in {how}, or adapt the parts of it that are"
        )


def _tells(how: Configuration, context: WorkflowContext) -> bool:
    """Return whether the request will tell about `how`, decided before it is known how it ends."""
    left = context.seconds_left()
    return context.journal is None and (left is None or left >= how.longest_s)
