"""Every example runs as a user starts it, from an empty folder; programs really run in the sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.llm.provider_server import Exchange, openai_answer, provider_server

from tta_dev_primitives.sandbox import Isolation
from tta_dev_primitives.sandbox.local import probe
from tta_dev_primitives.settings import CREDENTIALS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples"

TELLING: dict[str, Sequence[str]] = {
    "api_client": (
        "raised PermissionError (line 12): wrong credentials; the scheme is Token",
        "the client waited 3001.0 s, of which answers asked for 3.0 s; 60 s are enough in all",
        "attempt 3: passed",
        "learned: Retry-After of the parcel service is in milliseconds",
        "attempt 1: passed\n  strategies used: str-00001, str-00002",
        "Strategies in the playbook: 2",
    ),
    "data_processing": (
        "ValueError (line 13): could not convert string to float: 'n/a'",
        "ValueError (line 13): could not convert string to float: '10,4'",
        r"actual output: 'station,mean,outliers\nAshby,12.00,2\nCorby,9.80,1'",
        "attempt 4: passed",
        "attempt 1: passed\n  strategies used: str-00001, str-00002",
    ),
    "debugging": (
        "Fix this failing test. Money is rounded half up.",
        "still fails: test_half_a_cent_is_rounded_up: AssertionError: vat(10.70) is 2.67",
        "learned: To round money half up, make a Decimal of str(value)",
        "attempt 1: passed\n  strategies used: str-00001",
    ),
    "performance": (
        "correct and faster, but its time grows too fast with n, above n^1.5: a constant factor",
        "of the given code over ",
        "attempt 2: passed\n    median 0.",
        "strategies used: str-00001",
    ),
    "refinement": (
        "most_common([]) raised ValueError",
        "Examine: failed\n    | nothing was objected, but the program is wrong",
        "learned: Try an input for which there is nothing to return",
        "in the end: wrong",
        "Examine: passed\n  Generate: passed\n  Optimise: failed\n    | correct, but too slow",
        "learned: `item in list` and list.count() look at the whole list each time",
        "in the end: right",
        "Examine: passed\n  Generate: passed\n  Optimise: passed\n    | ",
        "times as fast\n  in the end: right",
    ),
    "seahorse_emoji": (
        "actual output: 'seahorse: U+1F40E HORSE'",
        "answer: seahorse: there is none",
        "learned: Check with unicodedata.lookup(NAME)",
        "answer: dragonfly: there is none\n  answer: octopus: U+1F419 OCTOPUS\n  strategies used: str-00001",
    ),
}
DEMO: Sequence[str] = (
    "recorded answers of a large language model",
    "and replayed",
    "All code really runs, in the sandbox, now (isolation: ",
    "Pass 3: the unseen tasks, learned playbook",
    "what it learned: ",
    "First-try success on unseen tasks: ",
)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def run(example: str, folder: Path, *options: str, **environment: str) -> Ran:
    unset = {*CREDENTIALS, "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"}
    kept = {k: v for k, v in os.environ.items() if k not in unset and not k.startswith("PLAYBOX_")}
    done = subprocess.run(  # noqa: S603  # our own interpreter and examples
        [sys.executable, "-W", "error", str(FOLDER / f"{example}.py"), *options],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != ".playbox"]


def test_every_example_is_run_here() -> None:
    found = {path.stem for path in FOLDER.glob("[!_]*.py")}
    assert found == {*TELLING, "ace_e2b_demo", "sandbox_sessions"}


@pytest.mark.parametrize("example", TELLING)
def test_what_the_first_task_taught_is_used_in_the_second(example: str, tmp_path: Path) -> None:
    ran = run(example, tmp_path, "--scripted")

    assert (ran.code, ran.err) == (0, "")
    assert "scripted answers, no model is asked. The programs really run." in ran.out
    where = -1
    for line in TELLING[example]:
        where = ran.out.find(line, where + 1)
        assert where >= 0, f"{line!r} is not in, or not in its place in\n{ran.out}"
    assert left_in(tmp_path) == []


def test_the_demonstration_replays_its_recording(tmp_path: Path) -> None:
    ran = run("ace_e2b_demo", tmp_path)

    assert (ran.code, ran.err.count("Traceback")) == (0, 0), ran.err
    said = " ".join(ran.out.replace("│", " ").split())  # the text stands in a box, broken into lines
    assert [line for line in DEMO if line not in said] == []
    assert left_in(tmp_path) == []


@pytest.mark.skipif(probe().isolation is not Isolation.NAMESPACES, reason="sessions need user namespaces")
def test_fixes_are_tried_from_one_checkpoint(tmp_path: Path) -> None:
    ran = run("sandbox_sessions", tmp_path)

    assert (ran.code, ran.err) == (0, "")
    assert "run: 'working', exit code 3, namespaces" in ran.out
    assert "session: 3 rows are loaded" in ran.out
    assert ran.out.rstrip().endswith("kept: total is 200")


@pytest.mark.parametrize("example", TELLING)
def test_without_a_model_there_is_one_clear_message(example: str, tmp_path: Path) -> None:
    ran = run(example, tmp_path)

    assert ran.code != 0
    assert ran.err.startswith("error: no model is configured: set PLAYBOX_MODEL, ")
    assert ran.err.count("no model is configured") == 1
    assert "Traceback" not in ran.err
    assert left_in(tmp_path) == []


def sure_of_it(exchange: Exchange) -> None:
    """Claim an emoji whatever the run says, and learn nothing."""
    reflecting = "'diagnosis': {" in str(exchange.body)
    answer: dict[str, object] = {"plan": "I know it.", "code": "print('seahorse: U+1F40E')"}
    openai_answer({"diagnosis": "Unknown."} if reflecting else answer)(exchange)


def test_a_configured_model_is_asked_and_its_failures_are_told(tmp_path: Path) -> None:
    with provider_server(sure_of_it) as provider:
        url = f"{provider.url}/v1"
        ran = run(
            "seahorse_emoji", tmp_path, "--model", "openai:any", OPENAI_API_KEY="k", OPENAI_BASE_URL=url
        )

    assert (ran.code, ran.err) == (0, "")
    assert "scripted" not in ran.out
    assert ran.out.count("attempt 3: tests_failed") == 2
    assert len(provider.asked) == 8
    assert (tmp_path / ".playbox" / "playbook.db").is_file()


@pytest.mark.parametrize("example", ["api_client", "ace_e2b_demo"])
def test_a_wrong_model_is_a_clear_message(example: str, tmp_path: Path) -> None:
    ran = run(example, tmp_path, "--model", "opneai:gpt")

    assert ran.code != 0
    assert "did you mean 'openai'?" in ran.err
    assert "Traceback" not in ran.err
