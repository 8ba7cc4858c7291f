"""Execute a program in a box, as the host asks."""

from __future__ import annotations

import json
import os
import signal
from typing import Final, NoReturn

from .box_messages import CONFINED, HOME, CommandHeader

PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_LENGTH_BYTES: Final = 4
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126


def execute(channel: int) -> NoReturn:
    """Become the program that the header on `channel` names; exit as a shell would if that cannot be."""
    os.write(channel, CONFINED)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    with os.fdopen(channel, "rb") as stream:
        header: CommandHeader = json.loads(stream.read(int.from_bytes(stream.read(_LENGTH_BYTES), "big")))
    environment = {"HOME": HOME, "PATH": PATH, "LANG": "C.UTF-8", **header["envs"]}
    try:
        os.chdir(header["cwd"])
        os.execvpe(header["argv"][0], header["argv"], environment)  # noqa: S606  # the purpose of this file
    except OSError as error:
        os.write(2, f"{header['argv'][0]}: {error.strerror}\n".encode(errors="replace"))
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE)
