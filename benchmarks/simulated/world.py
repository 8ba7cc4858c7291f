"""The invented world of the simulated model: orders to the desks of Thornmere, and the lesson of each desk.

Each of sixteen departments has one custom that no documentation tells. An order needs two or three
departments, so a program is right if it knows all of their customs; a wrong one really fails in the sandbox,
with an error that names the custom of the first desk that refused.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from .thornmere import RITES, amount

_HERE: Final = Path(__file__).parent
DOCUMENTATION: Final = (_HERE / "documentation.md").read_text(encoding="utf-8")
LIBRARY: Final = (_HERE / "thornmere.py").read_bytes()
LESSONS: Final = {
    "granary": "Granary totals are void until weigh_in(418) has zeroed the scales",
    "tannery": "The vats of the tannery want air_out(73) before anybody can read there",
    "quarry": "Blasting at the quarry pauses only after sound_horn(5)",
    "chandlery": "In the chandlery say trim_wick(29) first, or the figures stay in the dark",
    "cooperage": "Cooperage accounts are kept in a cask: broach(640) opens it",
    "smithy": "Irons of the smithy are readable once quench(12) has cooled them",
    "dovecote": "The dovecote's count arrives when you whistle(888) for the bird",
    "brewhouse": "Call skim(51) at the brewhouse, as froth hides its chalk marks",
    "saltworks": "Counting stones of the saltworks come to light with rake(307)",
    "orchard": "To reach the orchard's tags use prop_ladder(17)",
    "fishery": "Fishery figures exist after haul_net(264) has brought the catch ashore",
    "apiary": "Bees leave the apiary's shelf alone once smoke_hive(33) was called",
    "weavery": "Without tie_off(919) the weavery refuses, lest the pattern unravel",
    "foundry": "Pour the foundry's mould by tap_slag(146), then read",
    "ferry": "The clerk of the ferry crosses over upon ring_bell(7)",
    "mill": "A standing wheel means no total at the mill: lift_sluice(502) starts it",
}
"""What each department teaches, in words of its own, as the lessons of a real library would have."""
_ORDER: Final = re.compile(r"Order (\d+): print the sum of the (\d{4}) totals of ([a-z, ]+?) of Thornmere")


@dataclass(frozen=True)
class Order:
    """One task: the departments whose totals of `year` are to be added up."""

    number: int
    year: int
    departments: tuple[str, ...]

    @property
    def id(self) -> str:
        """Its name."""
        return f"order-{self.number:03}"

    @cached_property
    def text(self) -> str:
        """What the programmer is told."""
        *others, last = (f"the {name}" for name in self.departments)
        names = f"{', '.join(others)} and {last}"
        return (
            f"Order {self.number}: print the sum of the {self.year} totals of {names} of Thornmere, and"
            " nothing else. Use the library thornmere, a file beside the program."
        )

    @property
    def expected_output(self) -> str:
        """What a right program prints."""
        return f"{sum(amount(name, self.year) for name in self.departments)}\n"


def make_orders(count: int, *, seed: int) -> tuple[Order, ...]:
    """Return `count` orders of two or three departments each, all departments equally likely."""
    draw = random.Random(seed)  # noqa: S311  # a world, not a secret
    return tuple(
        Order(
            number=number,
            year=draw.randrange(2001, 2100),
            departments=tuple(draw.sample(sorted(RITES), draw.choice((2, 3)))),
        )
        for number in range(1, count + 1)
    )


def last_order(text: str) -> Order | None:
    """Return the order that stands last in a prompt: the one that is asked, whatever stands before it."""
    found = list(_ORDER.finditer(text))
    if not found:
        return None
    number, year, names = found[-1].groups()
    departments = re.findall(r"the ([a-z]+)", names)
    return Order(number=int(number), year=int(year), departments=tuple(departments))
