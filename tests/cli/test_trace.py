from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from tests.cli.conftest import ENVIRONMENT, Playbox, model_writing
from tta_dev_primitives.observability import JsonlSink
from tta_dev_primitives.settings import Settings

FOLDER = Path(".playbox") / "traces"
FAILS_THEN_PASSES = ("print(1 / 0)", "print(42)")
TIME = re.compile(r" +\d+(?:\.\d+)? (?:ms|s)\b")
BAR = re.compile(r"[█▒]+|(?<= )·(?= |$)")


def traced_run(playbox: Playbox, *options: str) -> Path:
    """Do a run that fails once, and return the file of its trace."""
    ran = playbox(
        "run", "Print 42", "--expect", "42", "--trace", *options, model=model_writing(*FAILS_THEN_PASSES)
    )
    assert ran.code == 0, ran.err
    (file,) = FOLDER.iterdir()
    assert f"traced; see it with: playbox trace {file.name.split('-')[2][:8]}" in ran.err
    return file


def shape(text: str) -> list[str]:
    """Return the lines without times and bars."""
    return [re.sub(r"  +", "  ", BAR.sub("", TIME.sub("", line))).rstrip() for line in text.splitlines()]


def test_a_run_is_shown_as_a_tree(playbox: Playbox) -> None:
    run = traced_run(playbox).name.split("-")[2].removesuffix(".jsonl")
    shown = playbox("trace", run[:6])
    assert shown.code == 0
    heading, *lines = shape(shown.out)
    assert heading.startswith(f"run {run[:8]}  ")
    assert heading.endswith("3 calls, 300 + 150 tokens, 2 runs of")
    lines = [re.sub(r"task_id=\S+", "task_id=T", line) for line in lines]
    assert lines == [
        "✓ playbox run",
        "└─ ✓ SelfLearningCodePrimitive",
        "  ├─ • strategies chosen  task_id=T playbook.version=0",
        "  ├─ • attempt started  number=1 most=3",
        "  ├─ ◦ chat scripted  generator: 100 + 50 tokens",
        "  ├─ • program written  number=1",
        "  ├─ ◦ execute_tool run_code  python, none, exited 1",
        "  ├─ • attempt judged  attempt 1: ✗ runtime error, ZeroDivisionError, score 0.00",
        "  ├─ • attempt started  number=2 most=3",
        "  ├─ ◦ chat scripted  generator: 100 + 50 tokens",
        "  ├─ • program written  number=2",
        "  ├─ ◦ execute_tool run_code  python, none, exited 0",
        "  ├─ • attempt judged  attempt 2: ✓ passed, score 1.00",
        "  ├─ • reflection started  verdict=passed",
        "  ├─ ◦ chat scripted  reflector: 100 + 50 tokens",
        "  └─ • playbook changed  playbook.version=1 playbook.size=1 strategies.added=1",
    ]
    assert shown.out.count("█") >= 20


def test_without_a_name_the_runs_are_listed_the_newest_first(playbox: Playbox) -> None:
    assert "no traces in '.playbox/traces'" in playbox("trace").err.replace(str(FOLDER), "'.playbox/traces'")
    traced_run(playbox)
    later = FOLDER / f"99991231-235959-{'f' * 32}.jsonl"
    with JsonlSink(later, settings=Settings()):
        later.write_text(start("a", run="f" * 32) + end("a", run="f" * 32))
    listed = playbox("trace").out.splitlines()
    assert listed[0].split()[0] == "run"
    assert listed[1].startswith("ffffffff")
    assert "playbox run" in listed[2]
    assert "3 calls, 300 + 150 tokens" in listed[2]
    assert len(playbox("trace", "--limit", "1").out.splitlines()) == 2


def test_no_trace_is_kept_unless_asked(playbox: Playbox) -> None:
    ran = playbox("run", "Print 42", "--expect", "42", model=model_writing("print(42)"))
    assert ran.code == 0
    assert not FOLDER.exists()


def test_a_setting_asks_for_traces_and_names_their_folder(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYBOX_TRACE", "1")
    monkeypatch.setenv("PLAYBOX_TRACE_FOLDER", "elsewhere")
    playbox("run", "Print 42", "--expect", "42", model=model_writing("print(42)"))
    (file,) = Path("elsewhere").iterdir()
    assert "print(42)" not in file.read_text()
    assert "playbox run" in playbox("trace").out


def test_content_is_kept_only_where_a_setting_says_so(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYBOX_TRACE_CONTENT", "1")
    assert "print(1 / 0)" in traced_run(playbox).read_text()


def test_a_folder_that_cannot_be_written_is_told_before_a_model_is_asked(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv("PLAYBOX_TRACE_FOLDER", "file/traces")
    model = model_writing("print(42)")
    ran = playbox("run", "Print 42", "--trace", model=model)
    assert ran.code == 2
    assert "a trace cannot be written to 'file/traces/" in ran.err
    assert model.requests == []


def test_json_has_everything(playbox: Playbox) -> None:
    file = traced_run(playbox)
    document = playbox("trace", str(file), "--json").document
    assert (document["damaged"], document["cut"]) == (0, False)
    (run,) = cast("list[dict[str, object]]", document["runs"])
    assert run["state"] == "done"
    assert cast("dict[str, object]", run["totals"])["input_tokens"] == 300
    spans = cast("list[dict[str, object]]", run["spans"])
    assert [(span["name"], span["state"]) for span in spans] == [
        ("playbox run", "done"),
        ("SelfLearningCodePrimitive", "done"),
    ]
    events = cast("list[dict[str, object]]", run["events"])
    assert "attempt_judged" in [event["name"] for event in events]
    listed = cast("list[dict[str, object]]", playbox("trace", "--json").document["runs"])
    assert [one["id"] for one in listed] == [run["id"]]


def test_a_run_that_is_not_there_is_an_error_with_a_remedy(playbox: Playbox) -> None:
    ran = playbox("trace", "abc")
    assert ran.code == 2
    assert "RUN='abc' is no file, and no run in '.playbox/traces' begins so" in ran.err


def test_a_name_that_fits_two_runs_is_refused(playbox: Playbox) -> None:
    FOLDER.mkdir(parents=True)
    for run in ("abc1", "abc2"):
        (FOLDER / f"20260101-000000-{run}.jsonl").write_text(start("a", run=run) + end("a", run=run))
    ran = playbox("trace", "abc")
    assert ran.code == 2
    assert "RUN='abc' may be abc1, abc2; give more of its id" in ran.err
    assert playbox("trace", "abc2").code == 0


def start(name: str, parent: str | None = None, *, at: float = 1.0, run: str = "r") -> str:
    record = {"kind": "start", "at": at, "run": run, "span": name, "parent": parent, "name": name}
    return json.dumps(record) + "\n"


def end(name: str, *, at: float = 2.0, seconds: float = 1.0, run: str = "r", error: str = "") -> str:
    told = {"error": {"type": "ValueError", "message": error}} if error else {}
    record = {"kind": "end", "at": at, "run": run, "span": name, "seconds": seconds, **told}
    return json.dumps(record) + "\n"


def test_times_are_bars_and_failures_are_marked(playbox: Playbox) -> None:
    Path("t.jsonl").write_text(
        start("whole", at=0.0)
        + start("first", "whole", at=0.0)
        + end("first", at=5.0, seconds=5.0)
        + start("second", "whole", at=5.0)
        + end("second", at=10.0, seconds=5.0, error="no such thing")
        + end("whole", at=10.0, seconds=10.0, error="no such thing")
    )
    assert playbox("trace", "t.jsonl").out.splitlines()[1:] == [
        "✗ whole        10.00 s  ████████████████████  ValueError: no such thing",
        "├─ ✓ first      5.00 s  ██████████",
        "└─ ✗ second     5.00 s            ██████████  ValueError: no such thing",
    ]


def test_a_line_that_a_kill_cut_off_is_told(playbox: Playbox) -> None:
    Path("t.jsonl").write_text(start("whole") + "what is this\n" + start("inner", "whole")[:-20])
    ran = playbox("trace", "t.jsonl")
    assert ran.code == 0
    assert "? whole" in ran.out
    assert "no end: its process is gone" in ran.out
    assert "the last line of t.jsonl is cut off: its process was killed while it wrote" in ran.err
    assert "1 line of t.jsonl could not be read" in ran.err


def test_a_run_that_goes_on_is_shown_as_running(playbox: Playbox) -> None:
    with JsonlSink("t.jsonl", settings=Settings()) as sink:
        sink.path.write_text(start("whole") + start("inner", "whole", at=2.0))
        shown = playbox("trace", "t.jsonl").out
    assert "▸ whole" in shown
    assert shown.count("running") == 3


def test_hostile_text_is_only_text(playbox: Playbox) -> None:
    name = "\x1b[2J[bold]\u202e" + "x" * 5_000
    event = {
        "kind": "event",
        "at": 1.5,
        "run": "\x1b[31mr",
        "span": name,
        "name": "\x1b]0;t\x07[red]",
        "attributes": {"playbox.a\x1b[0m": "[/]\ud800\n\nb", "playbox.n": 10**30, "playbox.l": [[1]]},
    }
    run = "\x1b[31mr"
    lines = start(name, run=run) + json.dumps(event) + "\n" + end(name, run=run, error="\x1b[1m[blink]")
    Path("t.jsonl").write_text(lines)
    ran = playbox("trace", "t.jsonl")
    assert ran.code == 0
    assert "\x1b" not in ran.out + ran.err
    assert "\u202e" not in ran.out
    assert "[bold]" in ran.out
    assert "ValueError: [1m[blink]" in ran.out
    assert playbox("trace", "t.jsonl", "--json").code == 0


def test_a_nest_without_a_bottom_is_shown(playbox: Playbox) -> None:
    lines = [start("0"), *(start(str(n), str(n - 1)) for n in range(1, 3_000))]
    Path("t.jsonl").write_text("".join(lines))
    shown = playbox("trace", "t.jsonl").out.splitlines()
    assert shown[-1] == "... and 1,000 more; --json has all"
    assert max(map(len, shown)) < 200


def test_a_file_from_before_all_clocks_leaves_the_others_to_be_listed(playbox: Playbox) -> None:
    traced_run(playbox)
    strange = {"kind": "start", "at": -9e10, "run": "r", "span": "s", "name": "long ago"}
    (FOLDER / "20000101-000000-strange.jsonl").write_text(json.dumps(strange))
    listed = playbox("trace")
    assert listed.code == 0, listed.err
    assert "playbox run" in listed.out


def test_what_is_no_file_is_not_waited_for(playbox: Playbox) -> None:
    traced_run(playbox)
    os.mkfifo(FOLDER / "29990101-000000-pipe.jsonl")
    (FOLDER / "29990101-000000-folder.jsonl").mkdir()
    listed = playbox("trace")
    assert listed.code == 0, listed.err
    assert "playbox run" in listed.out


def test_training_is_traced_task_by_task(playbox: Playbox) -> None:
    tasks = [{"id": f"t{n}", "task": "Print 42", "expected_output": "42"} for n in range(2)]
    Path("tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    ran = playbox("train", "tasks.jsonl", "--out", "run", "--trace", model=model_writing(*["print(42)"] * 9))
    assert ran.code == 0, ran.err
    (file,) = FOLDER.iterdir()
    lines = shape(playbox("trace", str(file)).out)
    assert "✓ playbox train" in lines
    assert lines.count("├─ ✓ task") == 2
    for task in ("t0", "t1"):
        chosen = f"│  ├─ • strategies chosen  task_id={task} playbook.version="
        assert [line for line in lines if line.startswith(chosen)], task


HANGING = """
import sys
from tests.cli.conftest import model_writing
from tests.cli.in_process_sandbox import InProcessSandbox
from tta_dev_primitives.cli import main
from tta_dev_primitives.cli.session import Session

class Hanging(InProcessSandbox):
    async def run_code(self, *arguments, **options):
        import asyncio
        print("hanging", flush=True)
        await asyncio.sleep(60)

main(["run", "Print 42", "--trace"], Session(model=model_writing("print(42)"), sandbox=Hanging()))
"""


@pytest.mark.parametrize(
    ("number", "state"), [(signal.SIGKILL, "ended without a word"), (signal.SIGTERM, "cancelled")]
)
def test_a_run_that_was_stopped_is_told_from_one_that_goes_on(
    playbox: Playbox, number: signal.Signals, state: str
) -> None:
    root = str(Path(__file__).parents[2])
    environment = ENVIRONMENT | {"PYTHONPATH": os.pathsep.join([ENVIRONMENT["PYTHONPATH"], root])}
    with subprocess.Popen(  # noqa: S603  # our own interpreter and text
        [sys.executable, "-c", HANGING], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"hanging\n"
        (file,) = FOLDER.iterdir()
        assert " · running · " in playbox("trace", str(file)).out
        process.send_signal(number)
        process.wait()
    assert f" · {state} · " in playbox("trace", str(file)).out
