from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.demo.running import Outcome, Runner, find_python, subprocess_runner
from tests.demo.solutions import ALL_QUIRKS, QUIRKS, defensive, informed, missing, naive, program
from tests.demo.strategies import STRATEGIES
from tests.demo.truth import oracle

from tta_dev_primitives.demo import (
    DOCUMENTATION,
    LEARNING_TASKS,
    LIBRARY_FILES,
    RECHECK_FILES,
    TEST_TASKS,
    DemoTask,
    as_input,
)

TASKS = {task.id: task for task in (*LEARNING_TASKS, *TEST_TASKS)}
EDITIONS = {"shown": LIBRARY_FILES, "recheck": RECHECK_FILES}


def expected(task: DemoTask, edition: str) -> str:
    return task.expected_output if edition == "shown" else task.recheck_output


def solved(outcomes: Mapping[str, Outcome], edition: str) -> list[str]:
    """The names of programs, "<task id> ...", that print what is expected."""
    return [
        name
        for name, outcome in outcomes.items()
        if outcome.passes(expected(TASKS[name.split()[0]], edition))
    ]


def slipped(outcomes: Mapping[str, Outcome]) -> list[str]:
    """The names of programs that failed by a mistake of their own and not by a quirk."""
    slips = {"NameError", "TypeError", "SyntaxError", "AttributeError", "UnboundLocalError", "KeyError"}
    return [name for name, outcome in outcomes.items() if outcome.error.split(":")[0] in slips]


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_expected_outputs_are_those_of_the_books(run: Runner, edition: str) -> None:
    outcomes = run({task_id: oracle(task_id) for task_id in TASKS}, EDITIONS[edition])
    assert {task_id: outcome.stdout for task_id, outcome in outcomes.items()} == {
        task_id: expected(task, edition) for task_id, task in TASKS.items()
    }


@pytest.mark.parametrize("edition", EDITIONS)
def test_knowing_the_quirks_solves_every_task(run: Runner, edition: str) -> None:
    needed = run({task_id: informed(task_id) for task_id in TASKS}, EDITIONS[edition])
    everything = run({task_id: program(task_id, ALL_QUIRKS) for task_id in TASKS}, EDITIONS[edition])
    for outcomes in (needed, everything):
        assert solved(outcomes, edition) == list(TASKS)


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_documentation_alone_solves_no_task(run: Runner, edition: str) -> None:
    outcomes = run({task_id: naive(task_id) for task_id in TASKS}, EDITIONS[edition])
    assert solved(outcomes, edition) == []


@pytest.mark.parametrize("edition", EDITIONS)
def test_defensive_habits_solve_no_task(run: Runner, edition: str) -> None:
    outcomes = run({task_id: defensive(task_id) for task_id in TASKS}, EDITIONS[edition])
    assert solved(outcomes, edition) == []
    assert slipped(outcomes) == []


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("guessing", [False, True])
def test_every_quirk_that_a_task_claims_is_needed(run: Runner, edition: str, *, guessing: bool) -> None:
    missing_one = {
        f"{task_id} without {quirk}": missing(task_id, quirk, guessing=guessing)
        for task_id, quirks in QUIRKS.items()
        for quirk in sorted(quirks)
    }
    outcomes = run(missing_one, EDITIONS[edition])
    assert solved(outcomes, edition) == []
    assert slipped(outcomes) == []


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_outputs_are_the_same_in_every_run_and_on_every_python(version: str) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no working python{version} on the path")
    programs = {task_id: informed(task_id) for task_id in TASKS}
    for _ in range(3):
        outcomes = subprocess_runner(python)(programs, LIBRARY_FILES)
        assert {task_id: outcome.stdout for task_id, outcome in outcomes.items()} == {
            task_id: task.expected_output for task_id, task in TASKS.items()
        }


def test_the_messages_of_failures_are_the_same_in_every_run(run: Runner) -> None:
    programs = {task_id: naive(task_id) for task_id in TASKS}
    assert run(programs, LIBRARY_FILES) == run(programs, LIBRARY_FILES)


def test_each_loud_quirk_states_its_rule_in_its_first_error(run: Runner) -> None:
    rules = {
        "grid": ("learn-1", "PageError", "700, 735, 770 and so on in steps of 35"),
        "day": ("learn-2", "DayError", "YYYY.DDD"),
        "gate": ("learn-3", "HeldError", ".gate"),
        "eighths": ("learn-4", "AmountError", "eighths of a kilogram"),
        "corrected": ("learn-5", "CorrectedError", "session.correction(1109).amount"),
        "settle": (
            "learn-6",
            "StagedError",
            "'<receipt number>/<mark of the lot as read before the withdrawal>'",
        ),
    }
    outcomes = run(
        {quirk: program(task_id, QUIRKS[task_id] - {quirk}) for quirk, (task_id, *_) in rules.items()},
        LIBRARY_FILES,
    )
    for quirk, (_, error, hint) in rules.items():
        assert outcomes[quirk].error.startswith(f"{error}: ")
        assert hint in outcomes[quirk].error


def test_the_silent_window_is_named_on_stderr(run: Runner) -> None:
    outcome = run({"it": program("learn-2", {"day"})}, LIBRARY_FILES)["it"]
    assert "later than 2031.062 (that day itself is left out)" in outcome.stderr


def test_silent_eighths_show_as_a_plain_factor(run: Runner) -> None:
    outcome = run({"it": program("learn-3", {"gate"})}, LIBRARY_FILES)["it"]
    assert float(outcome.stdout) == 8 * float(TASKS["learn-3"].expected_output)


def test_tasks_differ_in_question_and_in_the_quirks_they_combine() -> None:
    assert len({task.task for task in TASKS.values()}) == 16
    assert len(set(QUIRKS.values())) == 16
    assert all(2 <= len(quirks) <= 3 for quirks in QUIRKS.values())


def test_every_quirk_is_learned_before_it_is_tested() -> None:
    learned = [QUIRKS[task.id] for task in LEARNING_TASKS]
    assert len(LEARNING_TASKS) == len(TEST_TASKS) == 8
    assert frozenset().union(*learned) == frozenset(ALL_QUIRKS)
    assert all(sum(quirk in quirks for quirks in learned) >= 2 for quirk in ALL_QUIRKS)


def test_answers_cannot_be_guessed_and_differ_between_the_editions() -> None:
    for task in TASKS.values():
        assert len(task.expected_output.strip()) >= 6
        assert task.expected_output != task.recheck_output


def test_the_documentation_says_nothing_of_the_quirks() -> None:
    text = DOCUMENTATION.lower()
    told = (
        "release",
        "gate",
        "settle",
        "seal",
        "staged",
        "correct",
        "eighth",
        "yyyy",
        "ddd",
        "kilogram",
        "retry",
        "until the",
    )
    assert [word for word in told if word in text] == []
    assert 15 <= len(DOCUMENTATION.splitlines()) <= 30


def test_a_strategy_for_each_quirk_fits_in_one_short_line() -> None:
    assert set(STRATEGIES) == set(ALL_QUIRKS)
    assert all(
        "\n" not in line and len(line.split()) <= 40 and len(line) <= 240 for line in STRATEGIES.values()
    )


def test_an_input_carries_all_that_a_program_needs() -> None:
    task = LEARNING_TASKS[0]
    assert as_input(task, stage="before") == {
        "id": "before/learn-1",
        "task": task.task,
        "context": DOCUMENTATION,
        "language": "python",
        "files": LIBRARY_FILES,
        "expected_output": task.expected_output,
        "hidden": [{"files": RECHECK_FILES, "expected_output": task.recheck_output}],
        "max_iterations": 3,
        "family": "garnhythe",
    }


def test_the_recheck_library_differs_in_its_data_alone() -> None:
    shown, other = (files["garnhythe.py"].splitlines() for files in (LIBRARY_FILES, RECHECK_FILES))
    assert [pair for pair in zip(shown, other, strict=True) if pair[0] != pair[1]] == [
        (b"EDITION: Final = 1", b"EDITION: Final = 2")
    ]
