from __future__ import annotations

import signal

import pytest

from tta_dev_primitives.sandbox import Limits, Stop
from tta_dev_primitives.sandbox.local.ending import Observed, ending

LIMITS = Limits(cpu_s=10, memory_bytes=1 << 30)


def _exit(code: int) -> int:
    return code << 8


@pytest.mark.parametrize(
    ("status", "cpu_s", "peak", "killed_for", "stop"),
    [
        (_exit(0), 0.1, 1, None, Stop.EXITED),
        (_exit(0), 9.9, 1 << 30, None, Stop.EXITED),
        (_exit(3), 0.1, 1, None, Stop.EXITED),
        # It ended by itself in the moment the clock ran out.
        (_exit(0), 0.1, 1, Stop.WALL_TIME, Stop.EXITED),
        (_exit(0), 0.1, 1, Stop.OUTPUT, Stop.OUTPUT),
        (signal.SIGKILL, 0.1, 1, Stop.WALL_TIME, Stop.WALL_TIME),
        (signal.SIGKILL, 0.1, 1, None, Stop.SIGNALLED),
        (signal.SIGXCPU, 8.0, 1, None, Stop.CPU_TIME),
        (signal.SIGKILL, 9.5, 1, None, Stop.CPU_TIME),
        # A program cannot claim a limit by sending itself the signal.
        (signal.SIGXCPU, 0.1, 1, None, Stop.SIGNALLED),
        (signal.SIGSYS, 0.1, 1, None, Stop.POLICY),
        (_exit(1), 0.1, 1 << 30, None, Stop.MEMORY),
        (signal.SIGABRT, 0.1, 1 << 30, None, Stop.MEMORY),
        (signal.SIGSEGV, 0.1, 1, None, Stop.SIGNALLED),
    ],
)
def test_why_a_run_ended(status: int, cpu_s: float, peak: int, killed_for: Stop | None, stop: Stop) -> None:
    observed = Observed(wait_status=status, cpu_s=cpu_s, peak_memory_bytes=peak, killed_for=killed_for)
    end = ending(observed, LIMITS)
    assert end.stop is stop
    assert (end.exit_code is None) is (stop is not Stop.EXITED)
    assert (end.signal is None) is (status in {_exit(0), _exit(1), _exit(3)})
