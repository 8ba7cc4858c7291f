"""Build the jail, step by step, and become its zygote; or tell the host which step failed.

Two processes come out of it. The launcher stays outside: it only waits for the end of the host or of the
zygote and takes the rest along. The zygote is process 1 of the jail's pid namespace, so that nothing in the
jail outlives it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Generator
from typing import NoReturn

from . import directories, kernel, landlock, mounts, privileges, zygote
from .messages import (
    CGROUP_STEP,
    INTERPRETER_STEP,
    PACKAGES,
    PACKAGES_STEP,
    LaunchConfig,
    PackagesConfig,
    Refused,
)

_OTHER_NAMESPACES = (
    kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
)


class _StepFailed(Exception):
    """A step of building the jail was refused."""


@contextlib.contextmanager
def _step(name: str) -> Generator[None]:
    try:
        yield
    except (OSError, ImportError) as error:
        raise _StepFailed(name, str(error)) from error


def main(config: LaunchConfig) -> NoReturn:
    """Run launcher and zygote; never returns."""
    os.umask(0o022)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _close_standard_input()
    control = socket.socket(fileno=config["control_fd"])
    control.set_inheritable(False)
    try:
        _enter_cgroup(config["cgroup_fd"])
        status = (
            _namespaces(config, control) if config["tier"] == "namespaces" else _landlock(config, control)
        )
    except _StepFailed as failure:
        status = _refuse(control, *failure.args)
    except Exception as error:  # noqa: BLE001  # the host is the only one who can be told
        status = _refuse(control, "start", repr(error))
    os._exit(status)


def _enter_cgroup(entrance: int) -> None:
    """Move this process, and so all that it starts; before it starts anything."""
    if entrance < 0:
        return
    with _step(CGROUP_STEP):
        os.write(entrance, b"0")
    os.close(entrance)


def _refuse(control: socket.socket, step: str, reason: str) -> int:
    control.send(json.dumps(Refused(op="refused", step=step, reason=reason)).encode())
    return 1


def _namespaces(config: LaunchConfig, control: socket.socket) -> int:
    is_root = privileges.is_root(config["unprivileged_id"])
    if is_root:
        with _step("namespaces as root"):
            kernel.unshare(_OTHER_NAMESPACES)
    else:
        with _step("user namespaces"):
            privileges.enter_user_namespace(_OTHER_NAMESPACES)
    pid = os.fork()
    if pid != 0:
        control.close()
        return _watch(pid, config)
    return _zygote_in_namespaces(config, control, is_root=is_root)


def _zygote_in_namespaces(config: LaunchConfig, control: socket.socket, *, is_root: bool) -> int:
    _die_with_parent()
    socket.sethostname("sandbox")
    with _step("mounts"):
        mounts.build_root(config["read_only"], config["packages"]["shown"])
    if is_root:
        # Only now: the mounts could show what an unprivileged user cannot reach.
        privileges.become_unprivileged(config["unprivileged_id"])
        with _step("user namespaces"):
            privileges.enter_user_namespace(kernel.CLONE_NEWNS)
        _die_with_parent()
    return _serve(config, control, scratch=None)


def _landlock(config: LaunchConfig, control: socket.socket) -> int:
    privileges.become_unprivileged(config["unprivileged_id"])
    if landlock.version() < landlock.FIRST_WITH_TRUNCATE:
        raise _StepFailed("Landlock", f"ABI {landlock.version()}, {landlock.FIRST_WITH_TRUNCATE} is needed")
    _check_readable()
    with _step("temporary directory"):
        scratch = directories.make(None, "playbox-")
    pid = os.fork()
    if pid != 0:
        control.close()
        try:
            return _watch(pid, config)
        finally:
            directories.remove(scratch)
    _die_with_parent()
    return _serve(_with_packages(config, scratch), control, scratch=scratch)


def _close_standard_input() -> None:
    """It held our own sources."""
    null = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    os.dup2(null, 0)
    os.close(null)


def _check_readable() -> None:
    """Refuse an interpreter that this user could start but not import from."""
    with _step(INTERPRETER_STEP):
        for path in sys.path:
            if not path.endswith(".zip"):
                os.stat(path)


def _with_packages(config: LaunchConfig, scratch: str) -> LaunchConfig:
    """Show packages, and nothing beside them, by links in `scratch`; refuse what this user could not read."""
    packages, readable = config["packages"], [scratch + PACKAGES]
    with _step(PACKAGES_STEP):
        for shown in packages["shown"]:
            os.close(os.open(shown["source"], os.O_RDONLY | os.O_CLOEXEC))
            link = scratch + shown["target"]
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(shown["source"], link)
            readable.append(shown["source"])
    search = [scratch + path for path in packages["search"]]
    linked = PackagesConfig(shown=[], search=search, preload=packages["preload"])
    return {**config, "read_only": [*config["read_only"], *readable], "packages": linked}


def _serve(config: LaunchConfig, control: socket.socket, *, scratch: str | None) -> NoReturn:
    # Not traceable, so that no run can look at what the zygote and the inits hold open.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    zygote.Zygote(config, control, scratch=scratch).serve()


def _die_with_parent() -> None:
    """Also undone by every change of user, so to be repeated. The end of the control socket backs it up."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def _watch(zygote_pid: int, config: LaunchConfig) -> int:
    """Wait until host or zygote ends; kill and reap the zygote, and with it the jail."""
    try:
        host = os.pidfd_open(config["host_pid"])
    except ProcessLookupError:
        host = -1
    jail = os.pidfd_open(zygote_pid)
    if host >= 0 and os.getppid() == config["host_pid"]:
        poll = select.poll()
        poll.register(host, select.POLLIN)
        poll.register(jail, select.POLLIN)
        poll.poll()
    signal.pidfd_send_signal(jail, signal.SIGKILL)
    _, status = os.waitpid(zygote_pid, 0)
    return 0 if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
