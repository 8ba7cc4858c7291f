"""What each property takes for true, on tables as the host reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tta_dev_primitives.learners.data_processing import (
    Idempotent,
    NoMissing,
    Property,
    RowCount,
    SameValues,
    Schema,
    SortedBy,
    SumPreserved,
    Unique,
    Within,
)
from tta_dev_primitives.learners.data_processing.table import Form, NoTableError, Table, number, read_table

SALES = read_table("shop,sold\nA,1.5\nB,2\nA,0.5\nB,n/a\n", Form.CSV)
SUMS = "shop,total\nA,2.0\nB,2\n"


def fault(one: Property, text: str, form: Form = Form.CSV) -> str | None:
    return one.fault(read_table(text, form), {"sales.csv": SALES})


@pytest.mark.parametrize(
    ("one", "holds", "fails", "why"),
    [
        (
            Schema(columns={"shop": "text", "total": "number"}),
            SUMS,
            "total,shop\n2,A\n",
            "the columns are ['total', 'shop'], not ['shop', 'total']",
        ),
        (
            Schema(columns={"day": "date", "n": "integer"}),
            "day,n\n2024-02-29,3.0\n,4\n",
            "day,n\n2023-02-29,3\n",
            "day of row 1 is '2023-02-29', which is no date",
        ),
        (Schema(columns={"n": "integer"}), "n\n3\n", "n\n3.5\n", "n of row 1 is '3.5', which is no integer"),
        (RowCount(like="sales.csv"), "a\n1\n2\n3\n4\n", SUMS, "there are 2 rows, sales.csv has 4"),
        (RowCount(at_least=1, at_most=2), SUMS, "a\n1\n2\n3\n", "there are 3 rows; wanted: at least 1 rows"),
        (Unique(columns=("shop",)), SUMS, "shop\nA\nB\nA\n", "shop 'A' is in 2 rows"),
        (Unique(columns=("n",)), "n\n1\n2\n", "n\n1\n1.0\n", "n '1' is in 2 rows"),
        (SortedBy(columns=("n",)), "n\n9\n10\n10\n", "n\n10\n9\n", "row 2 is out of order"),
        (SortedBy(columns=("n",), descending=True), "n\n10\n9\n", "n\n9\n10\n", "row 2 is out of order"),
        (SortedBy(columns=("a", "n")), "a,n\nx,2\nx,10\ny,1\n", "a,n\nx,10\nx,2\n", "row 2 is out of order"),
        (NoMissing(), SUMS, "shop,total\nA,nan\n", "total of row 1 is missing: 'nan'"),
        (NoMissing(columns=("shop",)), "shop,x\nA,\n", "shop,x\n,1\n", "shop of row 1 is missing: ''"),
        (Within(column="n", lowest=0, highest=1), "n\n0\n1\n\n", "n\n2\n", "n of row 1 is '2'"),
        (
            SumPreserved(column="total", file="sales.csv", of="sold"),
            SUMS,
            "shop,total\nA,2.0\n",
            "the sum of total is 2.0; wanted: the sum of total is that of sold in sales.csv, which is 4.0",
        ),
        (SameValues(column="shop", file="sales.csv", of="shop"), SUMS, "shop\nA\n", "shop has no 'B'"),
        (
            SameValues(column="shop", file="sales.csv", of="shop"),
            "shop\nA\nB\nB\n",
            "shop\nA\nB\nC\n",
            "shop has 'C', which is not in sales.csv",
        ),
        (Unique(columns=("id",)), "id\n1\n", SUMS, "there is no column 'id'; the columns are"),
    ],
)
def test_it_holds_or_says_why_not(one: Property, holds: str, fails: str, why: str) -> None:
    assert fault(one, holds) is None
    assert why in str(fault(one, fails))


def test_idempotence_is_a_matter_of_two_outputs() -> None:
    one, first = Idempotent(file="sales.csv"), read_table(SUMS, Form.CSV)

    assert one.between(first, first) is None
    assert "2 rows become 0" in str(one.between(first, read_table("shop,total\n", Form.CSV)))
    assert "row 2 changes" in str(one.between(first, read_table(SUMS.replace("B", "C"), Form.CSV)))
    assert "the columns become ['x']" in str(one.between(first, read_table("x\n1\n", Form.CSV)))


@pytest.mark.parametrize(
    ("text", "form", "why"),
    [
        ("", Form.CSV, "it is empty"),
        ("a,a\n1,2\n", Form.CSV, "same name"),
        ("a,b\n1\n", Form.CSV, "row 1 has 1 fields, the header has 2"),
        ('a\n"x', Form.CSV, "it is no CSV"),
        ('{"a": 1}\n{"b": 1}\n', Form.JSON_LINES, "row 2 has other keys than the first: b"),
        ("[1]\n", Form.JSON_LINES, "row 1 is no JSON object"),
        ("[" * 100_000, Form.JSON_LINES, "row 1 is no JSON object"),
    ],
)
def test_what_is_no_table_is_refused_with_the_place(text: str, form: Form, why: str) -> None:
    with pytest.raises(NoTableError, match=why):
        read_table(text, form)


def test_json_lines_are_a_table() -> None:
    table = read_table('{"a": 1, "b": null}\n\n{"a": 2.5, "b": "x"}\n', Form.JSON_LINES)

    assert table == Table(columns=("a", "b"), rows=({"a": 1, "b": None}, {"a": 2.5, "b": "x"}))
    assert "b of row 1 is missing" in str(NoMissing().fault(table, {}))


@given(st.lists(st.integers(-(10**6), 10**6)))
def test_sorting_makes_sorted(values: list[int]) -> None:
    one = SortedBy(columns=("n",))
    text = "\n".join(["n", *map(str, sorted(values))])

    assert fault(one, text) is None


@given(
    st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000))
)
def test_splitting_a_sum_preserves_it(values: list[object]) -> None:
    table = read_table("\n".join(["x", *map(str, values)]), Form.CSV)
    halves = read_table("\n".join(["x", *(f"{float(str(v)) / 2!r}" for v in values * 2)]), Form.CSV)

    assert SumPreserved(column="x", file="in.csv", of="x").fault(halves, {"in.csv": table}) is None


@given(st.text(max_size=20) | st.floats() | st.integers() | st.booleans() | st.none())
def test_whatever_a_cell_holds_it_is_a_finite_number_or_none(cell: str | float | None) -> None:
    value = number(cell)

    assert value is None or value.is_finite()


def test_numbers_that_would_cost_the_host_much_are_text() -> None:
    assert number("1e999999999") is None
    assert number("9" * 1000) is None
    assert number(10**5000) is None


def test_a_property_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValidationError):
        Unique(columns=())
