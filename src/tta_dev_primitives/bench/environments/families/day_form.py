"""Days are written in an unusual form."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from ..library.books import FIRST_DAY
from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Event, EventSheet, Value
from ..words import Words
from .family import Family, Quirk

_DAY_FORMS: Final = {
    "{year}.{of_year:03d}": (
        "YYYY.DDD (year, full stop, day of the year in three digits)",
        'f"{d.year}.{d.timetuple().tm_yday:03d}"',
    ),
    "{week:02d}/{weekday}/{week_year}": (
        "WW/D/YYYY (ISO week in two digits, day of the week from 1 for Monday, ISO year)",
        'd.strftime("%V/%u/%G")',
    ),
    "Q{quarter}+{of_quarter:02d}/{year}": (
        "Qn+DD/YYYY (quarter, day of the quarter from 01, year)",
        'f"Q{(d.month + 2) // 3}+{(d - date(d.year, (d.month + 2) // 3 * 3 - 2, 1)).days + 1:02d}/{d.year}"',
    ),
    "{year}-{month:02d}~{left:02d}": (
        "YYYY-MM~LL (year, month, days left in the month: 00 on its last day)",
        'f"{d:%Y-%m}~{((d.replace(day=1) + timedelta(days=32)).replace(day=1) - d).days - 1:02d}"',
    ),
    "d{count}": (
        "dN (d and the days since 2030-12-31, which is d0)",
        'f"d{(d - date(2030, 12, 31)).days}"',
    ),
}
"""Form -> in words, and as an expression of a date `d`."""


class DayForms(Rule):
    """Other forms are not read; days are shown in the form too."""

    def start(self) -> None:
        """Read no day yet."""
        self.days: dict[str, date] = {}

    def take(self, call: Call) -> None:
        """Replace texts by days."""
        if call.operation == "events":
            self._write_all()
            for name in ("since", "until"):
                given = call.text(name)
                if given not in self.days:
                    raise self.refuse("day", "day form", day=given)
                call.arguments[name] = self.days[given]

    def _write_all(self) -> None:
        """Write down every day that can be meant."""
        if not self.days:
            days = (FIRST_DAY + timedelta(days=number) for number in range(-30, 210))
            self.days = {self._written(day): day for day in days}

    def give(self, call: Call, value: Value) -> Value:
        """Write days in the form."""
        if isinstance(value, Event):
            return value._replace(day=self._written(date.fromisoformat(value.day)))
        if call.operation == "events" and isinstance(value, list):
            return [self._event(row) for row in value if isinstance(row, Event)]
        if isinstance(value, EventSheet):
            return value._replace(rows=[self._event(row) for row in value.rows])
        return value

    def _event(self, event: Event) -> Event:
        return event._replace(day=self._written(date.fromisoformat(event.day)))

    def _written(self, day: date) -> str:
        quarter = (day.month + 2) // 3
        after = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        week = day.isocalendar()
        return self.text("form").format(
            year=day.year,
            month=day.month,
            of_year=day.timetuple().tm_yday,
            week=week[1],
            weekday=week[2],
            week_year=week[0],
            quarter=quarter,
            of_quarter=(day - date(day.year, quarter * 3 - 2, 1)).days + 1,
            left=(after - day).days - 1,
            count=(day - date(2030, 12, 31)).days,
        )


def _make(draw: Draw, words: Words) -> Quirk:
    form = draw.pick(tuple(_DAY_FORMS))
    meaning, expression = _DAY_FORMS[form]
    return Quirk(
        family="day form",
        parameters={"form": form},
        messages={"day form": f"'{{day}}' does not match {meaning}"},
        handling={
            "day": words.fill(
                """\
def day(iso, inner=day):
    d = date.fromisoformat(inner(iso))
    return $expression
""",
                expression=expression,
            )
        },
        gold=words.fill(
            "$library: days given to session.$list_events() are strings $meaning, for a date d: $expression.",
            meaning=meaning.partition(" (")[0],
            expression=expression,
        ),
        told=(meaning,),
        errors={"day": "DayError"},
    )


DAY_FORM: Final = Family(name="day form", rule=DayForms, make=_make)
