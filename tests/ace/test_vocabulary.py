"""The words of a domain: found where they are mentioned."""

from __future__ import annotations

from tta_dev_primitives.ace.bullet import Trigger
from tta_dev_primitives.ace.vocabulary import Vocabulary

WORDS = Vocabulary(
    libraries=("pandas", "numpy"), error_signatures=("KeyError",), keywords=("duplicate", "merge", "na")
)


def test_an_entry_is_found_by_itself_and_not_within_another_word() -> None:
    found = WORDS.found_in("Pandas drops a DUPLICATE after merge_asof; banana; raised KeyError: 'x'")

    assert found == Trigger(
        libraries=("pandas",), error_signatures=("KeyError",), keywords=("duplicate", "merge")
    )
