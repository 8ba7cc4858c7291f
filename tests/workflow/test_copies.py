from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.workflow.copies import copies_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=10,
)


@dataclass
class Row:
    cells: list[int] = field(default_factory=list[int])


class Picky:
    """Can be pickled but not read back."""

    def __init__(self, first: int) -> None:
        self.rows = [first]

    def __reduce__(self) -> tuple[type[Picky], tuple[()]]:
        return (Picky, ())

    def __deepcopy__(self, memo: dict[int, object]) -> Picky:
        return Picky(self.rows[0])


@given(JSON)
def test_a_copy_is_equal(value: object) -> None:
    assert copies_of(value)() == value


def test_a_copy_is_of_the_value_as_it_was_and_changes_nothing_else() -> None:
    row = Row([1])
    copied = copies_of(row)
    row.cells.append(2)
    first = copied()
    first.cells.append(3)
    assert copied() == Row([1])


def test_what_cannot_be_pickled_is_copied_in_the_other_way() -> None:
    @dataclass
    class Local:
        row: Row

    value = Local(Row([1]))
    copied = copies_of(value)
    value.row.cells.append(2)
    copied().row.cells.append(3)
    assert copied().row == Row([1])
    assert copies_of(Picky(7))().rows == [7]


def test_what_can_be_copied_in_neither_way_raises() -> None:
    with pytest.raises(TypeError, match="lock"):
        copies_of(threading.Lock())
