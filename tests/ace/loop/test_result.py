"""A result reads as the dict that it stands for."""

from __future__ import annotations

import json

import pytest

from tta_dev_primitives.ace import LearningResult

FIELDS: dict[str, object] = {
    "result": "42\n",
    "code_generated": "print(42)",
    "execution_success": True,
    "strategies_learned": 1,
    "playbook_size": 3,
    "improvement_score": 0.25,
    "learning_summary": "learned one strategy",
    "verdict": "passed",
    "unchecked": False,
    "score": 1.0,
    "feedback": "",
    "attempts": 1,
    "strategies_used": ("str-00001",),
    "learned": ("str-00003",),
    "task_id": "t",
    "episode_id": "r/t",
    "model": "a-model",
    "replayed": False,
    "isolation": "namespaces",
    "tokens": 900,
    "calls": 2,
    "usd": None,
}
RESULT = LearningResult.model_validate(FIELDS)
NAMES = list(LearningResult.model_fields)


def test_it_iterates_over_its_names() -> None:
    assert list(RESULT) == NAMES
    assert [name for name in RESULT if name == "usd"] == ["usd"]
    assert set(RESULT) == set(RESULT.keys())
    assert len(RESULT) == len(NAMES) == len(RESULT.keys())


def test_it_has_keys_values_and_items() -> None:
    keywords: dict[str, object] = {**RESULT}
    assert dict(RESULT.items()) == dict(RESULT) == keywords == RESULT.model_dump()
    assert list(RESULT.values()) == [RESULT[name] for name in NAMES]
    assert ("verdict", "passed") in RESULT.items()
    assert dict(zip(RESULT, RESULT.values(), strict=True)) == dict(RESULT)


def test_get_and_in_know_the_names_alone() -> None:
    assert "usd" in RESULT
    assert "model_dump" not in RESULT
    assert RESULT.get("score") == 1.0
    assert RESULT.get("usd", 7) is None
    assert RESULT.get("no_such") is None
    assert RESULT.get("no_such", 7) == RESULT.get("model_dump", 7) == 7


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="'no_such' is not a result; there are result, code_generated"):
        RESULT["no_such"]


def test_it_can_be_written_as_json() -> None:
    told = json.loads(json.dumps(dict(RESULT)))
    assert told == json.loads(RESULT.model_dump_json())
    assert told["strategies_used"] == ["str-00001"]


def test_it_is_true_and_equal_to_its_copy_and_reads_by_attribute() -> None:
    assert RESULT
    assert LearningResult.model_validate(dict(RESULT)) == RESULT == RESULT.model_copy()
    assert all(getattr(RESULT, name) == RESULT[name] for name in RESULT)


def test_it_is_read_only() -> None:
    with pytest.raises(TypeError):
        RESULT["result"] = "other"  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    with pytest.raises(ValueError, match="frozen"):
        RESULT.result = "other"  # pyright: ignore[reportAttributeAccessIssue]
