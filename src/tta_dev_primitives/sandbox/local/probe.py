"""What this machine offers to a sandbox, found out by trying; `playbox doctor` prints it."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from dataclasses import dataclass
from typing import Final, cast

from ...core.errors import SandboxUnavailable
from ..types import Isolation
from .cgroups import REMEDY_CGROUPS, NotDelegated, find_place
from .inside.examine import ExamineConfig, Examined
from .interpreter import PYTHON_FLAGS, UNPRIVILEGED_ID, base_interpreter, jail_payload
from .languages import LANGUAGES
from .totals import Totals

_TIMEOUT_S: Final = 20
_LEAST_KERNEL: Final = (5, 12)
"""The first with mount_setattr."""
_LANDLOCK_ALONE: Final = 3
"""The first Landlock ABI that protects files from truncation; below it cannot stand alone."""
_ARCHITECTURES: Final = ("x86_64", "aarch64")

REMEDY_NAMESPACES: Final = (
    "allow unprivileged user namespaces: sysctl user.max_user_namespaces above 0, "
    "kernel.unprivileged_userns_clone=1 (Debian), kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); "
    "in a container, a seccomp profile that allows unshare and mount"
)
REMEDY_LANDLOCK: Final = "use Linux 6.2 or later with Landlock enabled (lsm=landlock,...)"
REMEDY_INTERPRETER: Final = (
    "run as an unprivileged user, or with a Python that other users can read (root turns into one)"
)
REMEDY_ANYWHERE: Final = 'use sandbox="e2b", or accept the risk with allow_unsandboxed=True'


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One thing that confinement needs or can use; `remedy` says what to do where it is missing."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What was found, and the strongest isolation that follows from it (None: none is possible)."""

    features: tuple[Feature, ...]
    isolation: Isolation | None


def probe() -> Machine:
    """Return what this machine offers. Takes a few tens of milliseconds; changes nothing."""
    basics = _basics()
    if not all(feature.ok for feature in basics):
        return Machine(features=basics, isolation=None)
    try:
        python = base_interpreter()
        examined = _examine(python.executable)
    except (SandboxUnavailable, OSError, ValueError, subprocess.SubprocessError) as error:
        broken = Feature(name="python", ok=False, detail=str(error), remedy="check the Python installation")
        return Machine(features=(*basics, broken), isolation=None)
    found = Feature(name="python", ok=True, detail=f"{python.executable} ({platform.python_version()})")
    features = (*basics, found, *_features(examined), _languages(), _total_limits())
    return Machine(features=features, isolation=_best(examined))


def _basics() -> tuple[Feature, ...]:
    on_linux = sys.platform == "linux"
    system = Feature(
        name="system", ok=on_linux, detail=platform.system(), remedy="" if on_linux else REMEDY_ANYWHERE
    )
    if not on_linux:
        return (system,)
    machine, release = platform.machine(), platform.release()
    known, recent = machine in _ARCHITECTURES, _kernel_version(release) >= _LEAST_KERNEL
    return (
        system,
        Feature(name="architecture", ok=known, detail=machine, remedy="" if known else REMEDY_ANYWHERE),
        Feature(name="kernel", ok=recent, detail=release, remedy="" if recent else "use Linux 5.12 or later"),
    )


def _kernel_version(release: str) -> tuple[int, ...]:
    parts = release.split("-", maxsplit=1)[0].split(".")[:2]
    return tuple(int(part) for part in parts if part.isdigit())


def _examine(executable: str) -> Examined:
    payload = jail_payload("inside.examine", ExamineConfig(unprivileged_id=UNPRIVILEGED_ID))
    done = subprocess.run(  # noqa: S603  # our own interpreter and our own code
        [executable, *PYTHON_FLAGS, "-c", payload.loader],
        input=payload.data,
        capture_output=True,
        env={},
        check=True,
        timeout=_TIMEOUT_S,
    )
    return cast("Examined", json.loads(done.stdout))


def _features(examined: Examined) -> tuple[Feature, ...]:
    namespaces, seccomp, abi = examined["namespaces"], examined["seccomp"], examined["landlock_abi"]
    return (
        Feature(
            name="user namespaces",
            ok=namespaces is None,
            detail=namespaces or "available",
            remedy="" if namespaces is None else REMEDY_NAMESPACES,
        ),
        Feature(
            name="seccomp",
            ok=seccomp is None,
            detail=seccomp or "available",
            remedy="" if seccomp is None else "use a kernel with CONFIG_SECCOMP_FILTER",
        ),
        Feature(
            name="landlock",
            ok=abi >= _LANDLOCK_ALONE,
            detail=f"ABI {abi}" if abi else "not available",
            remedy="" if abi >= _LANDLOCK_ALONE else REMEDY_LANDLOCK,
        ),
    )


def _languages() -> Feature:
    """Tell which languages run here; nothing is amiss if one is missing."""
    works = ", ".join(language.name for language in LANGUAGES if language.works)
    missing = (f"{one.name} (install {one.install})" for one in LANGUAGES if not one.works)
    detail = "; not ".join((works, ", ".join(missing))).removesuffix("; not ")
    return Feature(name="languages", ok=True, detail=detail)


def _total_limits() -> Feature:
    """Look for what `LocalSandbox(totals=...)` needs; nothing else does."""
    name = "total limits"
    try:
        place = find_place(Totals(memory_bytes=1 << 30, processes=1000).controllers)
    except NotDelegated as error:
        return Feature(name=name, ok=False, detail=str(error), remedy=REMEDY_CGROUPS, needed=False)
    return Feature(name=name, ok=True, detail=f"cgroups in {place}", needed=False)


def _best(examined: Examined) -> Isolation | None:
    if examined["seccomp"] is not None:
        return None
    if examined["namespaces"] is None:
        return Isolation.NAMESPACES
    return Isolation.LANDLOCK if examined["landlock_abi"] >= _LANDLOCK_ALONE else None
