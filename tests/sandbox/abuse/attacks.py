"""What an attack is, and the prelude that each program starts with."""

from __future__ import annotations

from dataclasses import dataclass, field

from tta_dev_primitives.sandbox import Isolation, Stop

PRELUDE = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

def call(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def attempt(name, attack, *arguments):
    try:
        attack(*arguments)
    except (OSError, ValueError):
        return
    print("ESCAPED", name)
"""

EVERY_TIER = frozenset({Isolation.NAMESPACES, Isolation.LANDLOCK})
NAMESPACES = frozenset({Isolation.NAMESPACES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A hostile program and what containing it means.

    Always required: the host's secret is not in what came out, nothing printed "ESCAPED", no process is left,
    the next run works and sees nothing of this one. `stops` are the endings that count as contained; `exit_code`,
    where given, is the real one that must be reported; `prints` is on stderr, where an attack that never ran would
    look contained. It is left out where the machine has no program `needs`. With `may_fork` False it is about the
    limit of one process.
    """

    name: str
    contained: str
    code: str
    stops: frozenset[Stop] = frozenset({Stop.EXITED})
    exit_code: int | None = None
    processes: int = 1
    tiers: frozenset[Isolation] = field(default=EVERY_TIER)
    prelude: bool = True
    language: str = "python"
    needs: str | None = None
    prints: str = ""
    may_fork: bool = True
