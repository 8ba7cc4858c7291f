"""ChoicePrimitive: one of several steps, chosen by what each has earned; for what no log can be replayed on.

How a route, a model or a prompt would have answered is not in the log of another, so it must be tried. Retry,
timeout and hedging are not chosen so: AdaptivePrimitive computes them from the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final, final

from ...core.context import WorkflowContext
from ...core.errors import BudgetExceeded, CompositionError, ConfigurationError
from ...core.events import Event
from ...core.primitive import In, LambdaPrimitive, Operand, Out, WorkflowPrimitive, as_step

_DRAWS: Final = 200
"""Thompson draws from which the probabilities of one choice are counted."""
_DRAW: Final = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen(Event):
    """`choice` was taken with probability `propensity`, and earned `reward` (0 to 1)."""

    step: str
    choice: str
    propensity: float
    reward: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Earnings:
    """What a choice has earned: `total` in `weight` requests, both discounted; `taken` counts all."""

    taken: int = 0
    total: float = 0.0
    weight: float = 0.0

    @property
    def mean(self) -> float:
        """The discounted mean reward; 0.5 of a choice that was never taken."""
        return (self.total + 0.5) / (self.weight + 1)

    def draw(self, random: Random) -> float:
        """Draw a mean reward that fits what was earned, from the Beta distribution with a uniform prior."""
        return random.betavariate(1 + self.total, 1 + max(self.weight - self.total, 0.0))

    def faded(self, keep: float) -> Earnings:
        """Return the earnings with everything past counting `keep` times as much."""
        return replace(self, total=self.total * keep, weight=self.weight * keep)

    def earned(self, reward: float) -> Earnings:
        """Return the earnings after one more request."""
        return Earnings(taken=self.taken + 1, total=self.total + reward, weight=self.weight + 1)


@final
class ChoicePrimitive(WorkflowPrimitive[In, Out]):
    """Run one of `choices`, the more often the more it earns (Thompson sampling, in memory).

    The probability of each choice is counted from draws, mixed with `explore`, and then drawn from: so the
    `propensity` of each `Chosen` event is exact, and the events serve for unbiased estimates of others.

    Args:
        choices: The steps, by name.
        reward: Returns what an output is worth for its input, from 0 to 1.
        failure: What a choice earns that raises an Exception, from 0 to 1. A used-up budget or a wrong
            setting says nothing about it and does not count.
        half_life: After so many requests a reward counts half, so that the choice follows changes.
        explore: Share of requests that are spread evenly, whatever was earned.
        seed: Makes the lots repeatable.

    In a durable run the choice is a step of its own: a resumed run takes the same, and learns nothing.

    Source: Raj and Kalyani 2017, Taming Non-stationary Bandits, arXiv 1707.09727 (discounted sampling).
    """

    def __init__(  # noqa: PLR0913  # each stands alone; two are required
        self,
        choices: Mapping[str, Operand[In, Out]],
        *,
        reward: Callable[[In, Out], float],
        failure: float = 0.0,
        half_life: float = 500.0,
        explore: float = 0.05,
        seed: int | None = None,
    ) -> None:
        if not isinstance(choices, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not typed
            raise CompositionError(f"ChoicePrimitive takes a dict of steps by name, not {choices!r}")
        if len(choices) < 2:  # noqa: PLR2004  # one is no choice
            raise CompositionError(
                f"ChoicePrimitive chooses between two steps or more, not {list(choices)!r}"
            )
        if not half_life > 0:
            raise ConfigurationError(f"half_life={half_life!r} must be a number of requests above 0")
        if not 0 < explore <= 1:
            raise ConfigurationError(
                f"explore={explore!r} must be above 0 and at most 1, or a choice may never be tried again"
            )
        self._choices: dict[str, WorkflowPrimitive[In, Out]] = {
            name: as_step(step, "ChoicePrimitive") for name, step in choices.items()
        }
        self._reward, self._failure = reward, _rewarding(failure, "failure")
        self._keep = 0.5 ** (1 / half_life)
        self._explore = explore
        self._random = Random(seed)  # noqa: S311  # lots for a test, not secrets
        self._earnings = dict.fromkeys(self._choices, Earnings())

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The choices, by name."""
        return self._choices

    @property
    def earnings(self) -> Mapping[str, Earnings]:
        """What each choice has earned so far."""
        return dict(self._earnings)

    def propensities(self) -> Mapping[str, float]:
        """Return a probability for each choice: how often it came out best in draws, mixed with `explore`."""
        best = dict.fromkeys(self._earnings, 0)
        for _ in range(_DRAWS):
            drawn = {name: one.draw(self._random) for name, one in self._earnings.items()}
            best[max(drawn, key=drawn.__getitem__)] += 1
        even = self._explore / len(best)
        return {name: (1 - self._explore) * count / _DRAWS + even for name, count in best.items()}

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        odds = self.propensities()
        drawn = self._random.choices(list(odds), weights=list(odds.values()))[0]
        choice, fresh = drawn, True
        if context.journal is not None:
            choice, fresh = await _kept(drawn, context)
        try:
            out = await self._choices[choice].execute(data, context.at(choice))
        except (BudgetExceeded, ConfigurationError):
            raise
        except Exception:
            if fresh:
                self._earn(choice, self._failure, odds, context)
            raise
        if fresh:
            self._earn(choice, _rewarding(self._reward(data, out), "the reward"), odds, context)
        return out

    def _earn(self, choice: str, reward: float, odds: Mapping[str, float], context: WorkflowContext) -> None:
        faded = {name: one.faded(self._keep) for name, one in self._earnings.items()}
        self._earnings = {**faded, choice: faded[choice].earned(reward)}
        if context.sinks:
            context.emit(Chosen(step=self.name, choice=choice, propensity=odds[choice], reward=reward))

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={step!r}' for name, step in self._choices.items())})"


async def _kept(drawn: str, context: WorkflowContext) -> tuple[str, bool]:
    """Return the choice that the journal holds, or `drawn` once it does, and whether it was drawn now."""
    fresh = list[str]()

    def draw(_nothing: None) -> str:  # a journal looks a step up by its input, so the lot must not be that
        fresh.append(drawn)
        return drawn

    step = LambdaPrimitive[None, str](draw, name=_DRAW, idempotent=True)
    return await step.execute(None, context.at(f"?{_DRAW}")), bool(fresh)


def _rewarding(value: float, name: str) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not typed
        raise ConfigurationError(f"{name} {value!r} must be a number from 0 to 1; scale it")
    return value
