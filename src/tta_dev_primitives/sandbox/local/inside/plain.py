"""Run one program without any confinement, for the explicit opt-out. Uses what every system has."""

from __future__ import annotations

import os
import sys
from typing import NoReturn, TypedDict

from . import commands, program, runner

# As in child.py: guest code may replace it.
_exit = os._exit


class PlainConfig(TypedDict):
    """Files that hold the program and will hold the report; directories to import from."""

    program: str
    report: str
    search: list[str]


def main(config: PlainConfig) -> NoReturn:
    """Run the program in the current directory."""
    home = os.getcwd()
    sys.path += config["search"]
    given = os.open(config["program"], os.O_RDONLY)
    report = os.open(config["report"], os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    program.set_environment(home)
    received = program.receive(given)
    if received is None:
        _exit(1)
    code = 1
    try:
        if received["commands"]:
            code = commands.run(received["commands"])
        else:
            code = runner.run(received["code"], report, home)
    finally:
        _exit(code)
