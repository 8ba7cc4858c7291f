from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType

import pytest

from tests.bench.environments.conftest import SEEDS
from tta_dev_primitives.ace.content import tokens
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.bench.environments import Environment, make_environment
from tta_dev_primitives.bench.environments.checking import check, promises_broken
from tta_dev_primitives.bench.environments.families import FAMILIES
from tta_dev_primitives.bench.environments.world import draw_world
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.sandbox import LocalSandbox


def messages(environment: Environment, family: str) -> list[re.Pattern[str]]:
    """The messages of a quirk, whatever facts stand in them."""
    quirk = next(quirk for quirk in environment.quirks if quirk.family == family)
    pieces = [re.split(r"\{.*?\}", text) for text in quirk.messages.values()]
    return [re.compile(".*".join(map(re.escape, parts))) for parts in pieces]


def test_an_environment_is_as_promised(environment: Environment) -> None:
    assert promises_broken(environment) == ()
    assert (len(environment.train), len(environment.test)) == (8, 8)
    assert len({task.task for task in (*environment.train, *environment.test)}) == 16


async def test_every_claim_of_a_task_holds_in_the_sandbox() -> None:
    sandbox = LocalSandbox()
    try:
        checked = await check(make_environment(9, train=4, test=1), sandbox)
    finally:
        await sandbox.aclose()
    assert checked.broken == ()
    assert checked.programs >= 5 * 2 * 4


async def test_a_claim_that_does_not_hold_is_told() -> None:
    environment, sandbox = make_environment(9, train=4, test=1), LocalSandbox()
    task = environment.test[0]
    swapped = replace(task, informed=task.naive, naive=task.informed, lacking={})
    try:
        checked = await check(replace(environment, test=(swapped,)), sandbox)
    finally:
        await sandbox.aclose()
    told = {line.partition(" with ")[0] for line in checked.broken}
    assert told == {f"{task.id}: informed fails", f"{task.id}: naive passes"}


def test_what_is_not_as_promised_is_told() -> None:
    good = make_environment(17)
    wordy = replace(good.quirks[0], gold=" ".join(["word"] * 1001))
    for wrong, told in (
        (replace(good, test=good.train), "are needed together in training and in testing"),
        (replace(good, train=good.train[:1]), "no training task needs "),
        (replace(good, quirks=good.quirks[:3]), "3 quirks of 3 families"),
        (replace(good, quirks=(wordy, *good.quirks[1:])), "too long: word word"),
        (replace(good, quirks=(wordy, *good.quirks[1:])), "the gold sentences have "),
        (replace(good, test=(replace(good.test[0], families=frozenset({"held"})),)), "test-"),
    ):
        assert told in "\n".join(promises_broken(wrong)), told


def test_who_misses_a_quirk_is_told_about_it_or_sees_wrong_values(environment: Environment) -> None:
    trial = draw_world(environment.seed).trial(1)
    for task in environment.train:
        for family, program in task.lacking.items():
            outcome = trial.run(program)
            told = f"{outcome.error}\n{outcome.stderr}"
            silent = family == "units" and not outcome.error
            assert silent or any(pattern.search(told) for pattern in messages(environment, family)), family


def test_there_are_twelve_families_and_more_and_each_comes_about() -> None:
    drawn = [quirk.family for seed in range(40) for quirk in draw_world(seed).quirks]
    assert len(FAMILIES) >= 12
    assert all(drawn.count(family.name) >= 5 for family in FAMILIES)
    assert all(8 <= len(draw_world(seed).quirks) <= 12 for seed in range(40))


def test_the_seeds_of_these_tests_have_all_families() -> None:
    drawn = {quirk.family for seed in SEEDS for quirk in draw_world(seed).quirks}
    assert drawn == {family.name for family in FAMILIES}


def test_the_documentation_and_the_tasks_are_silent_on_the_quirks(environment: Environment) -> None:
    shown = "\n".join(
        [environment.documentation, *(task.task for task in (*environment.train, *environment.test))]
    )
    told = [word for quirk in environment.quirks for word in quirk.told]
    assert [word for word in told if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", shown)] == []
    own = [method.role for quirk in environment.quirks for method in quirk.methods]
    names = draw_world(environment.seed).words.names
    assert [role for role in own if f"{names[role]}(" in environment.documentation] == []
    assert len(environment.documentation) < 3000


def test_gold_names_the_library_and_is_short(environment: Environment) -> None:
    assert all(sentence.startswith(f"{environment.name}: ") for sentence in environment.gold)
    assert not any("$" in sentence for sentence in environment.gold)
    assert tokens("\n".join(environment.gold)) < 1000


def test_gold_speaks_of_what_the_library_has(environment: Environment, library: ModuleType) -> None:
    named = {name for sentence in environment.gold for name in re.findall(r"session\.(\w+)\(", sentence)}
    errors = {
        name
        for sentence in environment.gold
        for name in re.findall(rf"{environment.name}\.(\w+Error)", sentence)
    }
    assert named
    assert [name for name in sorted(named) if not hasattr(library.Session, name)] == []
    assert [name for name in sorted(errors) if not hasattr(library, name)] == []


def test_answers_are_long_enough_and_differ_between_the_editions(environment: Environment) -> None:
    for task in (*environment.train, *environment.test):
        assert len(task.expected_output.strip()) >= 5
        assert task.expected_output != task.hidden_output


def test_a_task_becomes_an_input_of_the_loop(environment: Environment) -> None:
    task = environment.train[0]
    parsed = parse_task(task.as_input("online/"))
    assert parsed.id == f"online/{environment.name}-train-1"
    assert (parsed.task, parsed.context, parsed.family) == (
        task.task,
        environment.documentation,
        environment.name,
    )
    assert (parsed.expected_output, parsed.max_iterations) == (task.expected_output, 3)
    assert parsed.files == environment.files
    assert parsed.hidden[0].expected_output == task.hidden_output
    assert parsed.hidden[0].files == environment.library.hidden_files != environment.files


def test_more_tasks_than_combinations_share_them_on_their_side_only() -> None:
    environment = make_environment(3, train=20, test=12)
    assert promises_broken(environment) == ()
    assert (len(environment.train), len(environment.test)) == (20, 12)


def test_too_few_tasks_to_learn_all_quirks_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="no 2 tasks to train and 8 to test"):
        make_environment(3, train=2, test=8)
