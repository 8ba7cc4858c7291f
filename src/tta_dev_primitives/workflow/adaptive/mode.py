"""Mode: how much the tuner may do by itself."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from ...core.errors import ConfigurationError

Mode: TypeAlias = Literal["disabled", "observe", "validate", "active"]
"""`disabled`: the base configuration, nothing logged. `observe`: the base configuration; what happens is
logged, and proposals are computed and told. `validate`: probes and canaries run, but promotion waits for the
user. `active`: promotes by itself."""

MODES: Final[tuple[Mode, ...]] = get_args(Mode)


def checked(mode: Mode) -> Mode:
    """Return `mode` if it is one."""
    if mode not in MODES:
        raise ConfigurationError(f"mode={mode!r} is none; choose one of {', '.join(MODES)}")
    return mode
