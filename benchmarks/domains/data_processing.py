"""Readings of stations: files that look alike, each with some of eight habits that nobody wrote down."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tta_dev_primitives.learners.data_processing import (
    DataProcessingLearner,
    DataTask,
    SameValues,
    Schema,
    SortedBy,
    Unique,
    Within,
)

from .world import TASKS, Quirk, World, craftsman

_QUIRKS = (
    Quirk(
        name="comma",
        lesson="Station readings can have a decimal comma: replace it by a point before float().",
        sign=r"could not convert string to float: '-?\d+,\d+'",
        keywords=("station", "readings"),
    ),
    Quirk(
        name="void",
        lesson="Of stations, a reading of `void` is none: leave the row out.",
        sign="could not convert string to float: 'void'",
        keywords=("station", "readings"),
    ),
    Quirk(
        name="sentinel",
        lesson="The number -999 among readings of a station says that the instrument failed; skip it.",
        sign=r"of row \d+ is '-\d{3}.*wanted: \w+ between",
        keywords=("station", "readings"),
    ),
    Quirk(
        name="spelling",
        lesson="Names of stations vary in case and have blanks around them: strip() and title() them.",
        sign=r"station has ' ",
        keywords=("station", "readings"),
    ),
    Quirk(
        name="numbers",
        lesson="Where stations are numbers, order them as numbers, with key=int, not as text.",
        sign="is out of order; wanted: sorted by station",
        keywords=("station", "readings"),
    ),
    Quirk(
        name="semicolon",
        lesson="Some readings files are separated by semicolons: look at the header for the delimiter.",
        sign="KeyError",
        keywords=("station", "readings"),
    ),
    Quirk(
        name="fahrenheit",
        lesson="A letter F behind a reading marks degrees of the other scale: (value - 32) / 1.8 is celsius.",
        sign=r"could not convert string to float: '[\d.,-]+F'",
        keywords=("station", "celsius"),
    ),
    Quirk(
        name="closing",
        lesson="The closing row called `all` is no station but sums up the file; drop it.",
        sign="station has '[Aa]ll', which is not in",
        keywords=("station", "readings"),
    ),
)
_NAMES = ("Ashby", "Corby", "Derby", "Kirby", "Rugby", "Selby")
_STATISTICS = {"mean": "sum(values) / len(values)", "lowest": "min(values)"}
_PROGRAM = """
import csv
readings = {{}}
with open("{file}", newline="") as file:
    for row in csv.DictReader(file{delimiter}):
        station, text = row["station"]{spelling}, row["celsius"]{comma}
        if text in {skipped} or station in {closing}:
            continue
        {fahrenheit}readings.setdefault(station, []).append(float(text))
print("station,celsius")
for station in sorted(readings{numbers}):
    values = readings[station]
    print(f"{{station}},{{{statistic}}}")
"""


@dataclass(frozen=True, slots=True)
class _Craft:
    quirks: Sequence[Quirk] = _QUIRKS

    def program(self, task: str, known: frozenset[str]) -> str:
        asked = re.search(r"the (mean|lowest) celsius of each station in (\w+\.csv)", task)
        assert asked is not None
        skipped = [*(["void"] if "void" in known else []), *(["-999"] if "sentinel" in known else [])]
        return _PROGRAM.format(
            file=asked[2],
            statistic=_STATISTICS[asked[1]],
            delimiter=', delimiter=";" if ";" in file.readline() + str(file.seek(0)) else ","'
            if "semicolon" in known
            else "",
            spelling=".strip().title()" if "spelling" in known else "",
            comma='.replace(",", ".")' if "comma" in known else "",
            skipped=skipped,
            closing=["all", "All"] if "closing" in known else [],
            fahrenheit='text = (float(text[:-1]) - 32) / 1.8 if text.endswith("F") else text\n        '
            if "fahrenheit" in known
            else "",
            numbers=", key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name)"
            if "numbers" in known
            else "",
        )

    def concerns(self, quirk: Quirk, task: str) -> bool:  # noqa: ARG002  # all play a part
        return "station" in task


def _readings(habits: frozenset[str], source: random.Random) -> tuple[str, Sequence[str]]:
    """Return a file with these habits, and its stations."""
    stations = ["9", "10", "11"] if "numbers" in habits else source.sample(_NAMES, 3)
    rows = [(name, f"{source.randint(-9, 30)}.{source.randint(0, 9)}") for name in stations * 3]
    if "spelling" in habits:
        rows[0] = (f" {rows[0][0].upper()} ", rows[0][1])
    for habit, text in (("void", "void"), ("sentinel", "-999")):
        if habit in habits:
            rows.insert(source.randrange(1, len(rows)), (stations[0], text))
    if "closing" in habits:
        rows.append(("all", "11.5"))
    separator = ";" if "semicolon" in habits else ","
    lines = [separator.join(("station", "celsius"))]
    for name, text in rows:
        shown = text.replace(".", ",") if "comma" in habits else text
        lines.append(separator.join((name, f'"{shown}"')))
    if "fahrenheit" in habits:
        lines[1] = f'{lines[1][:-1]}F"'
    return "\n".join(lines) + "\n", stations


def _task(number: int, source: random.Random) -> DataTask:
    habits = frozenset(source.sample([quirk.name for quirk in _QUIRKS], source.choice((0, 1, 2, 2, 3))))
    if "numbers" in habits:
        habits -= {"spelling", "closing"}
    file = f"{source.choice(('may', 'june', 'july'))}{source.randint(10, 99)}.csv"
    given, stations = _readings(habits, source)
    other, others = _readings(habits, source)
    known = "station\n" + "\n".join(stations) + "\n"
    return DataTask(
        task=f"Print the {source.choice(tuple(_STATISTICS))} celsius of each station in {file}: readings.",
        files={file: given, "stations.csv": known},
        hidden=[{file: other, "stations.csv": "station\n" + "\n".join(others) + "\n"}],
        properties=[
            Schema(columns={"station": "text", "celsius": "number"}),
            Unique(columns=("station",)),
            SortedBy(columns=("station",)),
            Within(column="celsius", lowest=-90, highest=60),
            SameValues(column="station", file="stations.csv", of="station"),
        ],
        family="readings",
        max_iterations=4,
        id=f"readings-{number}",
    )


def _tasks(seed: int) -> list[DataTask]:
    source = random.Random(seed)  # noqa: S311  # no secret
    return [_task(number, source) for number in range(TASKS)]


WORLD = World(
    name="data processing", model=partial(craftsman, _Craft()), tasks=_tasks, learner=DataProcessingLearner
)
