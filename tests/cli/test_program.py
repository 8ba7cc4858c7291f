from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ENVIRONMENT, Playbox
from tta_dev_primitives.cli.exits import EPILOG, ExitCode, code_of
from tta_dev_primitives.core.errors import PlayboxError

_HEAVY = ("pydantic_ai", "openai", "anthropic", "tta_dev_primitives.ace")
COMMANDS = [
    [],
    ["run"],
    ["demo"],
    ["doctor"],
    ["playbook"],
    ["models"],
    ["sandbox"],
    ["bench"],
    ["runs"],
    ["trace"],
    *(["runs", name] for name in ("list", "show", "settle", "retry", "forget")),
    *(["playbook", name] for name in ("show", "history", "diff", "export", "import")),
    *(["playbook", name] for name in ("verify", "backup", "rollback", "merge", "forget")),
    *(["models", name] for name in ("check", "list")),
    *(["sandbox", name] for name in ("bench", "run", "serve")),
    ["bench", "environments"],
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(playbox: Playbox, command: list[str]) -> None:
    ran = playbox(*command, "--help")
    assert ran.code == 0
    assert "Usage: playbox" in ran.out
    if command and command not in (["playbook"], ["models"], ["sandbox"], ["bench"], ["runs"]):
        assert "Examples:" in ran.out


@pytest.mark.parametrize("command", [[], ["playbook"], ["models"], ["sandbox"], ["bench"], ["runs"]])
def test_without_a_command_there_is_help(playbox: Playbox, command: list[str]) -> None:
    ran = playbox(*command)
    assert (ran.code, "Usage: playbox" in ran.out) == (2, True)


def test_the_exit_codes_stand_in_the_help(playbox: Playbox) -> None:
    told = " ".join(playbox("--help").out.split())
    assert EPILOG in told
    assert all(str(int(code)) in EPILOG for code in ExitCode)


def leaves(kind: type[PlayboxError]) -> list[type[PlayboxError]]:
    below = [leaf for child in kind.__subclasses__() for leaf in leaves(child)]
    return below or [kind]


@pytest.mark.parametrize("kind", leaves(PlayboxError))
def test_every_error_has_an_exit_code_of_its_own(kind: type[PlayboxError]) -> None:
    assert code_of(kind("x")) not in {ExitCode.OK, ExitCode.FAILED, ExitCode.FAULT}


def test_version(playbox: Playbox) -> None:
    ran = playbox("--version")
    assert (ran.code, ran.out.split()[0]) == (0, "playbox")


def test_help_loads_no_model_sdk_and_no_loop() -> None:
    program = (
        "import sys; from tta_dev_primitives.cli import main; main(['--help']); "
        f"print([name for name in {_HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = _python("-c", program)
    assert ran.stderr.strip() == "[]"


def test_the_module_is_the_program(tmp_path: Path) -> None:
    ran = _python("-m", "tta_dev_primitives.cli", "playbook", "show", "--playbook", str(tmp_path / "no.db"))
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: there is no playbook")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    count = 600  # more than a pipe holds
    strategies = "\n".join(
        f"[x-{i}] helpful=0 harmful=0 :: Rule {i}: {'long ' * 80}{i}." for i in range(count)
    )
    (tmp_path / "many.txt").write_text(strategies)
    play = f"{sys.executable} -m tta_dev_primitives.cli playbook"
    for command in ("import many.txt", "show", "export --unproven", "show --json"):
        ran = subprocess.run(  # noqa: S602  # a pipeline of our own
            f"{play} {command} --playbook many.db | head -1",
            shell=True, cwd=tmp_path, env=ENVIRONMENT,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert ran.stdout.count("\n") == 1
        assert ran.stderr == ""


def test_a_reader_that_never_reads_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("[x-1] helpful=0 harmful=0 :: Use len().")
    play = f"{sys.executable} -m tta_dev_primitives.cli"
    for command in (
        "playbook import one.txt",
        "playbook export --unproven",
        "playbook show",
        "models list --json",
    ):
        ran = subprocess.run(  # noqa: S602  # a pipeline of our own
            f"{play} {command} | true",
            shell=True, cwd=tmp_path, env=ENVIRONMENT,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert ran.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_stdout_is_told(tmp_path: Path) -> None:
    ran = subprocess.run(  # noqa: S602  # a pipeline of our own
        f"{sys.executable} -m tta_dev_primitives.cli models list --json > /dev/full",
        shell=True, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, *arguments], env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=60
    )
