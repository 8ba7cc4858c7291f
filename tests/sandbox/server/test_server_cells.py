"""Cells and contexts: E2B's code interpreter."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
import threading

import pytest
from e2b import NotFoundException, SandboxException, TimeoutException
from e2b_code_interpreter.code_interpreter_async import AsyncSandbox
from e2b_code_interpreter.code_interpreter_sync import Sandbox
from e2b_code_interpreter.models import OutputMessage, Result


def test_output_comes_while_the_cell_runs(sandbox: Sandbox) -> None:
    heard: list[str] = []

    def hear(message: OutputMessage) -> None:
        heard.append(message.line)
        sandbox.files.write("go", "")  # without which the cell never ends

    code = "import os, time\nprint('ready', flush=True)\nwhile not os.path.exists('go'): pass\n'gone'"
    execution = sandbox.run_code(code, on_stdout=hear)
    assert (heard, execution.text) == (["ready\n"], "gone")


def test_output_and_results_keep_their_order(sandbox: Sandbox) -> None:
    heard: list[str] = []
    code = "import sys\nfor n in range(3):\n    print(n, flush=True)\nprint('bad', file=sys.stderr)\n'end'"
    execution = sandbox.run_code(
        code,
        on_stdout=lambda message: heard.append(message.line),
        on_result=lambda result: heard.append(str(result.text)),
    )
    assert "".join(heard) == "0\n1\n2\nend"
    assert "".join(execution.logs.stderr) == "bad\n"


async def test_callbacks_may_be_coroutines(async_sandbox: AsyncSandbox) -> None:
    heard: list[str | None] = []

    async def hear(result: Result) -> None:
        heard.append(result.text)

    await async_sandbox.run_code("1 + 1", on_result=hear)
    assert heard == ["2"]


def test_an_exception_is_the_result_of_its_cell(sandbox: Sandbox) -> None:
    error = sandbox.run_code("x = 1\nx / 0").error
    assert error is not None
    assert (error.name, error.value) == ("ZeroDivisionError", "division by zero")
    assert "line 2" in error.traceback
    assert sandbox.run_code("x").text == "1"


def test_cells_are_counted(sandbox: Sandbox) -> None:
    assert [sandbox.run_code("0").execution_count for _ in range(3)] == [1, 2, 3]


def test_an_indented_cell_is_read_as_a_notebook_reads_it(sandbox: Sandbox) -> None:
    assert sandbox.run_code("\n    if True:\n        x = 5\n    x\n").text == "5"


def test_the_environment_of_a_cell_is_its_own() -> None:
    sandbox = Sandbox.create(timeout=120, envs={"WHICH": "sandbox"})
    try:
        read = "import os\nos.environ.get('WHICH')"
        value = 'it\'s\n"quoted"'
        assert (
            sandbox.run_code(f"import os\nos.environ['WHICH'] == {value!r}", envs={"WHICH": value}).text
            == "True"
        )
        assert sandbox.run_code(read).text == "sandbox"
    finally:
        sandbox.kill()


RICH = """
class Rich:
    def __repr__(self): return "'quoted'"
    def _repr_html_(self): return "<b>rich</b>"
    def _repr_png_(self): return b"\\x89PNG"
    def _repr_json_(self): return {"deep": [1, None]}
Rich()
"""


def test_a_value_has_richer_forms(sandbox: Sandbox) -> None:
    (result,) = sandbox.run_code(RICH).results
    assert (result.text, result.html, result.png) == ("quoted", "<b>rich</b>", "iVBORw==")
    assert result.json == {"deep": [1, None]}
    assert result.is_main_result


HOSTILE = """
class Hostile:
    def __repr__(self): return '"'
    def _repr_json_(self): return float("nan")
    def _repr_mimebundle_(self, **_): return {"type": "error", "is_main_result": "x", "text/html": "kept"}
Hostile()
"""


def test_a_value_cannot_forge_a_record(sandbox: Sandbox) -> None:
    execution = sandbox.run_code(HOSTILE)
    assert execution.error is None
    (result,) = execution.results
    assert (result.html, result.json, result.is_main_result) == ("kept", None, True)


def test_contexts_are_apart_and_come_and_go(sandbox: Sandbox) -> None:
    sandbox.files.make_dir("elsewhere")
    context = sandbox.create_code_context(cwd="/home/user/elsewhere")
    sandbox.run_code("x = 1")
    assert sandbox.run_code("import os\nos.getcwd()", context=context).text == "/home/user/elsewhere"
    error = sandbox.run_code("x", context=context).error
    assert error is not None
    assert error.name == "NameError"
    listed = sandbox.list_code_contexts()
    assert [one.language for one in listed] == ["python", "javascript", "python"]
    assert (listed[-1].id, listed[-1].cwd) == (context.id, "/home/user/elsewhere")
    sandbox.remove_code_context(context)
    assert context.id not in [one.id for one in sandbox.list_code_contexts()]
    for use in (
        lambda: sandbox.run_code("1", context=context),
        lambda: sandbox.restart_code_context(context),
        lambda: sandbox.remove_code_context(context),
    ):
        with pytest.raises(NotFoundException):
            use()


def test_a_restarted_context_has_forgotten(sandbox: Sandbox) -> None:
    context = sandbox.create_code_context()
    sandbox.run_code("x = 1", context=context)
    sandbox.restart_code_context(context)
    execution = sandbox.run_code("x", context=context)
    assert execution.error is not None
    assert execution.error.value == "name 'x' is not defined"
    assert execution.execution_count == 1


def test_a_cell_whose_client_gave_up_is_interrupted(sandbox: Sandbox) -> None:
    sandbox.run_code("kept = 1")
    with pytest.raises(TimeoutException):
        sandbox.run_code("import time\nwhile True: time.sleep(0.1)", timeout=1)
    assert sandbox.run_code("kept").text == "1"


def test_a_cell_that_heeds_no_interrupt_does_not_hold_up_the_next(sandbox: Sandbox) -> None:
    stubborn = (
        "import time\nwhile True:\n    try:\n        time.sleep(0.1)\n    except BaseException:\n        pass"
    )
    with pytest.raises(TimeoutException):
        sandbox.run_code(stubborn, timeout=1)
    assert sandbox.run_code("'fresh'").text == "fresh"


def test_a_cell_that_ends_its_process_says_so_and_the_context_goes_on(sandbox: Sandbox) -> None:
    error = sandbox.run_code("import os\nos.kill(os.getpid(), 9)").error
    assert error is not None
    assert (error.name, "signal 9" in error.value) == ("ContextRestarting", True)
    assert sandbox.run_code("'fresh'").text == "fresh"


def test_cells_of_one_context_wait_for_each_other(sandbox: Sandbox) -> None:
    answers: list[str | None] = []

    def second() -> None:
        answers.append(sandbox.run_code("first").text)

    thread = threading.Thread(target=second)

    def overtake(_message: OutputMessage) -> None:
        thread.start()
        sandbox.files.write("go", "")

    code = "import os\nprint('up', flush=True)\nwhile not os.path.exists('go'): pass\nfirst = 1"
    sandbox.run_code(code, on_stdout=overtake)
    thread.join()
    assert answers == ["1"]


def test_killing_a_sandbox_is_told_to_who_waits_for_a_cell(sandbox: Sandbox) -> None:
    def kill(_message: OutputMessage) -> None:
        assert Sandbox.kill(sandbox.sandbox_id)

    with pytest.raises(TimeoutException, match="was killed while the request was in progress"):
        sandbox.run_code("import time\nprint('up', flush=True)\ntime.sleep(600)", on_stdout=kill)


def test_javascript_keeps_its_state(sandbox: Sandbox) -> None:
    assert sandbox.run_code("const x = 6; let y = 7", language="js").error is None
    execution = sandbox.run_code("console.log('hi'); console.error('low'); x * y", language="javascript")
    assert (execution.logs.stdout, execution.logs.stderr, execution.text) == (["hi\n"], ["low\n"], "42")
    assert sandbox.run_code("const x = {a: [1, 'two']}; x", language="js").text == "{ a: [ 1, 'two' ] }"
    assert sandbox.run_code("undefined", language="js").results == []


def test_javascript_imports_and_awaits(sandbox: Sandbox) -> None:
    imports = """
    import fs, { existsSync, readFileSync as read } from 'node:fs'
    import * as path from "path";
    import 'os'
    [typeof fs.statSync, typeof existsSync, typeof read, typeof path.join].join()
    """
    assert sandbox.run_code(imports, language="js").text == "function,function,function,function"
    assert sandbox.run_code("await Promise.resolve('later')", language="js").text == "later"


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("nothing", "ReferenceError", "nothing is not defined"),
        ("throw new TypeError('a\\nb')", "TypeError", "a\nb"),
        ("let = 1 +", "SyntaxError", "Unexpected end of input"),
        ("await Promise.reject(new Error('no'))", "Error", "no"),
    ],
)
def test_an_exception_of_javascript_is_the_result_of_its_cell(
    sandbox: Sandbox, code: str, name: str, value: str
) -> None:
    error = sandbox.run_code(code, language="js").error
    assert error is not None
    assert (error.name, error.value) == (name, value)
    assert sandbox.run_code("1 + 1", language="js").text == "2"


def test_bash_keeps_its_state(sandbox: Sandbox) -> None:
    assert sandbox.run_code("mkdir -p sub && cd sub && x=5", language="bash").error is None
    execution = sandbox.run_code("pwd; echo $x; echo low >&2", language="sh")
    assert ("".join(execution.logs.stdout), execution.logs.stderr) == ("/home/user/sub\n5\n", ["low\n"])
    error = sandbox.run_code("cat missing; (exit 3)", language="bash").error
    assert error is not None
    assert (error.name, error.value) == ("ExitStatus", "3")


@pytest.mark.parametrize(
    ("language", "read"),
    [("bash", 'echo -n "$WHICH"'), ("js", "process.stdout.write(process.env.WHICH ?? '')")],
)
def test_in_every_language_the_environment_of_a_cell_is_its_own(language: str, read: str) -> None:
    sandbox = Sandbox.create(timeout=120, envs={"WHICH": "sandbox"})
    try:
        for value in ('it\'s\n"$(quoted)"', None, "again"):
            envs = None if value is None else {"WHICH": value, "OTHER": "x"}
            execution = sandbox.run_code(read, language=language, envs=envs)
            assert "".join(execution.logs.stdout) == (value or "sandbox")
        other = sandbox.run_code(read.replace("WHICH", "OTHER"), language=language)
        assert "".join(other.logs.stdout) == ""
    finally:
        sandbox.kill()


@pytest.mark.parametrize(
    ("language", "code", "told"),
    [
        ("bash", "exit 4", "exited with code 4"),
        ("js", "process.exit(4)", "exited with code 4"),
        ("bash", "kill -9 $$", "killed by signal 9"),
        ("bash", "yes", "limit: output"),
    ],
)
def test_in_every_language_a_lost_kernel_is_replaced(
    sandbox: Sandbox, language: str, code: str, told: str
) -> None:
    error = sandbox.run_code(code, language=language).error
    assert error is not None
    assert (error.name, told in error.value) == ("ContextRestarting", True)
    assert sandbox.run_code("true", language=language).error is None


@pytest.mark.parametrize(("language", "forever"), [("bash", "while :; do :; done"), ("js", "for (;;);")])
def test_in_every_language_a_cell_whose_client_gave_up_is_ended(
    sandbox: Sandbox, language: str, forever: str
) -> None:
    with pytest.raises(TimeoutException):
        sandbox.run_code(forever, language=language, timeout=1)
    assert sandbox.run_code("true", language=language).error is None


def test_what_looks_like_a_mark_is_output(sandbox: Sandbox) -> None:
    execution = sandbox.run_code("printf 'a\\0b\\n\\0'", language="bash")
    assert "".join(execution.logs.stdout) == "a\0b\n\0"


@pytest.mark.parametrize("language", ["r", "java"])
def test_a_language_that_is_not_there_is_named(sandbox: Sandbox, language: str) -> None:
    with pytest.raises(SandboxException, match=f"501.*{language}"):
        sandbox.run_code("1", language=language)
