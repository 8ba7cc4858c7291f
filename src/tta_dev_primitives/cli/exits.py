"""Exit codes of `playbox`.

code  meaning
0     success
1     the program did not pass, or a check failed
2     usage, an invalid task or a wrong setting
3     the model: unavailable, rejected, refused, unusable answer, or no such recorded answer
4     the sandbox
5     the playbook's store, or a durable run and its journal
6     the budget or the time is used up
70    a fault of playbox itself
130   interrupted (SIGINT); 143: terminated (SIGTERM)
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from ..core.errors import (
    BudgetExceeded,
    ConfigurationError,
    DeadlineExceeded,
    InvalidTask,
    ModelError,
    NotKeepable,
    PlayboxError,
    RunHalted,
    RunInProgress,
    SandboxError,
    StepNotDone,
    StoreError,
)


class ExitCode(IntEnum):
    """What the process returns."""

    OK = 0
    FAILED = 1
    USAGE = 2
    MODEL = 3
    SANDBOX = 4
    STORE = 5
    LIMIT = 6
    FAULT = 70
    INTERRUPTED = 130
    TERMINATED = 143


EPILOG: Final = (
    "Exit codes: 0 success · 1 the program did not pass, or a check failed · 2 usage, invalid task or "
    "setting · 3 model · 4 sandbox · 5 playbook or durable run · 6 budget or time used up · 70 a fault of "
    "playbox itself · 130 interrupted, 143 terminated. With --json, stdout is one JSON document, also for "
    "errors."
)

_CODES: Final[tuple[tuple[type[PlayboxError], ExitCode], ...]] = (
    (ModelError, ExitCode.MODEL),
    (SandboxError, ExitCode.SANDBOX),
    (StoreError, ExitCode.STORE),
    (RunHalted, ExitCode.STORE),
    (RunInProgress, ExitCode.STORE),
    (StepNotDone, ExitCode.STORE),
    (BudgetExceeded, ExitCode.LIMIT),
    (DeadlineExceeded, ExitCode.LIMIT),
    (InvalidTask, ExitCode.USAGE),
    (ConfigurationError, ExitCode.USAGE),
    (NotKeepable, ExitCode.USAGE),
)


def code_of(error: PlayboxError) -> ExitCode:
    """Return the exit code that `error` ends the process with."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.FAILED)
