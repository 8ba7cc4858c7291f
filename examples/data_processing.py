"""Use case 2: cleaning CSV data, with missing values and outliers, that learns what the data is really like.

    python examples/data_processing.py [--model MODEL | --scripted]

A program prints a table, and properties of it are checked: its columns, its order, that no station is
missing, that every value can be a temperature. All of it is known here, so it is compared as well, also with
another file of the same form that no model is told of: printing remembered numbers does not pass.
"""

from __future__ import annotations

from _show import Answers, start, tell, watched
from tta_dev_primitives.learners.data_processing import (
    DataProcessingLearner,
    DataTask,
    NoMissing,
    Property,
    SameValues,
    Schema,
    SortedBy,
    Unique,
    Within,
)
from tta_dev_primitives.llm import Role

RULES = """
readings.csv comes from weather stations: columns time, station, celsius. Some values are missing. Of each
station, leave out missing values first; then leave out outliers: values more than 8 degrees from the median
of what is left.
"""

SAMPLE = """time,station,celsius
09:00,Ashby,11.5
09:00,Corby,9.0
10:00,Ashby,12.5
10:00,Corby,n/a
11:00,Ashby,-999
11:00,Corby,10.0
12:00,Ashby,48.0
12:00,Corby,"10,4"
13:00,Ashby,
13:00,Corby,-999
"""

OTHER = """time,station,celsius
09:00,Dalby,-999
10:00,Dalby,"-3,5"
11:00,Dalby,-999
12:00,Dalby,-2.5
13:00,Dalby,n/a
14:00,Dalby,-999
15:00,Dalby,20.0
16:00,Dalby,-3.0
"""

COMMON: tuple[Property, ...] = (
    Unique(columns=("station",)),
    SortedBy(columns=("station",)),
    SameValues(column="station", file="readings.csv", of="station"),
    NoMissing(),
)
MEANS = DataTask(
    task="Process the CSV file readings.csv with missing values and outliers. Print a row per station: the "
    "station, the mean with two decimals, the number of outliers left out.",
    context=RULES,
    files={"readings.csv": SAMPLE},
    properties=(
        Schema(columns={"station": "text", "mean": "number", "outliers": "integer"}),
        *COMMON,
        Within(column="mean", lowest=-60, highest=60),
        Within(column="outliers", lowest=0, highest=1),
    ),
    expected_output="station,mean,outliers\nAshby,12.00,1\nCorby,9.80,0\n",
    hidden_outputs=[
        {"files": {"readings.csv": OTHER}, "expected_output": "station,mean,outliers\nDalby,-3.00,1\n"}
    ],
    max_iterations=4,
    family="station readings",
)
RANGES = DataTask(
    task="Process the CSV file readings.csv with missing values and outliers. Print a row per station: the "
    "station, the lowest and the highest value with one decimal, the number of missing values.",
    context=RULES,
    files={"readings.csv": SAMPLE},
    properties=(
        Schema(columns={"station": "text", "lowest": "number", "highest": "number", "missing": "integer"}),
        *COMMON,
        Within(column="lowest", lowest=-60, highest=60),
    ),
    expected_output="station,lowest,highest,missing\nAshby,11.5,12.5,2\nCorby,9.0,10.4,2\n",
    hidden_outputs=[
        {
            "files": {"readings.csv": OTHER},
            "expected_output": "station,lowest,highest,missing\nDalby,-3.5,-2.5,4\n",
        }
    ],
    family="station readings",
)


async def main(learner: DataProcessingLearner) -> None:
    """Answer two questions about the same kind of data."""
    for task in (MEANS, RANGES):
        print(task.task)
        tell(await learner.execute(task, watched("data-processing")))


READ = """
import csv
from collections import defaultdict
from statistics import mean, median

MISSING = {"", "n/a", "-999"}
kept, missing = defaultdict(list), defaultdict(int)
with open("readings.csv", newline="") as file:
    for row in csv.DictReader(file):
        if row["celsius"] in MISSING:
            missing[row["station"]] += 1
        else:
            kept[row["station"]].append(float(row["celsius"].replace(",", ".")))
for station, values in sorted(kept.items()):
    middle = median(values)
    good = [value for value in values if abs(value - middle) <= 8]
"""
COMMAS = '.replace(",", ".")'
MEAN_HEADER = READ.replace("for station,", 'print("station,mean,outliers")\nfor station,')
RANGE_HEADER = READ.replace("for station,", 'print("station,lowest,highest,missing")\nfor station,')
PRINT_MEAN = '    print(station, f"{mean(good):.2f}", len(values) - len(good), sep=",")\n'
PRINT_RANGE = '    print(station, f"{min(good):.1f}", f"{max(good):.1f}", missing[station], sep=",")\n'
NO_NUMBERS = "Station readings write missing values in three ways: an empty field, `n/a` and the number -999."
COMMA = (
    "Numbers in station readings can have a decimal comma, as in `10,4`: replace it before calling float()."
)

ANSWERS: Answers = {
    Role.GENERATOR: (
        {
            "plan": "Skip what is empty.",
            "code": MEAN_HEADER.replace(', "n/a", "-999"', "").replace(COMMAS, "") + PRINT_MEAN,
        },
        {
            "plan": "Skip n/a too.",
            "code": MEAN_HEADER.replace(', "-999"', "").replace(COMMAS, "") + PRINT_MEAN,
        },
        {"plan": "Take decimal commas.", "code": MEAN_HEADER.replace(', "-999"', "") + PRINT_MEAN},
        {"plan": "-999 is missing, no outlier.", "code": MEAN_HEADER + PRINT_MEAN},
        {"plan": "As learned.", "code": RANGE_HEADER + PRINT_RANGE, "strategies": ["str-00001", "str-00002"]},
    ),
    Role.REFLECTOR: (
        {
            "diagnosis": "float() failed on n/a and on 10,4; -999 was counted as an outlier.",
            "insights": [
                {"kind": "pitfall", "content": NO_NUMBERS, "keywords": ["csv", "missing", "station"]},
                {"kind": "pitfall", "content": COMMA, "keywords": ["csv", "station", "decimal"]},
            ],
        },
    ),
}

if __name__ == "__main__":
    start(DataProcessingLearner, main, __doc__, ANSWERS)
