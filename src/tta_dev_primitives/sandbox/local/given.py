"""Pipes that are given to guests."""

from __future__ import annotations

import contextlib
import os

from .interpreter import UNPRIVILEGED_ID


def let_reopen(descriptor: int) -> None:
    """Let guests open this pipe once more by its name, such as /dev/stderr.

    It belongs to who made it. Where that is root, guests are somebody else, who may use it but not open it.
    """
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):  # a root of few identities stays itself, and so do its guests
            os.fchown(descriptor, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
