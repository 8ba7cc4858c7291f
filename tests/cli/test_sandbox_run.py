from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import ENVIRONMENT, Playbox, Ran
from tests.cli.in_process_sandbox import InProcessSandbox
from tests.sandbox.processes import descendants, eventually
from tta_dev_primitives.core.errors import SandboxCrashed, SandboxUnavailable
from tta_dev_primitives.sandbox.local import LocalSandbox

HOSTILE = "print('\\x1b[2J\\x1b]0;owned\\x07out \\u202e[red]0xbeef[/red]', end='')"
COMMAND = [sys.executable, "-m", "tta_dev_primitives.cli", "sandbox", "run"]


def running(playbox: Playbox, code: str, *options: str) -> Ran:
    """Run `code` from stdin, really confined."""
    return playbox("sandbox", "run", "-", *options, stdin=code.encode(), sandbox=LocalSandbox())


def test_its_output_becomes_ours_and_a_line_says_how_it_ended(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import sys\nprint('größe', 6 * 7)\nprint('no', file=sys.stderr)\n")
    ran = playbox("sandbox", "run", "program.py", sandbox=LocalSandbox())
    assert (ran.code, ran.out) == (0, "größe 42\n")
    printed, summary = ran.err.splitlines()
    assert printed == "no"
    ended, taken, peak, isolation = summary.split(" · ")
    assert (ended, taken.split()[1], peak.split()[1]) == ("exited 0", "ms", "MiB")
    assert isolation in {"namespaces", "landlock"}


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("raise SystemExit(3)", "exited 3 · "),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "killed by SIGSEGV · "),
        ("import socket\nsocket.socket()", "exited 1 · "),
    ],
)
def test_a_program_that_fails_exits_with_1(playbox: Playbox, code: str, ended: str) -> None:
    ran = running(playbox, code)
    assert (ran.code, ran.out) == (1, "")
    assert ended in ran.err


def test_an_exception_is_told_like_python_tells_it(playbox: Playbox) -> None:
    ran = running(playbox, "print('before')\n1 / 0\n")
    assert (ran.code, ran.out) == (1, "before\n")
    assert "line 2, in <module>\n    1 / 0\n" in ran.err
    assert "ZeroDivisionError: division by zero\nexited 1 · " in ran.err


@pytest.mark.parametrize(
    ("code", "options", "told"),
    [
        ("while True: pass", ["--timeout", "0.5"], "wall_time limit of 0.5 s; --timeout raises it"),
        (
            "x = []\nwhile True: x.append(bytes(4096))",
            ["--memory", "64"],
            "memory limit of 64 MiB; --memory raises it",
        ),
        ("print('x' * (2 << 20))", [], "output limit of 1 MiB; it must print less"),
    ],
)
def test_a_limit_is_told_with_its_remedy(
    playbox: Playbox, code: str, options: Sequence[str], told: str
) -> None:
    ran = running(playbox, code, *options)
    assert ran.code == 1
    assert f"stopped: {told} · " in ran.err


def test_the_disk_and_the_processes_are_limited(playbox: Playbox) -> None:
    writes = "open('big', 'wb').write(bytes(3 << 20))"
    assert running(playbox, writes, "--disk", "8").code == 0
    assert running(playbox, writes, "--disk", "2").code == 1
    forks = "import os\nif os.fork() == 0: os._exit(0)\nos.wait()"
    assert running(playbox, forks).code == 1


def test_files_and_variables_come_along(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "data.bin").write_bytes(b"\x00\xff")
    ran = running(
        playbox,
        "import os\nprint(open('data.bin', 'rb').read(), os.environ['A'], os.environ['B'] == '')",
        "--file", "folder/data.bin", "--env", "A=x=y", "--env", "B=",
    )  # fmt: skip
    assert (ran.code, ran.out) == (0, "b'\\x00\\xff' x=y True\n")


def test_the_language_is_told_by_the_name_or_by_the_option(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "count.sh").write_text("echo $((6 * 7)) $BASH_VERSION")
    (tmp_path / "count").write_text("print(6 * 7)")
    shell = playbox("sandbox", "run", "count.sh", sandbox=LocalSandbox())
    assert (shell.code, shell.out.split()[0]) == (0, "42")
    named = playbox("sandbox", "run", "count", "--language", "python", sandbox=LocalSandbox())
    assert (named.code, named.out) == (0, "42\n")


def test_json_is_the_whole_execution(playbox: Playbox) -> None:
    document = running(playbox, "print('out')\n6 * 7", "--json").document
    assert document["success"] is True
    assert (document["stop"], document["exit_code"], document["signal"]) == ("exited", 0, None)
    assert (document["stdout"], document["stderr"], document["text"]) == ("out\n", "", "42")
    assert document["results"] == [{"text": "42", "is_main_result": True, "formats": {}}]
    assert document["error"] is None
    assert sorted(document["usage"]) == ["cpu_s", "output_bytes", "peak_memory_bytes", "wall_s"]  # type: ignore[call-overload]
    assert document["isolation"] in {"namespaces", "landlock"}
    failed = running(playbox, "1 / 0", "--json")
    assert (failed.code, failed.err) == (1, "")
    error = failed.document["error"]
    assert isinstance(error, dict)
    assert (error["name"], error["line"]) == ("ZeroDivisionError", 1)


def test_to_a_file_the_output_goes_as_it_is(playbox: Playbox) -> None:
    ran = playbox("sandbox", "run", "-", stdin=HOSTILE.encode())
    assert ran.out == "\x1b[2J\x1b]0;owned\x07out \u202e[red]0xbeef[/red]"


def test_a_terminal_is_not_steered_by_what_a_program_prints(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    ran = playbox("sandbox", "run", "-", stdin=HOSTILE.encode())
    assert ran.out == "[2J]0;ownedout [red]0xbeef[/red]\n"


@pytest.mark.parametrize("denial", [{}, {"TTY_COMPATIBLE": "0"}, {"TERM": "dumb"}])
def test_a_real_terminal_is_not_steered_whatever_the_environment_says(
    tmp_path: Path, denial: dict[str, str]
) -> None:
    hostile = tmp_path / "hostile.py"
    hostile.write_text(
        f"import sys\n{HOSTILE}\nsys.stderr.write('\\x1b[5m')\nraise ValueError('\\x1b]0;x\\x07')"
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603  # our own program
        [*COMMAND, str(hostile)], env=ENVIRONMENT | denial, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = _all_of(ours)
    assert process.returncode == 1
    assert b"owned" in shown
    for sequence in (b"\x1b[2J", b"\x1b]0;", b"\x1b[5m", b"\x07"):
        assert sequence not in shown


def _all_of(descriptor: int) -> bytes:
    """What a terminal was shown until its last process ended."""
    shown = b""
    try:
        while part := os.read(descriptor, 1 << 16):
            shown += part
    except OSError:  # that is how a terminal says that it is over
        pass
    os.close(descriptor)
    return shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Missing argument 'FILE'"),
        (["missing.py"], "FILE='missing.py' cannot be read"),
        (["."], "does not tell its language"),
        (["program.txt"], "FILE='program.txt' does not tell its language (.py .sh .js .c .cpp)"),
        (["binary.py"], "is not UTF-8 text"),
        (["program.py", "--file", "missing.csv"], "--file='missing.csv' cannot be read"),
        (["program.py", "--file", "."], "--file='.' cannot be read"),
        (["program.py", "--file", "a/x", "--file", "b/x"], "there is a file 'x' already"),
        (["program.py", "--file", "zeros", "--disk", "1"], "exceed disk_bytes=1048576"),
        (["program.py", "--env", "A"], "an --env must be NAME=VALUE"),
        (["program.py", "--env", "=A"], "an --env must be NAME=VALUE"),
        (["program.py", "--timeout", "0"], "--timeout 0.0 must be"),
        (["program.py", "--timeout", "nan"], "--timeout nan must be"),
        (["program.py", "--memory", "1"], "limit memory_bytes=1048576 must be at least"),
        (["program.py", "--memory", "0"], "greater than or equal to 1"),
        (["program.py", "--packages", "missing"], "pyvenv.cfg"),
        (["program.py", "--sandbox", "moon"], "unknown sandbox 'moon'"),
        (["program.py", "--sandbox", "e2b", "--memory", "64"], "--memory needs the sandbox 'local'"),
        (["program.py", "--sandbox", "e2b", "--packages", "data"], "--packages needs the sandbox 'local'"),
        (["program.py", "--sandbox", "e2b"], "set E2B_API_KEY"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_bad_input_is_told_in_a_line_and_exits_with_2(
    playbox: Playbox, tmp_path: Path, arguments: list[str], told: str, *, as_json: bool
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x").touch()
    for name in ("program.py", "program.txt"):
        (tmp_path / name).write_text("pass")
    (tmp_path / "binary.py").write_bytes(b"\x7fELF\xff")
    (tmp_path / "zeros").write_bytes(bytes(3 << 20))
    ran = playbox("sandbox", "run", *arguments, *(["--json"] if as_json else []), sandbox=LocalSandbox())
    assert ran.code == 2, ran.err
    assert told in (str(ran.document["error"]) if as_json else ran.err)
    assert "Traceback" not in ran.out + ran.err


@pytest.mark.parametrize("error", [SandboxCrashed("gone"), SandboxUnavailable("cannot isolate")])
def test_a_failing_sandbox_exits_with_4_and_is_closed(
    playbox: Playbox, error: SandboxCrashed | SandboxUnavailable
) -> None:
    sandbox = InProcessSandbox(error)
    ran = playbox("sandbox", "run", "-", sandbox=sandbox)
    assert (ran.code, sandbox.closed) == (4, True)
    assert f"error: {error}" in ran.err


def test_a_language_that_cannot_run_exits_with_4(playbox: Playbox) -> None:
    ran = running(playbox, "x", "--language", "cobol")
    assert (ran.code, "'cobol'" in ran.err) == (4, True)


def test_packages_of_a_virtual_environment(playbox: Playbox, tmp_path: Path) -> None:
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    subprocess.run([base, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)  # noqa: S603
    place = tmp_path / "env" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    (place / "answer.py").write_text("VALUE = 42")
    ran = running(playbox, "import answer; print(answer.VALUE)", "--packages", "env", "--sandbox", "local")
    assert (ran.code, ran.out) == (0, "42\n"), ran.err
    assert running(playbox, "import answer", "--packages", "stdlib").code == 1


@pytest.mark.parametrize("as_json", [False, True])
def test_an_interrupt_leaves_no_process(tmp_path: Path, *, as_json: bool) -> None:
    (tmp_path / "waits.py").write_text("import time\ntime.sleep(60)")
    options = ["--timeout", "90", *(["--json"] if as_json else [])]
    with subprocess.Popen(  # noqa: S603  # our own program
        [*COMMAND, "waits.py", *options], cwd=tmp_path, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        # The launcher, the zygote, and the two of the run.
        assert eventually(lambda: len(descendants(process.pid)) >= 4, 30.0)
        time.sleep(0.3)
        jail = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    if as_json:
        assert json.loads(out)["error"]["type"] == "Interrupted"
    else:
        assert (out, err) == ("", "error: interrupted\n")
    assert [pid for pid in jail if Path(f"/proc/{pid}").exists()] == []
