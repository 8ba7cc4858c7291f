"""The file survives kills and damage, and belongs to one process at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.adaptive.logs import BASE, OK, REFUSED, UTILITY, seen
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.workflow.adaptive import Configuration
from tta_dev_primitives.workflow.adaptive.history import History, Past, Standing
from tta_dev_primitives.workflow.adaptive.tuner import State
from tta_dev_primitives.workflow.adaptive.watch import Bets, Watch

BETTER = Configuration(timeout_s=5.0, retries=2, hedge_after_s=1.0)
WATCH = Watch(bets=Bets(mean=0.5, most=0.9).seen(0.2), patience=100.0, n=1)
STANDING = Standing.of(
    State(champion=BETTER, watch=WATCH, log=(seen(OK),), seen=7, refused={BASE: 9}), UTILITY
)
WRITER = """
import sys
from pathlib import Path
from tests.workflow.adaptive.logs import OK, seen
from tta_dev_primitives.workflow.adaptive.history import History
history = History(Path(sys.argv[1]), window=10_000)
for number in range(1_000_000):
    history.add(seen(OK))
    if number == 300:
        print("written", flush=True)
"""


def kept(path: Path, *, window: int = 100) -> Past:
    history = History(path, window=window)
    history.close()
    return history.past


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    history = History(tmp_path / "h", window=100)
    requests = (seen(REFUSED, OK), seen(OK, how=BETTER, arm="canary"), seen(REFUSED))
    history.add(*requests[:2])
    history.add(STANDING, requests[2])
    history.close()
    assert kept(tmp_path / "h") == Past(log=requests, standing=STANDING, since=1)
    assert kept(tmp_path / "h") == Past(log=requests, standing=STANDING, since=1), "after it was written anew"


def test_a_rollback_ends_what_counts(tmp_path: Path) -> None:
    history = History(tmp_path / "h", window=100)
    history.add(seen(OK), Standing.of(State(champion=BASE), UTILITY), seen(REFUSED))
    history.close()
    assert kept(tmp_path / "h").log == (seen(REFUSED),)


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_torn_last_line_costs_that_line_alone(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "h"
    history = History(path, window=100)
    history.add(seen(OK), seen(REFUSED), seen(OK))
    history.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert kept(path).log[:2] == (seen(OK), seen(REFUSED))


def test_damage_in_the_middle_is_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "h"
    history = History(path, window=100)
    history.add(seen(OK), seen(REFUSED), seen(OK))
    history.close()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(b"Connection", b"Konnection") + lines[2])
    assert kept(path) == Past(log=(seen(OK), seen(OK)), damaged=1, since=2)


def test_a_second_user_is_refused_until_the_first_is_closed(tmp_path: Path) -> None:
    first = History(tmp_path / "h", window=100)
    with pytest.raises(ConfigurationError, match="is in use by another adaptive step or process"):
        History(tmp_path / "h", window=100)
    first.close()
    History(tmp_path / "h", window=100).close()


def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "h"
    history = History(path, window=10)
    history.add(*[seen(OK)] * 101)
    assert history.crowded
    size = path.stat().st_size
    history.compact(State(champion=BETTER, log=(seen(OK),) * 10, seen=101), UTILITY)
    assert path.stat().st_size < size / 5
    history.add(seen(REFUSED))
    history.close()
    past = kept(path, window=10)
    assert past.log == (*(seen(OK),) * 9, seen(REFUSED))
    assert past.standing is not None
    assert (past.standing.champion, past.standing.seen, past.since) == (BETTER, 101, 1)


def test_what_was_written_before_a_kill_is_there(tmp_path: Path) -> None:
    path = tmp_path / "h"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(  # noqa: S603  # our own interpreter and text
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, env=environment
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.send_signal(signal.SIGKILL)
    past = kept(path, window=10_000_000)
    assert len(past.log) > 300
    assert past.damaged <= 1
