from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.cli.conftest import ENVIRONMENT
from tests.core.steps import Add, Fail, Heard, Show
from tests.full_disk import room_for
from tests.observability.conftest import PLAIN, run_the_loop
from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.core import Event
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.core.events import SinkFailed
from tta_dev_primitives.observability import JsonlSink, read_traces
from tta_dev_primitives.observability.reading import State
from tta_dev_primitives.sandbox import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    number: float


def records(path: Path) -> list[dict[str, object]]:
    return [cast("dict[str, object]", json.loads(line)) for line in path.read_text().splitlines()]


def whole_lines(path: Path) -> list[str]:
    """Return the kind and the name of every line that is one."""
    found: list[str] = []
    for line in path.read_bytes().splitlines():
        with suppress(ValueError):
            record = cast("dict[str, object]", json.loads(line))
            found.append(f"{record['kind']} {record['name']}")
    return found


def files_in(folder: Path) -> list[Path]:
    return [*folder.iterdir()]


async def test_a_run_is_lines_in_the_order_it_happened(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "traces.jsonl"
    with JsonlSink(path, settings=PLAIN) as sink:
        context = WorkflowContext(sinks=(sink,), workflow_id="run-1", session_id="s", tenant="t")
        await (Add() >> Show()).execute(1, context)
        context.emit(Noted(number=float("inf")))

    lines = records(path)
    assert [(line["kind"], line["name"]) for line in lines] == [
        ("start", "SequentialPrimitive"),
        ("start", "Add"),
        ("end", "Add"),
        ("start", "Show"),
        ("end", "Show"),
        ("end", "SequentialPrimitive"),
        ("event", "noted"),
    ]
    assert {line["run"] for line in lines} == {"run-1"}
    first = lines[0]
    assert (first["trace"], first["session"], first["tenant"], first["format"]) == (
        context.trace_id,
        "s",
        "t",
        1,
    )
    assert lines[1]["parent"] == first["span"]
    assert (lines[-1]["span"], lines[-1]["attributes"]) == (None, {"playbox.number": "inf"})
    assert path.stat().st_mode & 0o077 == 0, "others on this machine need not read it"


async def test_what_is_written_is_read_again(tmp_path: Path, sandbox: Sandbox) -> None:
    path = tmp_path / "traces.jsonl"
    with JsonlSink(path, settings=PLAIN) as sink:
        await run_the_loop(sandbox, sink)
    traces = read_traces(path)
    (run,) = traces.runs
    assert (traces.damaged, traces.cut) == (0, False)
    assert [span.name for span in run.spans] == ["SelfLearningCodePrimitive"]
    assert run.state is State.DONE
    assert (run.totals.calls, run.totals.input_tokens, run.totals.runs) == (3, 300, 2)
    assert [moment.name for moment in run.moments if moment.seconds is not None] == [
        "chat scripted",
        "execute_tool run_code",
        "chat scripted",
        "execute_tool run_code",
        "chat scripted",
    ]


async def test_many_tasks_and_threads_write_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    with JsonlSink(path, settings=PLAIN) as sink:

        def work() -> None:
            step = Add() | Show() | LambdaPrimitive(str)
            asyncio.run(step.execute(1, WorkflowContext(sinks=(sink,))))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    traces = read_traces(path)
    assert (len(traces.runs), traces.damaged) == (8, 0)
    assert all(len(run.spans) == 4 and run.state is State.DONE for run in traces.runs)


async def test_a_full_file_is_put_aside_once(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    with JsonlSink(path, max_bytes=2_000, settings=PLAIN) as sink:
        for number in range(30):
            await Add().execute(number, WorkflowContext(sinks=(sink,), workflow_id=f"run-{number}"))
        sizes = {file.name: file.stat().st_size for file in files_in(tmp_path)}
        assert sorted(sizes) == ["traces.jsonl", "traces.jsonl.1"]
        assert max(sizes.values()) <= 2_000
        traces = read_traces(path)
    assert traces.runs[-1].id == "run-29"
    assert 4 < len(traces.runs) < 30
    assert traces.damaged == 0


async def test_a_step_whose_beginning_is_gone_is_still_shown(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"

    async def chatter(data: int, context: WorkflowContext) -> int:
        for number in range(40):
            context.emit(Noted(number=number))
        return data

    with JsonlSink(path, max_bytes=1_000, settings=PLAIN) as sink:
        await LambdaPrimitive(chatter).execute(1, WorkflowContext(sinks=(sink,)))
    (run,) = read_traces(path).runs
    assert [(span.name, span.state) for span in run.spans] == [("chatter", State.DONE)]


async def test_on_a_full_disk_the_run_goes_on_and_later_lines_are_whole(tmp_path: Path) -> None:
    path, heard = tmp_path / "traces.jsonl", Heard()
    with JsonlSink(path, settings=PLAIN) as sink:
        context = WorkflowContext(sinks=(sink, heard), workflow_id="run-1")
        await Add().execute(1, context)
        with room_for(30, path):
            assert await Add().execute(1, context) == 2
        failures = [event for event in heard.events if isinstance(event, SinkFailed)]
        assert [type(event.error) for event in failures] == [OSError, OSError]
        assert await Show().execute(1, context) == "<1>"
    traces = read_traces(path)
    assert traces.damaged == 1, "the line that the disk had no room for"
    assert [span.name for span in traces.runs[0].spans] == ["Add", "Show"]
    assert whole_lines(path) == ["start Add", "end Add", "start Show", "end Show"]


async def test_after_a_kill_the_next_process_begins_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    path.write_bytes(b'{"kind":"start","at":1.0,"run":"r","span":"ab')
    with JsonlSink(path, settings=PLAIN) as sink:
        await Add().execute(1, WorkflowContext(sinks=(sink,)))
    traces = read_traces(path)
    assert (len(traces.runs), traces.damaged, traces.cut) == (1, 1, False)
    assert whole_lines(path) == ["start Add", "end Add"]


async def test_a_failure_is_kept_without_its_traceback(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    with JsonlSink(path, settings=PLAIN) as sink, pytest.raises(KeyError):
        await Fail(lambda: KeyError("colour")).execute(1, WorkflowContext(sinks=(sink,)))
    assert records(path)[-1]["error"] == {"type": "KeyError", "message": "'colour'"}


async def test_a_closed_sink_fails_and_the_run_does_not(tmp_path: Path) -> None:
    sink, heard = JsonlSink(tmp_path / "traces.jsonl", settings=PLAIN), Heard()
    sink.close()
    sink.close()
    assert await Add().execute(1, WorkflowContext(sinks=(sink, heard))) == 2
    assert [type(event.error) for event in heard.events if isinstance(event, SinkFailed)] == [OSError] * 2


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        JsonlSink(tmp_path / "file" / "traces.jsonl", settings=PLAIN)
    with pytest.raises(ConfigurationError, match="max_bytes=0 must be above 0"):
        JsonlSink(tmp_path / "traces.jsonl", max_bytes=0, settings=PLAIN)


KILLED = """
import asyncio, os, signal, sys
from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.observability import JsonlSink

async def die(data):
    os.kill(os.getpid(), signal.SIGKILL)

step = LambdaPrimitive(lambda data: data, name="first") >> LambdaPrimitive(die)
asyncio.run(step.execute(1, WorkflowContext(sinks=(JsonlSink(sys.argv[1]),), workflow_id="killed")))
"""


def test_what_happened_before_a_kill_is_there(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    done = subprocess.run(  # noqa: S603  # our own interpreter and text
        [sys.executable, "-c", KILLED, str(path)], env=ENVIRONMENT, check=False
    )
    assert done.returncode == -9
    (run,) = read_traces(path).runs
    assert [(span.name, span.state) for span in run.spans] == [
        ("SequentialPrimitive", State.LOST),
        ("first", State.DONE),
        ("die", State.LOST),
    ]
    assert run.state is State.LOST


async def test_while_a_run_goes_on_it_is_running(tmp_path: Path) -> None:
    path, seen = tmp_path / "traces.jsonl", list[State]()
    with JsonlSink(path, settings=PLAIN) as sink:

        def look(data: int) -> int:
            seen.extend(span.state for span in read_traces(path).runs[0].spans)
            return data

        await (Add() >> LambdaPrimitive(look)).execute(1, WorkflowContext(sinks=(sink,)))
    assert seen == [State.RUNNING, State.DONE, State.RUNNING]
