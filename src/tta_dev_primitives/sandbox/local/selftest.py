"""A few attacks on a jail that just started. If one succeeds, nothing is served."""

from __future__ import annotations

from typing import Final

from ...core.errors import SandboxUnavailable
from ..types import Execution, Limits, Stop

SELF_TEST_LIMITS: Final = Limits(wall_s=20.0, cpu_s=10)
_CONTAINED: Final = 7
"""An exit code that no accident gives: the snippet ran to its end and every attack in it failed."""

ATTACKS: Final = """
import ctypes, os, socket, sys

def attempt(attack):
    try:
        attack()
    except (OSError, MemoryError):
        return
    escaped.append(attack.__name__)

def call(name, *arguments):
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)

def opens_socket(): socket.socket(socket.AF_INET, socket.SOCK_STREAM)
def opens_unix_socket(): socket.socket(socket.AF_UNIX)
def reads_passwords(): open("/etc/shadow")
def lists_variable_data(): os.listdir("/var")
def lists_devices(): os.listdir("/sys")
def writes_root(): open("/escaped", "x")
def writes_system(): open("/usr/escaped", "x")
def writes_library(): open(os.path.dirname(os.__file__) + "/escaped.py", "x")
def forks():
    if os.fork() == 0:
        os._exit(0)
def enters_namespace(): call("unshare", 0x10000000)
def mounts(): call("mount", b"x", b"/tmp", b"tmpfs", 0, None)
def traces(): call("ptrace", 0, 0, 0, 0)
def hides_memory(): call("memfd_create", b"x", 0)
def looks_at_parent(): open(f"/proc/{os.getppid()}/environ", "rb").read()

escaped = []
for attack in (opens_socket, opens_unix_socket, reads_passwords, lists_variable_data, lists_devices,
               writes_root, writes_system, writes_library, forks, enters_namespace, mounts, traces,
               hides_memory, looks_at_parent):
    attempt(attack)
if set(os.environ) - {"HOME", "PATH", "LANG"}:
    escaped.append("environment")
print(*escaped)
sys.exit(1 if escaped else 7)
"""


def require_contained(execution: Execution) -> None:
    """Refuse a jail in which running `ATTACKS` gave `execution`.

    Raises:
        SandboxUnavailable: an attack succeeded, or they could not even run.
    """
    if execution.stop is Stop.EXITED and execution.exit_code == _CONTAINED:
        return
    what = execution.stdout.strip() or (execution.error.value if execution.error else execution.stop)
    raise SandboxUnavailable(
        f"the sandbox's self-test failed ({what!r}), so nothing is run in it; see `playbox doctor`"
    )
