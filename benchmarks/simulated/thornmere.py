"""The desks of Thornmere: an invented library for simulated tasks, put beside each program in the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Rite:
    """What a desk wants to be told before it is read, and what it says until then."""

    call: str
    number: int
    refusal: str

    @property
    def remedy(self) -> str:
        """The call, as a program writes it."""
        return f"{self.call}({self.number})"


RITES: Final = {
    "granary": Rite("weigh_in", 418, "the scales still show yesterday's sacks"),
    "tannery": Rite("air_out", 73, "nobody reads in these fumes"),
    "quarry": Rite("sound_horn", 5, "they are about to blast"),
    "chandlery": Rite("trim_wick", 29, "it is too dark to see a figure"),
    "cooperage": Rite("broach", 640, "the accounts are nailed into a cask"),
    "smithy": Rite("quench", 12, "the tally irons glow"),
    "dovecote": Rite("whistle", 888, "the bird that carries the count is out"),
    "brewhouse": Rite("skim", 51, "froth covers the chalk marks"),
    "saltworks": Rite("rake", 307, "a crust has grown over the counting stones"),
    "orchard": Rite("prop_ladder", 17, "the tags hang out of reach"),
    "fishery": Rite("haul_net", 264, "the catch is not ashore"),
    "apiary": Rite("smoke_hive", 33, "the swarm guards the shelf"),
    "weavery": Rite("tie_off", 919, "the pattern would unravel"),
    "foundry": Rite("tap_slag", 146, "the mould is not poured"),
    "ferry": Rite("ring_bell", 7, "the clerk is on the other bank"),
    "mill": Rite("lift_sluice", 502, "the wheel stands still"),
}


class ThornmereError(Exception):
    """A desk that will not be read."""


class Desk:
    """The desk of one department."""

    def __init__(self, department: str) -> None:
        """Sit down at the desk; it has heard nothing yet."""
        self.department = department
        self._heard: set[str] = set()

    def __getattr__(self, call: str) -> Callable[[int], None]:
        """Every desk listens to every call; only its own has an effect."""
        if call.startswith("_"):
            raise AttributeError(call)
        return lambda number: self._heard.add(f"{call}({number})")

    def total(self, year: int) -> int:
        """The department's total of a year."""
        rite = RITES[self.department]
        if rite.remedy not in self._heard:
            raise ThornmereError(
                f"the {self.department} gives no total: {rite.refusal}; "
                f"call desk.{rite.remedy} right after opening this desk"
            )
        return amount(self.department, year)


def desk(department: str) -> Desk:
    """Open the desk of a department."""
    if department not in RITES:
        raise ThornmereError(f"there is no department {department!r}; there are {', '.join(RITES)}")
    return Desk(department)


def amount(department: str, year: int) -> int:
    """What stands in the books, for those who keep them."""
    return (sum(map(ord, department)) * 7919 + year * 104_729) % 9_973
