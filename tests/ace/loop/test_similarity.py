from __future__ import annotations

from tests.ace.loop.making import playbook
from tta_dev_primitives.ace.bullet import Trigger
from tta_dev_primitives.ace.similarity import similar

NOTHING = Trigger()
BOOK = playbook(
    "Call `session.renew()` after `BusyError`, then repeat the read.",
    "Parcel weights are tenths of an ounce.",
    "Page numbers start at seven.",
)


def test_a_paraphrase_with_the_same_names_is_near() -> None:
    near = similar("When BusyError comes up, first use session.renew and read again.", NOTHING, BOOK.active)

    assert [bullet.alias for bullet in near] == ["str-00001"]


def test_an_unrelated_lesson_is_near_to_nothing() -> None:
    assert not similar("Close the depot's ledger before midnight.", NOTHING, BOOK.active)


def test_the_same_error_signature_makes_near() -> None:
    trigger = Trigger(error_signatures=("PageError",))
    book = playbook("Pages start at seven.").active[0].model_copy(update={"trigger": trigger})

    assert similar("Something worded quite differently.", trigger, [book])
    assert not similar("Something worded quite differently.", NOTHING, [book])
