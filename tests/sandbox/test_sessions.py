"""Sessions: state from cell to cell, what a cell shows, how it is stopped, and how a session ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.sandbox.processes import eventually, families

from tta_dev_primitives.core.errors import ConfigurationError, SandboxUnavailable, SessionEnded
from tta_dev_primitives.sandbox import (
    Displayed,
    Isolation,
    LocalSandbox,
    Session,
    SessionEvent,
    Stderr,
    Stdout,
    Stop,
)
from tta_dev_primitives.sandbox.local.boxes import BOX_LIMITS

SHELL_IN_TEXT = 'text = """\n!pwd\n"""\nlen(text)'
SHORT = replace(BOX_LIMITS, wall_s=0.3)


@pytest.fixture
async def session(only_namespaces: LocalSandbox) -> AsyncIterator[Session]:
    async with await only_namespaces.open_session() as session:
        yield session


async def test_variables_imports_and_functions_survive(session: Session) -> None:
    await session.run_code("import math\nx = 6\ndef double(n):\n    return 2 * n")
    execution = await session.run_code("double(x) + math.floor(0.5)")
    assert execution.text == "12"
    assert execution.success
    assert execution.isolation is Isolation.NAMESPACES


async def test_output_belongs_to_the_cell_that_printed_it(session: Session) -> None:
    first = await session.run_code("print('one')")
    second = await session.run_code("import sys; print('two', file=sys.stderr)")
    assert (first.stdout, first.stderr) == ("one\n", "")
    third = await session.run_code("!echo three > /dev/stderr")
    assert (second.stdout, second.stderr) == ("", "two\n")
    assert (third.stdout, third.stderr) == ("", "three\n")


async def test_error_keeps_what_was_there_before(session: Session) -> None:
    execution = await session.run_code("y = 1\ny / 0")
    assert execution.error is not None
    assert (execution.error.name, execution.error.line) == ("ZeroDivisionError", 2)
    assert "y / 0" in execution.error.traceback
    assert "<jail>" not in execution.error.traceback
    assert (execution.exit_code, execution.success) == (1, False)
    assert (await session.run_code("y")).text == "1"


async def test_traceback_names_the_lines_of_an_earlier_cell(session: Session) -> None:
    await session.run_code("def broken():\n    return [][1]")
    execution = await session.run_code("broken()")
    assert execution.error is not None
    assert "return [][1]" in execution.error.traceback


async def test_syntax_error_is_the_guests(session: Session) -> None:
    execution = await session.run_code("x = = 1")
    assert execution.error is not None
    assert (execution.error.name, execution.error.line) == ("SyntaxError", 1)


async def test_sys_exit_ends_the_cell_and_not_the_session(session: Session) -> None:
    execution = await session.run_code("import sys; z = 1; sys.exit(3)")
    assert execution.error is not None
    assert execution.error.name == "SystemExit"
    assert (await session.run_code("z")).text == "1"


async def test_await_at_the_top_level(session: Session) -> None:
    await session.run_code("import asyncio\nqueue = asyncio.Queue()\nawait queue.put(7)")
    assert (await session.run_code("await queue.get()")).text == "7"


async def test_future_import_holds_for_later_cells(session: Session) -> None:
    await session.run_code("from __future__ import annotations")
    assert (await session.run_code("def f(x: unknown): pass\nf.__annotations__")).text == "{'x': 'unknown'}"


async def test_files_and_environment_go_in(only_namespaces: LocalSandbox) -> None:
    async with await only_namespaces.open_session(
        files={"in/data": b"\0\xff"}, envs={"A": "1\n2"}
    ) as session:
        execution = await session.run_code("import os; open('in/data', 'rb').read(), os.environ['A']")
        assert execution.text == r"(b'\x00\xff', '1\n2')"


async def test_environment_of_one_cell_is_not_that_of_the_next(session: Session) -> None:
    code = "import os; os.environ.get('ONCE')"
    assert (await session.run_code(code, envs={"ONCE": "here"})).text == "'here'"
    assert (await session.run_code(code)).text is None


async def test_rich_forms_of_a_value(session: Session) -> None:
    execution = await session.run_code(
        "class Rich:\n"
        "    def __repr__(self): return 'rich'\n"
        "    def _repr_html_(self): return '<b>rich</b>'\n"
        "    def _repr_png_(self): return b'\\x89PNG'\n"
        "    def _repr_markdown_(self): raise ValueError\n"
        "display(Rich(), 1)\n"
        "{'a': [1, None]}"
    )
    rich, one, main = execution.results
    assert (rich.text, rich.html, rich.png, rich.is_main_result) == ("rich", "<b>rich</b>", b"\x89PNG", False)
    assert "markdown" not in rich.formats
    assert one.text == "1"
    assert (main.json, main.is_main_result) == ('{"a": [1, null]}', True)


@pytest.mark.parametrize("way", ["", "from IPython.display import display\n"])
async def test_forms_that_the_guest_made_itself(session: Session, way: str) -> None:
    execution = await session.run_code(f"{way}display({{'text/latex': 'x^2'}}, raw=True)")
    (result,) = execution.results
    assert (result.text, dict(result.formats)) == ("", {"latex": "x^2"})


async def test_forms_of_notebooks_are_there_without_ipython(session: Session) -> None:
    execution = await session.run_code(
        "from IPython.display import HTML, Markdown\ndisplay(Markdown('*a*'))\nHTML('<i>')"
    )
    assert [dict(result.formats) for result in execution.results] == [{"markdown": "*a*"}, {"html": "<i>"}]


async def test_lines_of_shell(session: Session) -> None:
    execution = await session.run_code("print('first')\nif True:\n    !pwd; echo $((6 * 7))\n!exit 3")
    assert execution.stdout == "first\n/home/user\n42\n"
    assert execution.success


async def test_text_that_looks_like_shell_is_text(session: Session) -> None:
    execution = await session.run_code(SHELL_IN_TEXT)
    assert execution.text == "6"
    execution = await session.run_code("!pwd\nx = = 1")
    assert execution.error is not None
    assert execution.error.name == "SyntaxError"


async def test_prints_and_values_keep_their_order(session: Session) -> None:
    events: list[str] = []

    def hear(event: SessionEvent) -> None:
        events.append(event.result.text if isinstance(event, Displayed) else event.text.strip())

    await session.run_code("for n in range(3):\n    print(f'print {n}'); display(n)", on_event=hear)
    assert events == ["print 0", "0", "print 1", "1", "print 2", "2"]


async def test_a_thread_that_displays_takes_no_cell_away(session: Session) -> None:
    code = "import threading\nthreads = [threading.Thread(target=display, args=[n]) for n in range(20)]\n"
    start = "for thread in threads: thread.start()\nfor thread in threads: thread.join()"
    execution = await session.run_code(code + start, on_event=lambda _: None)
    assert len(execution.results) == 20
    assert (await session.run_code("6 * 7")).text == "42"


async def test_an_object_with_made_up_attributes_has_no_rich_forms(session: Session) -> None:
    code = (
        "class Any:\n    def __getattr__(self, name): return print\n    __repr__ = lambda self: 'any'\nAny()"
    )
    (result,) = (await session.run_code(code)).results
    assert (result.text, dict(result.formats)) == ("any", {})


async def test_events_come_in_time_and_in_order(session: Session) -> None:
    events: list[object] = []
    first = asyncio.Event()

    def hear(event: object) -> None:
        events.append(event)
        first.set()

    code = "import sys, time\nprint('a')\ntime.sleep(0.4)\ndisplay(1)\nprint('b', file=sys.stderr)"
    running = asyncio.create_task(session.run_code(code, on_event=hear))
    await first.wait()
    assert not running.done()
    await running
    assert events[0] == Stdout("a\n")
    assert {type(event) for event in events[1:]} == {Displayed, Stderr}


async def test_split_characters_are_put_together(session: Session) -> None:
    texts: list[str] = []
    code = "import os, time\nfor byte in 'ä'.encode():\n    os.write(1, bytes([byte])); time.sleep(0.05)"
    execution = await session.run_code(
        code, on_event=lambda event: texts.append(event.text) if isinstance(event, Stdout) else None
    )
    assert "".join(texts) == execution.stdout == "ä"


async def test_cell_over_its_time_is_interrupted_and_keeps_its_state(session: Session) -> None:
    execution = await session.run_code("import time\nkept = 1\nwhile True: time.sleep(1)", limits=SHORT)
    assert execution.stop is Stop.WALL_TIME
    assert execution.exit_code is None
    assert execution.error is not None
    assert execution.error.name == "KeyboardInterrupt"
    assert (await session.run_code("kept")).text == "1"


async def test_cell_that_ignores_the_interrupt_takes_its_session_along(session: Session) -> None:
    code = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    execution = await session.run_code(code, limits=SHORT)
    assert (execution.stop, execution.signal) == (Stop.WALL_TIME, 9)
    assert not session.alive
    with pytest.raises(SessionEnded, match="killed by signal 9"):
        await session.run_code("1")


async def test_interrupt(session: Session) -> None:
    running = asyncio.create_task(session.run_code("import time; time.sleep(60)"))
    await asyncio.sleep(0.2)
    await session.interrupt()
    execution = await running
    assert execution.stop is Stop.EXITED
    assert execution.error is not None
    assert execution.error.name == "KeyboardInterrupt"


async def test_interrupt_without_a_cell_does_nothing(session: Session) -> None:
    await session.interrupt()
    assert (await session.run_code("1")).text == "1"


async def test_cancelled_cell_is_stopped_and_the_session_goes_on(session: Session) -> None:
    running = asyncio.create_task(session.run_code("import time\nleft = 1\ntime.sleep(60)"))
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await session.run_code("left")).text == "1"


async def test_too_much_output_stops_the_cell_and_not_the_session(session: Session) -> None:
    limits = replace(BOX_LIMITS, output_bytes=1000)
    execution = await session.run_code("while True: print('x' * 100)", limits=limits)
    assert (execution.stop, execution.truncated, len(execution.stdout)) == (Stop.OUTPUT, True, 1000)
    assert (await session.run_code("1")).text == "1"


async def test_process_that_exits_tells_its_real_exit_code(session: Session) -> None:
    execution = await session.run_code("import os; os._exit(7)")
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 7)
    with pytest.raises(SessionEnded, match="exited with code 7"):
        await session.run_code("1")


async def test_segfault_is_a_signal(session: Session) -> None:
    execution = await session.run_code("import ctypes; ctypes.string_at(0)")
    assert (execution.stop, execution.signal) == (Stop.SIGNALLED, 11)


async def test_usage_is_of_the_cell(session: Session) -> None:
    await session.run_code("for _ in range(3_000_000): pass")
    idle = await session.run_code("pass")
    busy = await session.run_code("for _ in range(3_000_000): pass")
    assert idle.usage.cpu_s < busy.usage.cpu_s
    assert busy.usage.peak_memory_bytes > 1 << 20


async def test_cells_wait_for_their_turn(session: Session) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(session.run_code(f"print({n})")) for n in range(20)]
    assert [task.result().stdout for task in tasks] == [f"{n}\n" for n in range(20)]
    assert session.count == 20


async def test_thread_that_prints_later_is_heard_by_the_next_cell(session: Session) -> None:
    await session.run_code("import threading\nthreading.Timer(0.1, print, ['late']).start()")
    await asyncio.sleep(0.3)
    assert (await session.run_code("pass")).stdout == "late\n"


async def test_input_has_ended(session: Session) -> None:
    execution = await session.run_code("input()")
    assert execution.error is not None
    assert execution.error.name == "EOFError"


async def test_nothing_is_left_after_close(only_namespaces: LocalSandbox) -> None:
    async with await only_namespaces.open_session() as session:
        await session.run_code("import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True)")
        assert any(family.runs for family in families())
    assert eventually(lambda: not any(family.runs for family in families()))
    await session.aclose()


async def test_sandbox_takes_its_sessions_along() -> None:
    sandbox = LocalSandbox()
    try:
        session = await sandbox.open_session()
    except SandboxUnavailable as missing:
        pytest.skip(str(missing))
    await sandbox.aclose()
    with pytest.raises(SessionEnded, match="its box is closed"):
        await session.run_code("1")
    await session.aclose()


async def test_landlock_has_no_sessions(sandbox: LocalSandbox) -> None:
    if sandbox.isolation is not Isolation.LANDLOCK:
        pytest.skip("there are sessions")
    with pytest.raises(SandboxUnavailable, match="user namespaces"):
        await sandbox.open_session()


@pytest.mark.parametrize("files", [{"../x": b""}, {"/x": b""}])
async def test_bad_file_names_are_refused(only_namespaces: LocalSandbox, files: dict[str, bytes]) -> None:
    with pytest.raises(ConfigurationError, match="file path"):
        await only_namespaces.open_session(files=files)


async def test_bad_environment_is_refused(session: Session) -> None:
    with pytest.raises(ConfigurationError, match="A=B"):
        await session.run_code("1", envs={"A=B": ""})
    assert (await session.run_code("1")).text == "1"
