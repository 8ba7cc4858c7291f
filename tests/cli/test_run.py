from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import LESSON, Playbox, model_writing
from tests.cli.in_process_sandbox import InProcessSandbox
from tta_dev_primitives.core.errors import (
    ModelOutputInvalid,
    ModelRefused,
    ModelRejected,
    ModelUnavailable,
    PlayboxError,
    SandboxCrashed,
    SandboxUnavailable,
)
from tta_dev_primitives.llm.types import Role
from tta_dev_primitives.sandbox.local import LocalSandbox
from tta_dev_primitives.testing import ScriptedModel

FAILS_THEN_PASSES = ("print(1 / 0)", "print(0xdeadbeef > 0 and 42)")


def test_a_run_tells_its_attempts_and_its_result(playbox: Playbox) -> None:
    ran = playbox("run", "Print 42", "--expect", "42", model=model_writing(*FAILS_THEN_PASSES))
    assert ran.code == 0
    for told in (
        "no strategy fits this task yet",
        "attempt 1 of 3: writing the program",
        "attempt 1  ✗ runtime error: ZeroDivisionError",
        "division by zero",
        "attempt 2  ✓ passed",
        "reflecting on the real results",
        f"learned    + {LESSON}",
    ):
        assert told in ran.err
    for told in ("print(0xdeadbeef > 0 and 42)", "verdict    ✓ passed", "attempts   2", "isolation  none"):
        assert told in ran.out
    assert "1 strategy in" in ran.out


def test_a_second_run_uses_what_was_learned(playbox: Playbox, learned: Path) -> None:
    again = playbox("run", "Divide by a count", "--playbook", str(learned), model=model_writing("print(1)"))
    assert "1 strategy used: str-00001" in again.err


def test_json_is_one_document_and_progress_stays_off_stdout(playbox: Playbox) -> None:
    ran = playbox("run", "Print 42", "--expect", "42", "--json", model=model_writing(*FAILS_THEN_PASSES))
    document = ran.document
    assert (document["execution_success"], document["attempts"], document["learned"]) == (True, 2, [LESSON])
    assert str(document["playbook"]).endswith("playbook.db")
    assert "attempt 2  ✓ passed" in ran.err


def test_a_program_that_never_passes_exits_with_1(playbox: Playbox) -> None:
    ran = playbox("run", "Print 42", "--expect", "42", model=model_writing(*["print(41)"] * 3))
    assert ran.code == 1
    assert "✗ tests failed" in ran.out
    assert "41" in ran.out


def test_a_task_without_checks_says_so(playbox: Playbox) -> None:
    ran = playbox("run", "Print something", model=model_writing("print(1)"))
    assert ran.code == 0
    assert "no checks" in ran.out


def test_a_run_without_a_terminal_is_plain(playbox: Playbox) -> None:
    ran = playbox("run", "Print 42", model=model_writing("print(42)"))
    assert "\x1b" not in ran.out + ran.err


def test_on_a_terminal_there_are_colours_and_a_spinner(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    ran = playbox("run", "Print 42", "--expect", "42", model=model_writing(*FAILS_THEN_PASSES))
    assert ran.code == 0
    assert "\x1b[" in ran.out
    assert "\x1b[?25h" in ran.err  # the cursor is shown again


@pytest.mark.parametrize("colours", [False, True])
def test_text_of_others_is_neither_markup_nor_a_control_sequence(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch, *, colours: bool
) -> None:
    if colours:
        monkeypatch.setenv("FORCE_COLOR", "1")
    program = "x = '[bold]code[/bold]\u202e'\nprint('\\x1b[2J\\x1b]0;owned\\x07[red]out[/red]')"
    lesson = "Never trust [blink]text\x1b[5m of others."
    ran = playbox("run", "[link]Do[/link]", model=model_writing(program, lesson=lesson))
    printed = ran.out + ran.err
    for hostile in ("\x1b[2J", "\x1b]0;", "\x1b[5m", "\u202e", "\x07"):
        assert hostile not in printed
    assert "out" in ran.out
    if not colours:
        assert "[bold]code[/bold]" in ran.out
        assert "[red]out[/red]" in ran.out


def test_the_program_is_written_where_asked_if_it_passes(playbox: Playbox, tmp_path: Path) -> None:
    place = tmp_path / "a folder" / "größe.py"
    place.parent.mkdir()
    ran = playbox("run", "Print 1", "--out", str(place), "--json", model=model_writing("print(1)"))
    assert ran.document["out"] == str(place)
    assert place.read_text() == "print(1)"
    failed = playbox(
        "run", "Print 2", "--expect", "2", "--max-iterations", "1", "--out", str(place),
        model=model_writing("print(3)"),
    )  # fmt: skip
    assert failed.code == 1
    assert "as the program did not pass" in failed.out
    assert place.read_text() == "print(1)"


def test_the_task_its_code_and_its_checks_come_from_files_and_stdin(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "my code.py").write_text("print('slow')")
    (tmp_path / "expected.txt").write_text("7\n")
    model = model_writing("print(7)")
    ran = playbox(
        "run", "-", "--code", "my code.py", "--expect", "@expected.txt", "--context", "seven is 7",
        model=model, stdin=b"Drucke sieben, bitte: 7\n",
    )  # fmt: skip
    assert ran.code == 0
    prompt = model.requests[0].prompt
    assert "Drucke sieben" in prompt
    assert "print('slow')" in prompt
    assert "seven is 7" in prompt


def test_a_playbook_at_a_path_with_blanks_and_letters(playbox: Playbox, tmp_path: Path) -> None:
    place = tmp_path / "mein Ordner" / "späße.json"
    ran = playbox("run", "Print 1", "--playbook", str(place), model=model_writing("print(1)"))
    assert ran.code == 0
    assert place.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run"], "Missing argument 'TASK'"),
        (["run", "  "], "must say what to program"),
        (["run", "x", "--frobnicate"], "No such option"),
        (["run", "x", "--max-iterations", "0"], "max_iterations=0"),
        (["run", "x", "--candidates", "0"], "candidates=0"),
        (["run", "x", "--max-iterations", "many"], "valid integer"),
        (["run", "x", "--budget-usd", "-1"], "budget usd=-1.0"),
        (["run", "x", "--timeout", "0"], "a timeout of 0.0 seconds"),
        (["run", "x", "--code", "missing.py"], "code='missing.py' cannot be read"),
        (["run", "x", "--code", "binary.bin"], "code='binary.bin' is not UTF-8 text"),
        (["run", "x", "--code", "nul.txt"], "code='nul.txt' is not UTF-8 text"),
        (["run", "x", "--code", "huge.py"], "code='huge.py' is longer than 200,000 characters"),
        (["run", "x", "--tests", "."], "tests='.' cannot be read"),
        (["run", "x", "--expect", "@missing.txt"], "expect='missing.txt' cannot be read"),
        (["run", "-", "--code", "-"], "stdin can be read only once"),
        (["run", "-"], "task=''"),
        (["run", "x", "--playbook", "book.xls"], "must end in .json, .db"),
        (["run", "x", "--sandbox", "moon"], "sandbox 'moon'"),
        (["run", "x", "--model", "nobody:x"], "unknown provider 'nobody'"),
        (["run", "x", "--out", "no/such/folder.py"], "cannot be written"),
        (["run", "x"], "no model is configured"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_bad_input_is_told_in_a_line_and_exits_with_2(
    playbox: Playbox, tmp_path: Path, arguments: list[str], told: str, *, as_json: bool
) -> None:
    (tmp_path / "binary.bin").write_bytes(b"\x7fELF\xff\xfe")
    (tmp_path / "nul.txt").write_bytes(b"a\0b")
    (tmp_path / "huge.py").write_bytes(b"x" * 3_000_000)
    ran = playbox(*arguments, *(["--json"] if as_json else []))
    assert ran.code == 2
    assert "Traceback" not in ran.out + ran.err
    if as_json:
        assert told in str(ran.document["error"])
    else:
        assert told in ran.err
        assert ran.err.startswith("error: ")
        assert ran.out == ""


def test_a_language_that_cannot_run_is_refused(playbox: Playbox) -> None:
    ran = playbox("run", "x", "--language", "cobol", model=model_writing())
    assert ran.code == 4
    assert ran.err.startswith("error: language 'cobol' cannot be run here; supported: ")
    assert "python" in ran.err


@pytest.mark.parametrize(
    "error",
    [
        ModelUnavailable("429"),
        ModelRejected("no such model"),
        ModelOutputInvalid("garbage"),
        ModelRefused("no"),
    ],
)
def test_a_failing_model_exits_with_3(playbox: Playbox, error: PlayboxError) -> None:
    ran = playbox("run", "x", "--json", model=ScriptedModel({Role.GENERATOR: [error] * 9}))
    assert ran.code == 3
    assert ran.document["error"] == {"type": type(error).__name__, "message": str(error)}


@pytest.mark.parametrize("error", [SandboxCrashed("gone"), SandboxUnavailable("cannot isolate")])
def test_a_failing_sandbox_exits_with_4(playbox: Playbox, error: SandboxCrashed | SandboxUnavailable) -> None:
    ran = playbox("run", "x", model=model_writing("print(1)"), sandbox=InProcessSandbox(error))
    assert ran.code == 4
    assert f"error: {error}" in ran.err


def test_a_corrupt_playbook_exits_with_5(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    ran = playbox("run", "x", "--playbook", "broken.db", model=model_writing("print(1)"))
    assert ran.code == 5
    assert "broken.db" in ran.err


@pytest.mark.parametrize("limit", [("--budget-tokens", "10"), ("--timeout", "0.000001")])
def test_a_limit_that_allows_nothing_exits_with_6(playbox: Playbox, limit: tuple[str, str]) -> None:
    ran = playbox("run", "x", *limit, model=model_writing("print(1)"))
    assert ran.code == 6
    assert ran.err.splitlines()[-1].startswith("error: ")


def test_a_fault_is_told_without_a_traceback_unless_asked_for(playbox: Playbox) -> None:
    def broken(_: object) -> dict[str, object]:
        raise RuntimeError("boom")

    quiet = playbox("run", "x", model=ScriptedModel(broken))
    assert quiet.code == 70
    assert "error: boom; this is a fault of playbox" in quiet.err
    assert "Traceback" not in quiet.err
    loud = playbox("--debug", "run", "x", model=ScriptedModel(broken))
    assert (loud.code, "RuntimeError: boom" in loud.err) == (70, True)


def test_tests_import_the_program_by_the_name_of_its_file(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text("def count(x):\n    return 0\n")
    (tmp_path / "test_count.py").write_text("from count import count\n\nassert count([1]) == 1\n")
    ran = playbox(
        "run", "Repair count", "--code", "count.py", "--tests", "test_count.py",
        model=model_writing("def count(x):\n    return len(x)\n"), sandbox=LocalSandbox(),
    )  # fmt: skip
    assert ran.code == 0, ran.err


def test_a_playbook_that_cannot_be_written_costs_no_program(playbox: Playbox, tmp_path: Path) -> None:
    model = model_writing("print('paid for')")
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "playbook.db").mkdir()
    ran = playbox("run", "x", "--playbook", "book/playbook.db", model=model)
    assert ran.code == 2
    assert model.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("as_json", [False, True])
def test_a_program_that_cannot_be_saved_is_not_lost(playbox: Playbox, *, as_json: bool) -> None:
    model = model_writing("print('precious')")
    ran = playbox("run", "x", "--out", "/dev/full", *(["--json"] if as_json else []), model=model)
    assert ran.code == 2
    told = str(ran.document["error"]) if as_json else ran.err
    assert "No space left on device" in told
    assert "precious" in told
