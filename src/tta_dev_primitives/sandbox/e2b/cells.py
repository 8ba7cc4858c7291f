"""The cells around a program: what a fresh kernel is told before it, and asked after it.

Nothing is pasted into source but base64 and hexadecimal digits, so no value can break out of its quotes;
E2B's own `envs=` is pasted as it is, and is never used.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, ValidationError

# A kernel is not quite an interpreter: it runs programs inside an event loop, so `asyncio.run` needs a
# thread; its `exit` stops the kernel; and what is written to descriptor 1 arrives some milliseconds late.
_PROLOGUE: Final = """\
def _playbox_begin(data):
    import asyncio, base64, builtins, concurrent.futures, contextvars, json, os, resource, shutil, sys, time
    import warnings
    given = json.loads(base64.b64decode(data))
    os.makedirs(given["directory"], exist_ok=True)
    os.chdir(given["directory"])
    directory = os.getcwd()
    sys.path.insert(0, directory)
    sys.argv = ["main.py"]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "MPLBACKEND") if name in os.environ}
    os.environ.clear()
    os.environ.update({**kept, **given["envs"]})
    time.tzset()
    globals().update(exit=sys.exit, quit=sys.exit)
    warnings.filterwarnings("ignore", "To exit: use")
    run = asyncio.run

    def run_anywhere(main, **options):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return run(main, **options)
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            return thread.submit(contextvars.copy_context().run, lambda: run(main, **options)).result()

    asyncio.run = run_anywhere
    out, sleep, measure, dumps = sys.stdout, time.sleep, resource.getrusage, json.dumps
    chdir, remove = os.chdir, shutil.rmtree

    def used():
        both = measure(resource.RUSAGE_SELF), measure(resource.RUSAGE_CHILDREN)
        peak = max(usage.ru_maxrss for usage in both) * 1024
        return sum(usage.ru_utime + usage.ru_stime for usage in both), peak

    before = used()[0]

    def end(marker):
        cpu_s, peak = used()
        out.flush()
        sleep(0.05)
        out.write(marker + dumps({"cpu_s": max(cpu_s - before, 0.0), "peak_memory_bytes": peak}))
        out.flush()
        chdir("/")
        remove(directory, ignore_errors=True)

    builtins._playbox_end = end


_playbox_begin("DATA")
del _playbox_begin
"""
_EPILOGUE: Final = '__import__("builtins")._playbox_end("MARKER")'


class Measured(BaseModel):
    """What a run used, measured in its own process: a claim."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    cpu_s: NonNegativeFloat = 0.0
    peak_memory_bytes: NonNegativeInt = 0


UNKNOWN: Final = Measured()


def prologue(directory: str, envs: Mapping[str, str]) -> str:
    """Return the cell that enters `directory` and sets the environment to `envs`."""
    given = json.dumps({"directory": directory, "envs": dict(envs)}).encode()
    return _PROLOGUE.replace("DATA", base64.b64encode(given).decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Epilogue:
    """The cell that reports what was used; its marker is not known before it is sent."""

    marker: str

    @classmethod
    def fresh(cls) -> Epilogue:
        """Return one with a marker of its own."""
        return cls(marker=secrets.token_hex(16))

    @property
    def code(self) -> str:
        """The cell's source."""
        return _EPILOGUE.replace("MARKER", self.marker)

    def late(self, printed: str) -> str:
        """Return what of `printed` is still of the program."""
        return printed.partition(self.marker)[0]

    def measured(self, printed: str) -> Measured:
        """Return the report in `printed`, or zeros if the program broke it."""
        try:
            return Measured.model_validate_json(printed.partition(self.marker)[2])
        except ValidationError:
            return UNKNOWN


_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_OWN_LINE: Final = re.compile(r"Cell In\[\d+\], line (\d+)")


def plain(traceback: str) -> str:
    """Return `traceback` without the colours that a kernel puts in."""
    return _COLOURS.sub("", traceback)


def line_of(traceback: str) -> int | None:
    """Return the innermost line of the program that a plain `traceback` names."""
    lines = _OWN_LINE.findall(traceback)
    return int(lines[-1]) if lines else None
