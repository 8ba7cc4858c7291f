from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import pytest

from tests.cli.conftest import ENVIRONMENT, Playbox
from tests.sandbox.processes import alive, descendants, eventually
from tta_dev_primitives.cli.benching.arms import BARE, OURS, Arm, ArmUnavailable, Opener
from tta_dev_primitives.cli.benching.cost import cpu_per_run
from tta_dev_primitives.cli.benching.measure import Report, measure
from tta_dev_primitives.cli.benching.plan import Plan
from tta_dev_primitives.cli.benching.processes import cpu_seconds, pss_bytes, tree
from tta_dev_primitives.cli.benching.rounds import IN_A_ROW, Times, interleaved
from tta_dev_primitives.cli.benching.table import document, lines
from tta_dev_primitives.cli.benching.throughput import CALLERS, throughput
from tta_dev_primitives.sandbox.local import Packages

SHORT = Plan(rounds=4, cpu_s=0.05, window_s=0.02, repeats=1)


def ignore(_: str) -> None:
    pass


async def report_of(openers: dict[str, Opener]) -> Report:
    return await measure(openers, {"standard library": Packages.stdlib()}, SHORT, ignore)


def test_percentiles_are_of_what_was_measured() -> None:
    times = Times.of([float(number) for number in range(101)])
    assert (times.p50, times.p95, times.p99, times.runs) == (50.0, 95.0, 99.0, 101)
    assert Times.of([1.0, 2.0]).p99 <= 2.0


async def test_a_rate_is_above_0_even_where_no_run_began_in_the_window() -> None:
    async def run() -> None: ...

    arm = Arm(name="slow", run=run, parallel=run)
    rates = await throughput([arm], Plan(rounds=2, window_s=0.0, repeats=1), ignore)
    assert min(rates["slow"].values()) > 0


async def test_every_round_has_every_arm_once_in_any_order() -> None:
    ran: list[str] = []

    def arm(name: str, every: int = 1) -> Arm:
        async def run() -> None:
            ran.append(name)

        return Arm(name=name, run=run, every=every)

    times = await interleaved([arm("a"), arm("b"), arm("c", every=2)], 40, ignore)
    assert ran[:3] == ["a", "b", "c"]
    # Once unmeasured and once measured after a rest, then in a row.
    each = 2 + IN_A_ROW
    turns = [ran[start : start + each] for start in range(3, len(ran), each)]
    assert all(turn == turn[:1] * each for turn in turns)
    rounds = [[turn[0] for turn in turns[start : start + 5]] for start in range(0, len(turns), 5)]
    assert [sorted(both) for both in rounds] == [["a", "a", "b", "b", "c"]] * 20
    assert len({tuple(both) for both in rounds}) > 1
    assert [times[name].rested.runs for name in "abc"] == [40, 40, 20]


async def test_an_arm_with_a_clock_of_its_own_is_believed() -> None:
    async def own() -> float:
        return 7.0

    times = await interleaved([Arm(name="a", run=own, own_clock=own)], 2, ignore)
    assert (times["a"].rested.p50, times["a"].in_a_row.p50) == (7.0, 7.0)


async def test_cpu_time_of_processes_that_are_gone_is_counted() -> None:
    burn = [sys.executable, "-I", "-S", "-c", "import time\nwhile time.process_time() < 0.2: pass"]

    async def run() -> None:
        subprocess.run(burn, check=True)  # noqa: ASYNC221, S603  # our own interpreter

    assert await cpu_per_run(Arm(name="a", run=run), 0.2, SHORT) >= 0.19


def test_the_processes_below_this_one() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        found = {one.pid: one for one in tree(os.getpid())}
        assert found[child.pid].parent == os.getpid()
        assert os.getppid() not in found
        assert pss_bytes(os.getpid()) > 1 << 20
        assert cpu_seconds(os.getpid()) > 0
        child.communicate(b"\n")


async def test_the_whole_measurement() -> None:
    report = await report_of(OURS)
    told = json.loads(json.dumps(document(report)))
    parallel = {BARE, "warm run", "exit confirmed", "session cell"} - {one.name for one in report.skipped}
    assert set(told["runs"]) == parallel | {"cold run", "new sandbox, one run"}
    for figures in told["runs"].values():
        assert 0 < figures["p50_s"] <= figures["p95_s"] <= figures["p99_s"]
        assert figures["ratio"] > 0
        assert figures["cpu_s"] >= 0
    assert told["runs"][BARE]["ratio"] == 1.0
    assert set(told["runs_per_second"]) == parallel
    assert set(told["runs_per_second"]["warm run"]) == {str(callers) for callers in CALLERS}
    if os.geteuid() == 0:
        assert report.waiting["standard library"].spares >= 1
        assert 1 << 20 < report.waiting["standard library"].spare_pss_bytes < 64 << 20
    shown = list(lines(report))
    assert shown[0].split()[:4] == ["one", "run", "p50", "ms"]
    assert len({len(line) for line in shown[: 1 + len(told["runs"])]}) == 1


async def test_what_is_missing_is_said_and_the_rest_measured() -> None:
    def missing() -> AbstractAsyncContextManager[Sequence[Arm]]:
        raise ArmUnavailable("apt install something")

    report = await report_of({BARE: OURS[BARE], "something": missing})
    assert [one.name for one in report.figures] == [BARE]
    assert "skipped: something: apt install something" in list(lines(report))
    assert document(report)["skipped"] == {"something": "apt install something"}


def test_too_few_rounds_are_refused(playbox: Playbox) -> None:
    ran = playbox("sandbox", "bench", "--rounds", "1")
    assert (ran.code, "--rounds" in ran.err) == (2, True)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_interrupt_leaves_no_process(options: list[str]) -> None:
    command = [sys.executable, "-m", "tta_dev_primitives.cli", "sandbox", "bench", *options]
    with subprocess.Popen(  # noqa: S603  # our own program
        command, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert eventually(lambda: len(descendants(process.pid)) >= 8, 30.0)
        time.sleep(0.3)
        jails = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in (json.loads(out)["error"]["message"] if options else err)
    assert "Traceback" not in err
    assert alive(jails) == []
