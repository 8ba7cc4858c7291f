"""Run a program of another language: commands one after the other, of which the last one becomes the run."""

from __future__ import annotations

import os
import signal

_CANNOT_START = 126
"""As shells have it."""
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def run(commands: list[list[str]], temporary: str | None = None) -> int:
    """Become the last command, once all others succeeded; else return the exit code of the one that failed.

    Whatever kills one of the others kills this process as well, so that the host sees the same end.
    `temporary` is where to write, where there is no /tmp of its own.
    """
    for number in _IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
    if temporary is not None:
        os.environ.setdefault("TMPDIR", temporary)
    *steps, last = commands
    program = last[0]
    try:
        for step in steps:
            program = step[0]
            code = _finished(step)
            if code != 0:
                return code
        program = last[0]
        os.execve(program, last, os.environ)  # noqa: S606  # the purpose of this file
    except OSError as error:
        os.write(2, f"{program}: {error.strerror}\n".encode())
    return _CANNOT_START


def _finished(command: list[str]) -> int:
    """Run a command to its end; its descriptors are the standard three, as all others close at exec."""
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    return os.waitstatus_to_exitcode(status)
