from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.sandbox.conftest import TEST_LIMITS

from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.core.errors import ConfigurationError, SandboxUnavailable
from tta_dev_primitives.sandbox import CodeExecutionPrimitive, Isolation, Limits, LocalSandbox, Stop
from tta_dev_primitives.sandbox.local.languages import LANGUAGES, Language, language_called

C_MAIN = "#include <stdio.h>\n#include <stdlib.h>\nint main(void) { %s }"
CPP_MAIN = "#include <cstdio>\n#include <cstdlib>\nint main() { %s }"

# What a program does, in each language.
PROGRAMS = {
    "greets": {
        "bash": "echo out; echo err >&2; exit 3",
        "javascript": "console.log('out'); console.error('err'); process.exit(3)",
        "c": C_MAIN % 'puts("out"); fputs("err\\n", stderr); return 3;',
        "c++": CPP_MAIN % 'std::puts("out"); std::fputs("err\\n", stderr); return 3;',
    },
    "reads": {
        "bash": 'printf %s "$KEY-$(cat data/x.txt)"',
        "javascript": "process.stdout.write(process.env.KEY + '-' +"
        " require('fs').readFileSync('data/x.txt'))",
        "c": C_MAIN % 'char t[99] = {0}; fread(t, 1, 98, fopen("data/x.txt", "r"));'
        ' printf("%s-%s", getenv("KEY"), t);',
        "c++": CPP_MAIN % 'char t[99] = {}; (void)!std::fread(t, 1, 98, std::fopen("data/x.txt", "r"));'
        ' std::printf("%s-%s", std::getenv("KEY"), t);',
    },
    "loops": {
        "bash": "while true; do :; done",
        "javascript": "for (;;);",
        "c": C_MAIN % "for (;;);",
        "c++": CPP_MAIN % "volatile int on = 1; while (on);",
    },
    "floods": {
        "bash": "while true; do echo xxxxxxxxxxxxxxxxxxxxxxxxxx; done",
        "javascript": "for (;;) console.log('x'.repeat(99));",
        "c": C_MAIN % 'for (;;) puts("xxxxxxxxxxxxxxxxxx");',
        "c++": CPP_MAIN % 'for (;;) std::puts("xxxxxxxxxxxxxxxx");',
    },
    "crashes": {
        "bash": "kill -SEGV $$",
        "javascript": "process.kill(process.pid, 'SIGSEGV')",
        "c": C_MAIN % "abort();",
        "c++": CPP_MAIN % "std::abort();",
    },
}
OTHERS = [one.name for one in LANGUAGES if one.commands]


@pytest.fixture(params=OTHERS)
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if not language_called(name).works:
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture(scope="module")
def boxed() -> Iterator[LocalSandbox]:
    one = LocalSandbox(isolation=Isolation.NAMESPACES)
    try:
        asyncio.run(one.run_code("pass"))
    except SandboxUnavailable as missing:
        pytest.skip(f"namespaces: {missing}")
    yield one
    asyncio.run(one.aclose())


def _needs(name: str) -> None:
    if not language_called(name).works:
        pytest.skip(f"{name} is not installed")


async def test_a_program_prints_and_exits(boxed: LocalSandbox, language: str) -> None:
    execution = await boxed.run_code(PROGRAMS["greets"][language], language=language)
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 3)
    assert (execution.stdout, execution.stderr) == ("out\n", "err\n")
    assert (execution.error, execution.results) == (None, ())
    assert execution.isolation is Isolation.NAMESPACES
    assert execution.usage.peak_memory_bytes > 0


async def test_files_and_environment_arrive(boxed: LocalSandbox, language: str) -> None:
    code, files = PROGRAMS["reads"][language], {"data/x.txt": "ä".encode()}
    execution = await boxed.run_code(code, language=language, files=files, envs={"KEY": "k v"})
    assert (execution.stdout, execution.exit_code) == ("k v-ä", 0), execution


async def test_limits_end_a_program(boxed: LocalSandbox, language: str) -> None:
    slow = await boxed.run_code(PROGRAMS["loops"][language], language=language, limits=Limits(wall_s=2.0))
    assert slow.stop is Stop.WALL_TIME
    busy = await boxed.run_code(PROGRAMS["loops"][language], language=language, limits=Limits(cpu_s=1))
    assert busy.stop is Stop.CPU_TIME
    limits = Limits(output_bytes=5000)
    loud = await boxed.run_code(PROGRAMS["floods"][language], language=language, limits=limits)
    assert (loud.stop, loud.truncated, len(loud.stdout)) == (Stop.OUTPUT, True, 5000)


async def test_a_crash_is_the_programs(boxed: LocalSandbox, language: str) -> None:
    execution = await boxed.run_code(PROGRAMS["crashes"][language], language=language)
    assert execution.stop is Stop.SIGNALLED
    assert execution.signal in {6, 11}


@pytest.mark.parametrize("name", ["c", "c++"])
async def test_a_program_that_does_not_compile_fails_with_the_diagnostics(
    boxed: LocalSandbox, name: str
) -> None:
    _needs(name)
    execution = await boxed.run_code("int main() { return missing; }", language=name)
    assert (execution.stop, execution.exit_code, execution.stdout) == (Stop.EXITED, 1, "")
    assert "missing" in execution.stderr


@pytest.mark.parametrize(
    ("alias", "name"), [("js", "javascript"), ("node", "javascript"), ("sh", "bash"), ("cpp", "c++")]
)
async def test_languages_have_other_names(boxed: LocalSandbox, alias: str, name: str) -> None:
    _needs(name)
    assert alias in boxed.languages
    assert language_called(alias) is language_called(name)


async def test_a_shell_has_the_processes_that_it_needs_unless_told_otherwise(boxed: LocalSandbox) -> None:
    _needs("bash")
    pipeline = "yes | head -1; echo ${PIPESTATUS[0]}"
    execution = await boxed.run_code(pipeline, language="bash", limits=Limits(wall_s=5.0))
    # 141: killed by SIGPIPE, which Python ignores and passes on ignored.
    assert execution.stdout == "y\n141\n"
    alone = await boxed.run_code(
        "echo here; (echo there)", language="bash", limits=Limits(processes=1, wall_s=0.5)
    )
    assert (alone.stdout, alone.stop) == ("here\n", Stop.WALL_TIME)


async def test_limits_that_no_program_of_a_language_can_keep_are_refused(boxed: LocalSandbox) -> None:
    with pytest.raises(ConfigurationError, match="processes=1 must be at least 4 for c"):
        await boxed.run_code("", language="c", limits=Limits(processes=1))
    with pytest.raises(ConfigurationError, match=r"memory_bytes=67108864 must be at least .* for javascript"):
        await boxed.run_code("", language="js", limits=Limits(memory_bytes=64 << 20))


async def test_the_heap_of_an_engine_is_counted(boxed: LocalSandbox) -> None:
    _needs("javascript")
    code = "const a = []; for (;;) a.push(new Array(1000).fill(a.length));"
    execution = await boxed.run_code(code, language="javascript", limits=TEST_LIMITS)
    assert execution.stop is Stop.MEMORY
    fits = "const a = Buffer.alloc(150 << 20, 1); console.log(a.length)"
    execution = await boxed.run_code(fits, language="javascript", limits=TEST_LIMITS)
    assert execution.stdout == f"{150 << 20}\n"


async def test_webassembly_runs(boxed: LocalSandbox) -> None:
    _needs("javascript")
    code = "console.log(new Uint8Array(new WebAssembly.Memory({initial: 16}).buffer).fill(1).length)"
    execution = await boxed.run_code(code, language="javascript")
    assert (execution.stdout, execution.stderr) == (f"{1 << 20}\n", "")


async def test_workers_run(boxed: LocalSandbox) -> None:
    _needs("javascript")
    code = """
const {Worker} = require('worker_threads');
for (const _ of [1, 2]) {
    const worker = new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', {eval: true});
    worker.on('message', value => console.log(value));
}
"""
    execution = await boxed.run_code(code, language="javascript")
    assert (execution.stdout, execution.stderr) == ("42\n42\n", "")


async def test_a_file_may_not_take_the_place_of_the_program(boxed: LocalSandbox) -> None:
    with pytest.raises(ConfigurationError, match=r"'main\.js' is the program itself"):
        await boxed.run_code("1", language="js", files={"main.js": b""})


async def test_code_that_is_no_text_is_the_programs_error(boxed: LocalSandbox) -> None:
    _needs("c")
    execution = await boxed.run_code("\ud800\0", language="c")
    assert execution.exit_code == 1


async def test_a_missing_program_is_named_with_what_to_install() -> None:
    cobol = Language(name="cobol", commands=(("no-such-cobc", "main.cob"),), install="gnucobol")
    assert not cobol.works
    with pytest.raises(SandboxUnavailable, match=r"'cobol' needs no-such-cobc in .*; install gnucobol"):
        cobol.steps(Limits())


def test_programs_are_looked_up_in_fixed_places_and_files_of_the_run_are_not() -> None:
    _needs("c")
    compiler, program = language_called("c").steps(Limits())
    assert compiler[0].startswith(("/usr/", "/bin/"))
    assert program == ["./main"]


async def test_one_process_is_told_apart_from_none_where_there_is_no_more_to_have() -> None:
    async with LocalSandbox(isolation=Isolation.LANDLOCK) as sandbox:
        assert "python" in sandbox.languages
        assert not {"bash", "sh", "c", "c++"} & sandbox.languages
        _needs("bash")
        with pytest.raises(SandboxUnavailable, match=r"processes=64|landlock refused"):
            await sandbox.run_code("ls", language="bash")


async def test_a_shell_with_one_process_works_in_every_tier(sandbox: LocalSandbox) -> None:
    _needs("bash")
    code = "x=$((6 * 7)); echo $x >file; read -r y <file; echo $y; read -r z <<<here; echo $z; exit 4"
    limits = replace(TEST_LIMITS, processes=1)
    execution = await sandbox.run_code(code, language="bash", limits=limits)
    assert (execution.stdout, execution.exit_code) == ("42\nhere\n", 4), execution


async def test_javascript_works_in_every_tier(sandbox: LocalSandbox) -> None:
    _needs("javascript")
    execution = await sandbox.run_code("console.log(6 * 7)", language="javascript")
    assert (execution.stdout, execution.stderr) == ("42\n", "")


async def test_the_step_of_a_workflow_takes_a_language(boxed: LocalSandbox) -> None:
    _needs("bash")
    primitive = CodeExecutionPrimitive(boxed)
    output = await primitive.execute({"code": "echo $0 | cat", "language": "bash"}, WorkflowContext())
    assert (output.success, output.output) == (True, "main.sh\n")


async def test_languages_run_unconfined_where_the_user_said_so(language: str) -> None:
    async with LocalSandbox(isolation=Isolation.NONE, allow_unsandboxed=True) as sandbox:
        execution = await sandbox.run_code(PROGRAMS["greets"][language], language=language)
    assert (execution.stdout, execution.exit_code, execution.isolation) == ("out\n", 3, Isolation.NONE)


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        ([["/bin/sh", "-c", "exit 5"], ["/bin/true"]], 5),
        ([["/bin/sh", "-c", "kill -9 $$"], ["/bin/true"]], -9),
        ([["/bin/true"], ["/bin/sh", "-c", "exit 6"]], 6),
        ([["/missing/compiler"], ["/bin/true"]], 126),
        ([["/missing/program"]], 126),
    ],
)
def test_the_end_of_a_run_is_that_of_the_command_that_ended_it(commands: list[list[str]], code: int) -> None:
    program = (
        "import json, sys\n"
        "from tta_dev_primitives.sandbox.local.inside import commands\n"
        "sys.exit(commands.run(json.loads(sys.argv[1])))"
    )
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program, json.dumps(commands)],
        capture_output=True,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.returncode == code, done.stderr
