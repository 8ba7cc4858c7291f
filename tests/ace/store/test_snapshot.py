"""The text of a snapshot."""

from __future__ import annotations

import json

from hypothesis import given, settings

from tests.ace.making import histories
from tta_dev_primitives.ace.events import Recorded
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import snapshot


@given(histories())
@settings(deadline=None, max_examples=60)
def test_what_is_read_is_what_was_written(history: tuple[Recorded, ...]) -> None:
    playbook = Playbook.fold(history)
    text = snapshot.written(playbook)

    assert snapshot.read(text) == snapshot.read(text, whole=True) == playbook
    read = snapshot.read(text)
    assert read is not None
    assert snapshot.read(snapshot.written(read)) == playbook


@given(histories())
@settings(deadline=None, max_examples=30)
def test_a_snapshot_of_before_there_were_chunks_is_read(history: tuple[Recorded, ...]) -> None:
    playbook = Playbook.fold(history)
    head, *lines = snapshot.written(playbook).split("\n")
    outline = {name: value for name, value in json.loads(head).items() if name not in {"form", "chunks"}}
    old = json.dumps({**outline, "bullets": [json.loads(line) for line in lines]})

    assert snapshot.read(old) == playbook


def test_what_cannot_be_understood_is_passed_over() -> None:
    text = snapshot.written(Playbook())
    outline = json.loads(text)
    of_another_form = json.dumps({**outline, "form": "other", "chunks": [{"ids": ["a"], "live": 1}]})

    assert snapshot.read("{}") is None
    assert snapshot.read(f"{text}\n{{}}") is None
    assert snapshot.read(f'{of_another_form}\n{{"id": "a", "unknown": 1}}') is None
