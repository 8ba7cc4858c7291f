"""One end of a period is not part of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Value
from ..words import Words
from .family import Family, Quirk


class OpenWindow(Rule):
    """Leaves the first day out, or the last, or both."""

    def take(self, call: Call) -> None:
        """Narrow the period."""
        if call.operation == "events":
            call.arguments["since"] = call.day("since") + timedelta(days=self.whole("first"))
            call.arguments["until"] = call.day("until") - timedelta(days=self.whole("last"))

    def give(self, call: Call, value: Value) -> Value:
        """Say what was counted."""
        if call.operation == "events" and isinstance(value, list):
            self.notice("window", count=len(value))
        return value


def _make(draw: Draw, words: Words) -> Quirk:
    first, last = draw.pick(((1, 0), (0, 1), (1, 1)))
    which = {
        (1, 0): "the first day itself left out, the last one included",
        (0, 1): "the first day included, the last one itself left out",
        (1, 1): "the first and the last day themselves left out",
    }[first, last]
    remedy = {
        (1, 0): "pass the day before the first one wanted",
        (0, 1): "pass the day after the last one wanted",
        (1, 1): "pass the day before the first one wanted and the day after the last one",
    }[first, last]
    fill = words.fill
    return Quirk(
        family="window",
        parameters={"first": first, "last": last},
        messages={"window": fill("{count} $events, $which", which=which)},
        handling={
            "events": fill(
                """\
def events(session, first, last, inner=events):
    first = (date.fromisoformat(first) - timedelta(days=$first)).isoformat()
    last = (date.fromisoformat(last) + timedelta(days=$last)).isoformat()
    return inner(session, first, last)
""",
                first=first,
                last=last,
            )
        },
        gold=fill(
            "$library: session.$list_events(since, until) has $which; $remedy.", which=which, remedy=remedy
        ),
        told=("left out",),
    )


WINDOW: Final = Family(name="window", rule=OpenWindow, make=_make, silent=True)
