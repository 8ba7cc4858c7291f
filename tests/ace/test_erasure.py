from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ace.making import applied, histories, ids, provenance, rule
from tta_dev_primitives.ace.bullet import Status, Trigger
from tta_dev_primitives.ace.content import Kind, bullet_id
from tta_dev_primitives.ace.delta import MergeBullets
from tta_dev_primitives.ace.erasure import erase, forgotten, is_erased
from tta_dev_primitives.ace.events import Add, Forget, PlaybookEvent, Recorded, Restore, record
from tta_dev_primitives.ace.playbook import Playbook


@given(histories(), st.lists(ids, min_size=1, max_size=3), histories())
def test_an_erased_history_comes_to_the_same_end(
    before: tuple[Recorded, ...], gone: list[str], after: tuple[Recorded, ...]
) -> None:
    there = Playbook.fold(before).bullets  # a store refuses to forget what it does not have
    forget = [
        record(Forget(bullet=name, reason="x"), at=200 + place, run_id="r", actor="user")
        for place, name in enumerate(gone)
        if name in there
    ]
    later = [item.model_copy(update={"at": item.at + 1_000}) for item in after]
    history = [*before, *forget, *later]
    whole = Playbook.fold(history)
    names = forgotten(whole.bullets.values())
    erased = [erase(item, names, whole.bullets) for item in history]
    assert Playbook.fold(erased) == whole
    assert [item.event_id for item in erased] == [item.event_id for item in history]
    assert [erase(item, names, whole.bullets) for item in erased] == erased


def test_what_was_merged_with_it_is_forgotten_too() -> None:
    playbook = applied(rule("said"), rule("said again"), rule("other"))
    playbook = applied(MergeBullets(bullet="str-00001", into="str-00002"), to=playbook)
    for name in playbook.bullets:
        forget = record(Forget(bullet=name, reason="x"), at=playbook.next_at(9), run_id="r", actor="user")
        left = {bullet.content for bullet in playbook.extend([forget]).bullets.values() if bullet.content}
        assert left in ({"other"}, {"said", "said again"})


ADD = Add(
    bullet=bullet_id("general", Kind.RULE, "private"),
    kind=Kind.RULE,
    content="private",
    trigger=Trigger(keywords=("private",)),
    provenance=provenance(),
)
ERASED = erase(record(ADD, at=1, run_id="r", actor="a"), frozenset([ADD.bullet]), {}).event


def test_no_word_is_left() -> None:
    assert is_erased(ERASED)
    assert "private" not in ERASED.model_dump_json()


@pytest.mark.parametrize(
    "event",
    [
        ADD,
        ADD.model_copy(update={"erased": True}),
        ERASED.model_copy(update={"content": "erased: run rm -rf"}),
        ERASED.model_copy(update={"trigger": Trigger(keywords=("rm",))}),
        ERASED.model_copy(update={"erased": False}),
        Restore(
            bullet="b", revision=1, content="erased:abc", status=Status.CANDIDATE, reason="x", erased=True
        ),
    ],
)
def test_a_text_does_not_pass_for_an_erased_one(event: PlaybookEvent) -> None:
    assert not is_erased(event)
