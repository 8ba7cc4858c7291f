"""How a program went: its own output where it belongs, and one line about it."""

from __future__ import annotations

import signal
import sys
from types import MappingProxyType
from typing import Final, TextIO

from rich.console import Console
from rich.text import Text

from ...sandbox.types import Execution, Limits, Result, Stop
from ..screen import Screen, safe

_MIB: Final = 1 << 20
_OPTIONS: Final = MappingProxyType(
    {Stop.WALL_TIME: "--timeout", Stop.CPU_TIME: "--timeout", Stop.MEMORY: "--memory"}
)


def show_execution(execution: Execution, limits: Limits, screen: Screen) -> None:
    """Print what the program printed, its exception, and a line on stderr about how it ended."""
    _print(execution.stdout, sys.stdout, screen.out)
    _print(execution.stderr, sys.stderr, screen.err)
    if execution.error is not None:
        _print(execution.error.traceback, sys.stderr, screen.err)
    style = "green" if execution.success else "red"
    screen.tell(Text.assemble((ending(execution, limits), style), (f" · {_cost(execution)}", "dim")))


def ending(execution: Execution, limits: Limits) -> str:
    """Return in words why the run ended; where a limit did it, with the option that raises it."""
    match execution.stop:
        case Stop.EXITED:
            return f"exited {execution.exit_code}"
        case Stop.SIGNALLED:
            return f"killed by {_signal(execution.signal)}"
        case Stop.POLICY:
            return "stopped: it made a system call that no program may make here"
        case Stop.OUTPUT:
            return f"stopped: output limit of {_size(limits.output_bytes)}; it must print less"
        case stop:
            return f"stopped: {stop} limit of {_limit(stop, limits)}; {_OPTIONS[stop]} raises it"


def document(execution: Execution) -> dict[str, object]:
    """Return all of it as JSON values."""
    error, usage = execution.error, execution.usage
    return {
        "success": execution.success,
        "stop": execution.stop,
        "exit_code": execution.exit_code,
        "signal": execution.signal,
        "stdout": execution.stdout,
        "stderr": execution.stderr,
        "text": execution.text,
        "error": None
        if error is None
        else {"name": error.name, "value": error.value, "traceback": error.traceback, "line": error.line},
        "results": [_result(result) for result in execution.results],
        "usage": {
            "wall_s": usage.wall_s,
            "cpu_s": usage.cpu_s,
            "peak_memory_bytes": usage.peak_memory_bytes,
            "output_bytes": usage.output_bytes,
        },
        "truncated": execution.truncated,
        "isolation": execution.isolation,
        "sandbox_id": execution.sandbox_id,
    }


def _print(text: str, stream: TextIO, console: Console) -> None:
    """Print text of the guest; a terminal gets what cannot steer it, and lines that are whole."""
    # Not the console alone: the environment can make it take a terminal for none.
    if console.is_terminal or stream.isatty():
        text = safe(text)
        text += "" if not text or text.endswith("\n") else "\n"
    stream.write(text)
    stream.flush()


def _cost(execution: Execution) -> str:
    usage = execution.usage
    told = [_duration(usage.wall_s), _size(usage.peak_memory_bytes), str(execution.isolation)]
    return " · ".join([*told, *(["its output was cut"] if execution.truncated else [])])


def _limit(stop: Stop, limits: Limits) -> str:
    if stop is Stop.MEMORY:
        return _size(limits.memory_bytes)
    return f"{limits.wall_s if stop is Stop.WALL_TIME else limits.cpu_s:g} s"


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _size(count: int) -> str:
    return f"{count / _MIB:.0f} MiB" if count >= _MIB else f"{count / 1024:.0f} KiB"


def _signal(number: int | None) -> str:
    if number is None:
        return "a signal"
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _result(result: Result) -> dict[str, object]:
    return {"text": result.text, "is_main_result": result.is_main_result, "formats": dict(result.formats)}
