"""What the simulated model knows: exactly what stands in the prompt, whoever asks.

A custom is known if its call, such as `weigh_in(418)`, stands anywhere in the prompt: in a lesson, in a
reflection, in a real error that was fed back, or in an earlier program. Nothing else is known, nothing is
remembered between two requests, and nothing about the asking system is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from .thornmere import RITES
from .world import LESSONS, Order, last_order

NEWS: Final = "New lesson: "
"""How a reflection announces a lesson that the strategies in its prompt do not hold."""
_ID: Final = r"\[([a-zA-Z_]+-\d+)\]"


@dataclass(frozen=True)
class Mind:
    """The model's view of one prompt."""

    prompt: str

    @cached_property
    def order(self) -> Order | None:
        """What is to be programmed."""
        return last_order(self.prompt)

    @cached_property
    def departments(self) -> tuple[str, ...]:
        """The departments that the order needs."""
        return self.order.departments if self.order else ()

    def knows(self, department: str) -> bool:
        """Tell whether the prompt holds the department's custom."""
        rite = RITES[department]
        return re.search(rf"\b{re.escape(rite.remedy)}", self.prompt) is not None

    def program(self) -> str:
        """Return a program that is right where the customs are known, and naive where they are not."""
        assert self.order is not None
        lines = ["import thornmere", "", "total = 0"]
        for department in self.departments:
            lines += [f"desk = thornmere.desk({department!r})"]
            lines += [f"desk.{RITES[department].remedy}"] * self.knows(department)
            lines += [f"total += desk.total({self.order.year})"]
        return "\n".join([*lines, "print(total)", ""])

    def probe(self, department: str) -> str:
        """Return a program that shows what a desk does when it is simply read."""
        assert self.order is not None
        return f"import thornmere\n\nprint(thornmere.desk({department!r}).total({self.order.year}))\n"

    def followed(self) -> dict[str, str]:
        """Return the id of the strategy that taught each department's custom, where the prompt names one."""
        return {name: found for name in self.departments if (found := self._id_of(LESSONS[name]))}

    def news(self) -> tuple[str, ...]:
        """Return the lessons of this order that runs in the prompt show and no strategy in it says."""
        return tuple(
            LESSONS[name]
            for name in self.departments
            if self.knows(name) and LESSONS[name] not in self.prompt
        )

    def announced(self) -> tuple[str, ...]:
        """Return the lessons that a reflection in the prompt announces and no strategy in it says."""
        return tuple(
            lesson
            for lesson in LESSONS.values()
            if 0 < self.prompt.count(NEWS + lesson) == self.prompt.count(lesson)
        )

    def everything(self) -> tuple[str, ...]:
        """Return the lessons of all customs that stand in the prompt in any form."""
        return tuple(lesson for name, lesson in LESSONS.items() if self.knows(name))

    def _id_of(self, lesson: str) -> str | None:
        """Return the last id that stands shortly before a lesson."""
        at = self.prompt.find(lesson)
        found = re.findall(_ID, self.prompt[max(0, at - 400) : at]) if at >= 0 else []
        return found[-1] if found else None


def announcement(lessons: tuple[str, ...]) -> str:
    """Return what a reflection says about new lessons."""
    return "; ".join(NEWS + lesson for lesson in lessons) or "The runs show nothing that is not known."
