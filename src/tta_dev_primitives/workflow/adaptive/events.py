"""What the tuner decided, with its reasons in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationProposed(Event):
    """The log says that `configuration` gains at least `low_gain` a request; `n` requests tell."""

    step: str
    configuration: str
    instead_of: str
    gain: float
    low_gain: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryStarted(Event):
    """Each request runs under `configuration` or `instead_of` by lot, until `size` of each ran."""

    step: str
    configuration: str
    instead_of: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryRefused(Event):
    """The canary did not show at least a third of the forecast gain (`worse`: it showed a loss)."""

    step: str
    configuration: str
    forecast_gain: float
    gain: float
    error: float
    worse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAwaited(Event):
    """The canary went well; in mode validate a user's `approve()` promotes `configuration`."""

    step: str
    configuration: str
    gain: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted(Event):
    """`configuration` is in use. The canary's gain, with its standard error."""

    step: str
    configuration: str
    instead_of: str
    gain: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack(Event):
    """The base configuration is in use again, because `reason`."""

    step: str
    configuration: str
    instead_of: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TunerStopped(Event):
    """Only the base configuration runs from now on, because `reason`."""

    step: str
    reason: str
