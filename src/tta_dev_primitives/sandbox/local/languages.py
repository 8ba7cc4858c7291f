"""Languages besides Python: how a program is laid out, which commands run it, and what they need."""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ...core.errors import ConfigurationError, SandboxUnavailable
from ..types import Limits
from .inside.messages import SEARCH_PATH
from .interpreter import base_interpreter

_MIB: Final = 1 << 20
_MANY: Final = 64
"""Processes for what starts others to do its work."""
_OF_A_COMPILER: Final = 4
"""Us, the driver, the stage that it runs, and one to spare."""
_RESERVED_BY_V8: Final = 2 << 30
"""Address space that V8 and glibc reserve and do not fill: 0.7 GiB, and 0.6 GiB a worker (node 20)."""
_BESIDES_THE_HEAP: Final = 48 * _MIB
"""What node needs of `memory_bytes` outside of its heap, mostly stacks."""
_PROBE_TIMEOUT_S: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How programs of one language run. Without commands it is the Python of the jail itself.

    All commands but the last must succeed first; the last one becomes the run. Their first words are programs
    of this machine, unless they name a file below the working directory. `{heap_mib}` stands for the memory
    limit as an engine with a heap of its own is told it.

    With `reserved_bytes`, `memory_bytes` bounds private writable memory, and address space may be so much
    larger: for engines that reserve what they do not use.
    """

    name: str
    aliases: tuple[str, ...] = ()
    source: str = ""
    commands: tuple[tuple[str, ...], ...] = ()
    optional_flags: tuple[str, ...] = ()
    install: str = ""
    processes: int = 1
    least_processes: int = 1
    least_memory_bytes: int = 0
    reserved_bytes: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """All names by which a caller may ask for it."""
        return (self.name, *self.aliases)

    @property
    def works(self) -> bool:
        """Whether everything that it needs is on this machine, where guests can read it."""
        programs = (command[0] for command in self.commands)
        return all("/" in program or _found(program) for program in programs)

    def limited(self, limits: Limits) -> Limits:
        """Return the limits for a run, with the number of processes that this language needs by default.

        Raises:
            ConfigurationError: no program of this language can run with them.
        """
        given = replace(limits, processes=limits.processes or self.processes)
        needed = {"processes": self.least_processes, "memory_bytes": self.least_memory_bytes}
        for name, least in needed.items():
            if getattr(given, name) < least:
                raise ConfigurationError(
                    f"limit {name}={getattr(given, name)!r} must be at least {least} for {self.name}"
                )
        return given

    def laid_out(self, code: str, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Return the files of a run with the program among them, if it runs from a file."""
        if not self.commands:
            return files
        if self.source in files:
            raise ConfigurationError(
                f"file {self.source!r} is the program itself; name the other one differently"
            )
        # Surrogates are no text to any compiler, and it will say so.
        return {self.source: code.encode(errors="surrogatepass"), **files}

    def steps(self, limits: Limits) -> list[list[str]]:
        """Return the commands, ready to run.

        Raises:
            SandboxUnavailable: a program is missing; the message says what to install.
        """
        heap_mib = max(limits.memory_bytes - _BESIDES_THE_HEAP, _BESIDES_THE_HEAP) // _MIB
        return [self._step(command, heap_mib) for command in self.commands]

    def _step(self, command: tuple[str, ...], heap_mib: int) -> list[str]:
        program, *arguments = command
        path = program if "/" in program else _found(program)
        if path is None:
            raise SandboxUnavailable(
                f"language {self.name!r} needs {program} in {SEARCH_PATH}; install {self.install}"
            )
        flags = [flag for flag in self.optional_flags if _accepts(path, flag)]
        return [path, *flags, *(argument.format(heap_mib=heap_mib) for argument in arguments)]


PYTHON: Final = Language(name="python")
LANGUAGES: Final = (
    PYTHON,
    Language(
        name="bash",
        aliases=("sh", "shell"),
        source="main.sh",
        commands=(("bash", "main.sh"),),
        install="bash",
        processes=_MANY,
    ),
    Language(
        name="javascript",
        aliases=("js", "node"),
        source="main.js",
        # Only where there is no root of its own is there a configuration, and it may not be read.
        commands=(("node", "--openssl-config=/dev/null", "--max-old-space-size={heap_mib}", "main.js"),),
        # Otherwise a WebAssembly memory reserves 8 GiB, which the limit refuses. New in node 20.15.
        optional_flags=("--disable-wasm-trap-handler",),
        install="nodejs",
        least_memory_bytes=128 * _MIB,
        reserved_bytes=_RESERVED_BY_V8,
    ),
    Language(
        name="c",
        source="main.c",
        commands=(("cc", "-O1", "-o", "main", "main.c", "-lm"), ("./main",)),
        install="gcc and libc6-dev",
        processes=_MANY,
        least_processes=_OF_A_COMPILER,
    ),
    Language(
        name="c++",
        aliases=("cpp",),
        source="main.cpp",
        commands=(("c++", "-O1", "-o", "main", "main.cpp"), ("./main",)),
        install="g++",
        processes=_MANY,
        least_processes=_OF_A_COMPILER,
    ),
)


def language_called(name: str) -> Language:
    """Return the language that is called `name`.

    Raises:
        SandboxUnavailable: there is no such language.
    """
    for one in LANGUAGES:
        if name in one.names:
            return one
    known = ", ".join(one.name for one in LANGUAGES)
    raise SandboxUnavailable(f"the local sandbox cannot run {name!r}; supported: {known}")


def _found(program: str) -> str | None:
    """Return where `program` is, if guests can read it there."""
    for directory in SEARCH_PATH.split(":"):
        path = Path(directory, program)
        if os.access(path, os.X_OK) and path.is_file() and _is_shown(path) and _is_shown(path.resolve()):
            return str(path)
    return None


def _is_shown(path: Path) -> bool:
    return any(path.is_relative_to(shown) for shown in base_interpreter().readable)


@functools.cache
def _accepts(program: str, flag: str) -> bool:
    """Whether `program` starts with `flag`; asked once, on the host, about a program of the system."""
    try:
        done = subprocess.run(  # noqa: S603  # constant arguments
            [program, flag, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={},
            check=False,
            timeout=_PROBE_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
