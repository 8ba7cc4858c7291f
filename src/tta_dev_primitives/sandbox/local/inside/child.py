"""From a fork to a confined process that runs one program.

In the namespaces tier it is forked by the slot, process 1 of the pid namespace in which it lives; in the
landlock tier by the zygote.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import sys
from typing import Final, NamedTuple, NoReturn

from . import (
    bare_signals,
    commands,
    exit_notice,
    kernel,
    landlock,
    mounts,
    preload,
    privileges,
    program,
    reaper,
    rlimits,
    runner,
    seccomp,
    verdict,
)
from .messages import WORKDIR, RunLimits

_PROGRAM, _REPORT, _VERDICT, _NAMESPACE = 3, 4, 5, 6
_HIGH: Final = 12
"""Above all of these, on the way there."""
CONFINEMENT_FAILED: Final = 125

SPARE: Final = "playbox-spare"
RUN: Final = "playbox-run"
"""Names of processes, for whoever looks at the machine; a guest may choose another one."""

_READ_WRITE_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full")
_READ_DEVICES: Final = ("/dev/urandom", "/dev/random")
# Bound here, as guest code may replace it: the last call of a run must not come back.
_exit, _leave = os._exit, exit_notice.leave


class Descriptors(NamedTuple):
    """The child's ends of its pipes, all of which lead to the host."""

    program: int
    stdout: int
    stderr: int
    report: int
    verdict: int


class Confinement(NamedTuple):
    """All that a run needs to know to confine itself; `readable` counts where there is no root of its own."""

    limits: RunLimits
    readable: list[str]
    seccomp_filter: bytes


def start_in_namespaces(confinement: Confinement, descriptors: Descriptors, user_namespace: int) -> NoReturn:
    """Become the guest of a run. To be called in a fork of a slot, whose guests share a user namespace."""
    _arrange(descriptors, user_namespace)
    try:
        kernel.set_name(SPARE)
        os.setsid()
        bare_signals.signal(signal.SIGINT, signal.default_int_handler)
        kernel.unshare(kernel.CLONE_NEWNS)
        mounts.private_disk(confinement.limits)
        os.chdir(WORKDIR)
        privileges.become_dumpable()
        privileges.die_first()
        mounts.freeze_processes()
        privileges.join_user_namespace(_NAMESPACE)
        os.close(_NAMESPACE)
        rlimits.apply(confinement.limits, count_tasks=True)
        privileges.drop_capabilities()
        _seal(confinement, readable=["/"], writable=[WORKDIR, mounts.TEMPORARY, *_READ_WRITE_DEVICES])
        _serve(WORKDIR)
    except BaseException as error:  # noqa: BLE001  # fail closed, whatever it is
        _fail(error)


def start_in_landlock(
    confinement: Confinement, descriptors: Descriptors, scratch: str, zygote: int
) -> NoReturn:
    """Become the guest of a run without namespaces, with `scratch` as its directory."""
    _arrange(descriptors)
    try:
        kernel.set_name(SPARE)
        os.setsid()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != zygote:
            _exit(CONFINEMENT_FAILED)
        os.chdir(scratch)
        _use_for_temporary_files(scratch)
        os.environ["HOME"] = scratch
        rlimits.apply(confinement.limits, count_tasks=False)
        privileges.drop_capabilities()
        readable = [*confinement.readable, *_READ_DEVICES]
        _seal(confinement, readable=readable, writable=[scratch, *_READ_WRITE_DEVICES])
        _serve(scratch)
    except BaseException as error:  # noqa: BLE001  # fail closed, whatever it is
        _fail(error)


def _use_for_temporary_files(directory: str) -> None:
    # Not at the top: see directories.py. Where this is called, the zygote has it already.
    import tempfile  # noqa: PLC0415

    tempfile.tempdir = directory


def _arrange(given: Descriptors, user_namespace: int | None = None) -> None:
    """Put the descriptors where they belong and close all others; end the process if that fails."""
    try:
        high = Descriptors(*(_dup_high(descriptor) for descriptor in given))
        # Of its own: locks and flags of an open file that others have would be seen by them.
        os.dup2(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC), 0)
        os.dup2(high.stdout, 1)
        os.dup2(high.stderr, 2)
        kept = [(high.program, _PROGRAM), (high.report, _REPORT), (high.verdict, _VERDICT)]
        if user_namespace is not None:
            kept.append((_dup_high(user_namespace), _NAMESPACE))
        for source, target in kept:
            os.dup2(source, target, inheritable=False)
        os.closerange(_PROGRAM + len(kept), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    except BaseException:  # noqa: BLE001  # nobody can be told yet
        _exit(CONFINEMENT_FAILED)


def _dup_high(descriptor: int) -> int:
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)


def _seal(confinement: Confinement, *, readable: list[str], writable: list[str]) -> None:
    landlock.restrict(readable=readable, writable=writable)
    seccomp.install(confinement.seccomp_filter)


def _serve(home: str) -> NoReturn:
    """Be a spare until the program comes; then run it and exit with its exit code."""
    preload.reseed()
    if not program.is_there(_PROGRAM):
        program.warm_up()
        runner.warm_up()
        exit_notice.rehearse_leaving()
    received = program.receive(_PROGRAM)
    os.close(_VERDICT)
    if received is None:
        _exit(0)
    kernel.set_name(RUN)
    if received["lower"] is not None:
        # As many tasks as before: that limit is the same.
        rlimits.apply(received["lower"], count_tasks=False)
    code = 1
    try:
        if received["commands"]:
            code = commands.run(received["commands"], None if home == WORKDIR else home)
        else:
            code = runner.run(received["code"], _REPORT, home)
        if received["notice"]:
            _leave(code)
    finally:
        # Whatever guest code made of the runner, it must not unwind into the zygote's frames below.
        _exit(code)


def forget_jail() -> None:
    """Give guests an interpreter that looks freshly started; in the zygote, once for all of them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # By line, so that what was printed before a kill is not lost.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    for name in [name for name in sys.modules if name.partition(".")[0] == "inside"]:
        del sys.modules[name]


def _fail(error: BaseException) -> NoReturn:
    try:
        reaper.tell(_VERDICT, verdict.failed(error))
    finally:
        # Never back into the zygote's frames below.
        _exit(CONFINEMENT_FAILED)
