"""Start a jail in the strongest tier that works, after a self-test; or say why there is none."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from typing import Final

from ...core.errors import ConfigurationError, SandboxUnavailable
from ..types import NO_ENVS, NO_FILES, Isolation
from .cgroups import REMEDY_CGROUPS, Cgroup
from .child import Child
from .inside.messages import CGROUP_STEP, INTERPRETER_STEP, PACKAGES_STEP, Tier
from .packages import STDLIB, Packages
from .probe import REMEDY_ANYWHERE, REMEDY_INTERPRETER, REMEDY_LANDLOCK, REMEDY_NAMESPACES, Machine
from .process import JailRefused, ZygoteProcess
from .protocol import encode_program, kernel_limits
from .run import Origin, run_program
from .selftest import ATTACKS, SELF_TEST_LIMITS, require_contained
from .totals import Totals

_LOG = logging.getLogger("tta_dev_primitives.sandbox.local")
_REMEDY_PACKAGES: Final = "run as an unprivileged user, or with packages that other users can read"
_REMEDY_OF_STEP: Final = {
    INTERPRETER_STEP: REMEDY_INTERPRETER,
    PACKAGES_STEP: _REMEDY_PACKAGES,
    CGROUP_STEP: REMEDY_CGROUPS,
}
_CONFINED: Final[tuple[Isolation, ...]] = (Isolation.NAMESPACES, Isolation.LANDLOCK)
_REMEDIES: Final = {Isolation.NAMESPACES: REMEDY_NAMESPACES, Isolation.LANDLOCK: REMEDY_LANDLOCK}
_TIERS: Final[dict[Isolation, Tier]] = {Isolation.NAMESPACES: "namespaces", Isolation.LANDLOCK: "landlock"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the caller asked for: one tier or the strongest, whether none will do, packages, and totals."""

    isolation: Isolation | None
    allow_unsandboxed: bool
    packages: Packages = STDLIB
    totals: Totals | None = None

    def check(self) -> None:
        """Refuse what makes no sense."""
        if self.isolation is Isolation.REMOTE:
            raise ConfigurationError(f"isolation={self.isolation!r} is no tier of the local sandbox")
        if self.isolation is Isolation.NONE and not self.allow_unsandboxed:
            raise ConfigurationError(
                f"isolation={self.isolation!r} runs code unconfined; it needs allow_unsandboxed=True"
            )
        if self.totals is not None and self.allow_unsandboxed:
            raise ConfigurationError(
                "nothing bounds what runs unsandboxed; leave out totals or that permission"
            )

    def tiers(self) -> tuple[Isolation, ...]:
        """Return the tiers to try, strongest first."""
        if self.isolation is Isolation.NONE:
            return ()
        if self.isolation is not None:
            return (self.isolation,)
        return _CONFINED if sys.platform == "linux" else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A living zygote and its tier; no zygote where code runs unconfined."""

    zygote: ZygoteProcess | None
    isolation: Isolation


async def start(wanted: Wanted, sandbox_id: str, cgroup: Cgroup | None = None) -> Started:
    """Return a zygote in the strongest tier that works, or none if that is allowed; in `cgroup`, if given.

    Raises:
        SandboxUnavailable: no isolation is possible here.
        ConfigurationError: a package cannot be imported.
    """
    refusals: list[str] = []
    for tier in wanted.tiers():
        try:
            zygote = await _start_tier(tier, wanted.packages, sandbox_id, cgroup)
        except JailRefused as refused:
            refusals.append(f"{tier.value} refused at {refused}; to get it, {_remedy(tier, refused)}")
        else:
            if refusals:
                _LOG.warning("sandbox runs with isolation %r: %s", tier.value, refusals[0])
            return Started(zygote=zygote, isolation=tier)
    if not wanted.allow_unsandboxed:
        raise SandboxUnavailable(f"cannot isolate code here. {'. '.join(refusals)}. Or {REMEDY_ANYWHERE}")
    _LOG.warning("code runs WITHOUT a sandbox (allow_unsandboxed=True). %s", ". ".join(refusals))
    return Started(zygote=None, isolation=Isolation.NONE)


def explain(machine: Machine) -> str:
    """Return why nothing can be isolated on `machine`."""
    missing = (
        f"{part.name}: {part.detail}; {part.remedy}"
        for part in machine.features
        if part.needed and not part.ok
    )
    return f"cannot isolate code here. {'. '.join(missing)}. Or {REMEDY_ANYWHERE}"


async def _start_tier(
    tier: Isolation, packages: Packages, sandbox_id: str, cgroup: Cgroup | None
) -> ZygoteProcess:
    zygote = await ZygoteProcess.start(_TIERS[tier], packages, cgroup)
    try:
        origin = Origin(sandbox_id=sandbox_id, isolation=tier)
        program = encode_program(ATTACKS, NO_FILES, NO_ENVS)
        child = Child(zygote, kernel_limits(SELF_TEST_LIMITS))
        require_contained(await run_program(child, program, SELF_TEST_LIMITS, origin, confirm_exit=False))
    except BaseException:
        await zygote.aclose()
        raise
    return zygote


def _remedy(tier: Isolation, refused: JailRefused) -> str:
    return _REMEDY_OF_STEP.get(refused.step, _REMEDIES[tier])
