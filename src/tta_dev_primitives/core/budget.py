"""A budget that a run never exceeds: what a step could cost at most is reserved before the step starts."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from .errors import BudgetExceeded, ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """An amount: `tokens` (input + output), `usd` (US dollars) and model `calls`."""

    tokens: int = 0
    usd: float = 0.0
    calls: int = 0

    def __add__(self, other: Spend) -> Spend:
        return Spend(
            tokens=self.tokens + other.tokens, usd=self.usd + other.usd, calls=self.calls + other.calls
        )

    def __sub__(self, other: Spend) -> Spend:
        return Spend(
            tokens=self.tokens - other.tokens, usd=self.usd - other.usd, calls=self.calls - other.calls
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation(Spend):
    """An amount that `Budget.reserve` has set aside; each is settled once."""


class Budget:
    """An account shared by all roles and branches of a run; `None` means unlimited.

    Reserve the most that a step can cost, then settle what it did cost:

        held = budget.reserve(Spend(tokens=9_000, calls=1))
        ...
        budget.settle(held, Spend(tokens=2_310, usd=0.004, calls=1))
    """

    def __init__(
        self, *, tokens: int | None = None, usd: float | None = None, calls: int | None = None
    ) -> None:
        for name, limit in (("tokens", tokens), ("usd", usd), ("calls", calls)):
            if limit is not None and not limit > 0:
                raise ConfigurationError(
                    f"budget {name}={limit!r} must be above 0; leave it out for no limit"
                )
        self.tokens, self.usd, self.calls = tokens, usd, calls
        self._spent = Spend()
        self._open: dict[int, Reservation] = {}  # by id(): equal amounts are different reservations

    @property
    def spent(self) -> Spend:
        """What settled steps have cost."""
        return self._spent

    @property
    def tokens_left(self) -> int | None:
        """Tokens neither spent nor reserved (negative after an overrun), or None if unlimited."""
        return None if self.tokens is None else self.tokens - self._taken.tokens

    @property
    def usd_left(self) -> float | None:
        """US dollars neither spent nor reserved (negative after an overrun), or None if unlimited."""
        return None if self.usd is None else self.usd - self._taken.usd

    @property
    def calls_left(self) -> int | None:
        """Calls neither spent nor reserved (negative after an overrun), or None if unlimited."""
        return None if self.calls is None else self.calls - self._taken.calls

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left of one of its limits, so that no step which costs can start."""
        return any(
            left is not None and left <= 0 for left in (self.tokens_left, self.usd_left, self.calls_left)
        )

    def reserve(self, most: Spend) -> Reservation:
        """Set aside the most that the next step can cost.

        Raises:
            BudgetExceeded: less than that is left; nothing was reserved.
        """
        _check(most)
        for unit, need, left in (
            ("tokens", most.tokens, self.tokens_left),
            ("usd", most.usd, self.usd_left),
            ("calls", most.calls, self.calls_left),
        ):
            if left is not None and need > left:
                raise BudgetExceeded(
                    f"the next step could cost {need:g} {unit} and {max(left, 0):g} of the budget of "
                    f"{getattr(self, unit):g} are left; raise the budget or shorten the prompt"
                )
        held = Reservation(tokens=most.tokens, usd=most.usd, calls=most.calls)
        self._open[id(held)] = held
        return held

    def settle(self, held: Spend, actual: Spend) -> None:
        """Replace a reservation by what the step did cost (`Spend()` if it never happened).

        Raises:
            ConfigurationError: `held` is not an open reservation of this budget.
        """
        _check(actual)
        if self._open.pop(id(held), None) is None:
            raise ConfigurationError(f"{held!r} is not an open reservation of this budget; settle each once")
        self._spent += actual

    @property
    def _taken(self) -> Spend:
        """Spent and reserved, summed afresh so that rounding errors do not pile up."""
        return Spend(
            tokens=self._spent.tokens + sum(held.tokens for held in self._open.values()),
            usd=math.fsum((self._spent.usd, *(held.usd for held in self._open.values()))),
            calls=self._spent.calls + sum(held.calls for held in self._open.values()),
        )


def _check(amount: Spend) -> None:
    for part in fields(Spend):
        value = getattr(amount, part.name)
        if not value >= 0:
            raise ConfigurationError(f"an amount of {value!r} {part.name} must be 0 or more")
