from __future__ import annotations

import pytest

from tta_dev_primitives.sandbox import Limits, LocalSandbox, Stop


async def test_prints_and_exits_with_zero(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("print('hello')\nimport sys\nprint('oops', file=sys.stderr)")
    assert execution.success
    assert (execution.stdout, execution.stderr) == ("hello\n", "oops\n")
    assert (execution.stop, execution.exit_code, execution.signal) == (Stop.EXITED, 0, None)
    assert execution.isolation is sandbox.isolation
    assert execution.error is None
    assert not execution.truncated
    assert execution.usage.output_bytes == len("hello\noops\n")
    assert execution.usage.peak_memory_bytes > 0


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("6 * 7", "42"),
        ("x = 1\nx + 1  # comment", "2"),
        ("'a\\nb'", "'a\\nb'"),
        ("None", None),
        ("x = 1", None),
        ("print(1)", None),
        ("", None),
        ("# nothing", None),
        ("6 * 7;", "42"),
        ("from __future__ import annotations\ndef f(x: Missing): ...\nf.__annotations__", "{'x': 'Missing'}"),
    ],
)
async def test_the_value_of_the_last_expression_is_the_main_result(
    sandbox: LocalSandbox, code: str, text: str | None
) -> None:
    execution = await sandbox.run_code(code)
    assert execution.success
    assert execution.text == text
    assert len(execution.results) == (text is not None)


async def test_a_broken_repr_does_not_undo_a_run(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("class A:\n  def __repr__(self): raise ValueError\nA()")
    assert execution.success
    assert execution.text == "<A whose repr raised ValueError>"


async def test_a_long_result_is_cut(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("'\\x00' * 1_000_000")
    assert execution.success
    assert execution.text is not None
    assert len(execution.text) == 20_000


async def test_an_exception_names_its_line_and_shows_only_guest_frames(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("def f():\n    return 1 / 0\n\nf()\n")
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 1)
    error = execution.error
    assert error is not None
    assert (error.name, error.value, error.line) == ("ZeroDivisionError", "division by zero", 2)
    assert error.traceback.startswith(
        'Traceback (most recent call last):\n  File "main.py", line 4, in <module>\n    f()\n'
    )
    assert "jail" not in error.traceback
    assert execution.stderr == ""


async def test_a_syntax_error_names_its_line(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("x = 1\ny = (\n")
    assert execution.error is not None
    assert (execution.error.name, execution.error.line) == ("SyntaxError", 2)
    assert 'File "main.py", line 2' in execution.error.traceback
    assert "y = (" in execution.error.traceback


@pytest.mark.parametrize("code", ["x = '\ud800'", "x = 1\0", "\x00\xff\x7fELF", "x" * 100 + "=" * 100])
async def test_code_that_is_no_text_is_the_guests_error(sandbox: LocalSandbox, code: str) -> None:
    execution = await sandbox.run_code(code)
    assert execution.exit_code == 1
    assert execution.error is not None


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("raise SystemExit", 0),
        ("raise SystemExit(3)", 3),
        ("import sys; sys.exit(256 + 5)", 5),
        ("import sys; sys.exit(-1)", 255),
        ("import sys; sys.exit(True)", 1),
        ("import os; os._exit(9)", 9),
        ("import sys\ntry: sys.exit(4)\nfinally: print('bye')", 4),
        ("import atexit, sys\natexit.register(print, 'bye')\nsys.exit(6)", 6),
    ],
)
async def test_exit_codes_are_those_of_python(sandbox: LocalSandbox, code: str, exit_code: int) -> None:
    execution = await sandbox.run_code(code)
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, exit_code)
    assert execution.success is (exit_code == 0)
    assert execution.stdout == ("bye\n" if "bye" in code else "")


async def test_exit_with_a_text_prints_it(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("import sys; sys.exit('sorry')")
    assert (execution.exit_code, execution.stderr) == (1, "sorry\n")


async def test_files_lie_in_the_working_directory_and_can_be_imported(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code(
        "import mylib, pkg.inner, os\n"
        "print(mylib.VALUE, pkg.inner.VALUE, open('data/x.bin', 'rb').read(), sorted(os.listdir()))",
        files={
            "mylib.py": b"VALUE = 1",
            "pkg/__init__.py": b"",
            "pkg/inner.py": b"VALUE = 2",
            "data/x.bin": bytes(range(3)) * 2,
            "empty": b"",
            "name with ä space": b"",
        },
    )
    assert execution.error is None
    assert execution.stdout.startswith("1 2 b'\\x00\\x01\\x02\\x00\\x01\\x02' ")
    assert execution.stdout.endswith("['data', 'empty', 'mylib.py', 'name with ä space', 'pkg']\n")


async def test_a_large_file_arrives_whole(sandbox: LocalSandbox) -> None:
    content = bytes(range(256)) * 4096 * 4
    execution = await sandbox.run_code(
        "import hashlib; hashlib.sha256(open('big', 'rb').read()).hexdigest()",
        files={"big": content},
    )
    import hashlib  # noqa: PLC0415  # next to its use

    assert execution.text == repr(hashlib.sha256(content).hexdigest())


async def test_the_environment_is_empty_but_for_what_is_given(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code(
        "import os; print(sorted(os.environ)); print(os.environ['KEY'])",
        envs={"KEY": 'it\'s "quoted"\nand ä'},
    )
    assert execution.stdout == "['HOME', 'KEY', 'LANG', 'PATH']\nit's \"quoted\"\nand ä\n"


async def test_the_program_is_main(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code(
        "import sys, __main__\n"
        "print(__name__, __file__, sys.argv, __main__.x if (x := 5) else 0)\n"
        "print([name for name in sys.modules if 'inside' in name], sys.stdin.read())\n"
        "class A: pass\nprint(A.__module__)"
    )
    assert execution.error is None
    assert execution.stdout == "__main__ main.py ['main.py'] 5\n[] \n__main__\n"


async def test_output_may_be_unicode_or_binary(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code(
        "import sys; print('ä🎉', flush=True); sys.stdout.buffer.write(b'\\xff\\xfe\\n')"
    )
    assert execution.stdout == "ä🎉\n\ufffd\ufffd\n"


async def test_standard_streams_can_be_opened_by_name(sandbox: LocalSandbox) -> None:
    code = (
        "for name in ('stdout', 'stderr'):\n    with open(f'/dev/{name}', 'w') as stream: stream.write(name)"
    )
    execution = await sandbox.run_code(code)
    assert (execution.stdout, execution.stderr) == ("stdout", "stderr")


async def test_a_shell_writes_to_streams_by_name(only_namespaces: LocalSandbox) -> None:
    execution = await only_namespaces.run_code("echo said > /dev/stderr", language="bash")
    assert (execution.stderr, execution.exit_code) == ("said\n", 0)


async def test_what_was_printed_before_a_kill_is_kept(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("print('before')\nwhile True: pass", limits=Limits(wall_s=0.3))
    assert (execution.stop, execution.exit_code, execution.signal) == (Stop.WALL_TIME, None, 9)
    assert execution.stdout == "before\n"
    assert execution.usage.cpu_s > 0.05


async def test_useful_parts_of_the_standard_library_work(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code(
        "import asyncio, tempfile, threading, shutil, zipfile, sqlite3, decimal, random, uuid, time\n"
        "async def f():\n  await asyncio.sleep(0)\n  return 1\n"
        "assert asyncio.run(f()) == 1\n"
        "done = []\n"
        "thread = threading.Thread(target=lambda: (time.sleep(0.01), done.append(1)))\n"
        "thread.start(); thread.join(); assert done\n"
        "with tempfile.TemporaryDirectory() as d:\n"
        "  open(d + '/a', 'w').write('x'); shutil.copy(d + '/a', 'b')\n"
        "with zipfile.ZipFile('c.zip', 'w') as z: z.write('b')\n"
        "assert sqlite3.connect('d.sqlite').execute('select 1').fetchone() == (1,)\n"
        "import signal\n"
        "fired = []\n"
        "signal.signal(signal.SIGALRM, lambda *a: fired.append(1))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(0.05); assert fired\n"
        "'ok'"
    )
    assert execution.error is None
    assert execution.text == "'ok'"


async def test_the_usual_signals_end_a_program(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("import signal, time\nsignal.alarm(1)\ntime.sleep(9)")
    assert (execution.stop, execution.signal) == (Stop.SIGNALLED, 14)


async def test_a_crash_of_the_interpreter_is_a_result(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("import ctypes; ctypes.string_at(0)")
    assert (execution.stop, execution.exit_code, execution.signal) == (Stop.SIGNALLED, None, 11)


async def test_deep_recursion_is_a_result(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("def f(): f()\nf()")
    assert execution.error is not None
    assert (execution.error.name, execution.error.line) == ("RecursionError", 1)
    execution = await sandbox.run_code(
        "import sys; sys.setrecursionlimit(10**9)\n"
        "class A:\n  def __repr__(self): return repr([self])\nrepr(A())"
    )
    assert not execution.success


async def test_subprocesses_work_within_their_limit(only_namespaces: LocalSandbox) -> None:
    execution = await only_namespaces.run_code(
        "import subprocess, sys\n"
        "print(subprocess.run([sys.executable, '-c', 'print(6*7)'], capture_output=True, text=True).stdout)\n"
        "import multiprocessing.pool, os\n"
        "pid = os.fork()\n"
        "if pid == 0: os._exit(3)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))",
        limits=Limits(processes=8),
    )
    assert execution.error is None
    assert execution.stdout == "42\n\n3\n"
