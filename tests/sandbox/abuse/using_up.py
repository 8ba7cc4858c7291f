"""Attacks on the host's resources: processes, memory, disk, output, time."""

from __future__ import annotations

from tests.sandbox.abuse.attacks import NAMESPACES, Attack

from tta_dev_primitives.sandbox import Stop

_ANY_LIMIT = frozenset({Stop.WALL_TIME, Stop.CPU_TIME, Stop.MEMORY, Stop.OUTPUT, Stop.EXITED, Stop.SIGNALLED})
_TIME = frozenset({Stop.WALL_TIME, Stop.CPU_TIME})

USING_UP = (
    Attack(
        name="fork with one process",
        contained="fork, vfork, clone and clone3 fail, the program goes on",
        code="""
attempt("fork", os.fork)
attempt("vfork", call, 58 if X86 else 1000)
attempt("clone", call, 56 if X86 else 220, 17, 0, 0, 0, 0)
attempt("clone3", call, 435, ctypes.create_string_buffer(64), 64)
import subprocess
attempt("spawn", subprocess.run, ["/bin/true"])
""",
        may_fork=False,
    ),
    Attack(
        name="fork bomb",
        contained="it makes as many processes as allowed and dies with all of them",
        code="""
while True:
    try:
        os.fork()
    except OSError:
        pass
""",
        stops=_TIME,
        processes=32,
        tiers=NAMESPACES,
    ),
    Attack(
        name="daemons",
        contained="what double-forked, changed session and ignored signals dies with the program",
        code="""
import signal, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(1)
        os._exit(0)
time.sleep(0.05)
os._exit(5)
""",
        exit_code=5,
        processes=16,
        tiers=NAMESPACES,
    ),
    Attack(
        name="ignored signals",
        contained="a program that ignores every signal is killed when its time is up",
        code="""
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass
""",
        stops=_TIME,
    ),
    Attack(
        name="thread bomb",
        contained="threads stop at a limit, and end with the program",
        code="""
import threading, time
threading.stack_size(32 * 1024)
made = 0
try:
    while made < 5000:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        made += 1
except (RuntimeError, MemoryError):
    pass
if made >= 5000:
    print("ESCAPED", made)
""",
        stops=_ANY_LIMIT,
    ),
    Attack(
        name="memory bomb",
        contained="memory stops at its limit, however it is asked for",
        code="""
import mmap
held = []
def more():
    while True:
        held.append(mmap.mmap(-1, 16 << 20))
        held[-1][::4096] = bytes(len(held[-1]) // 4096)
        if len(held) > 40:
            return
try:
    more()
except (OSError, MemoryError):
    sys.exit(0)
print("ESCAPED")
""",
        stops=_ANY_LIMIT,
    ),
    Attack(
        name="shared memory outside the limit",
        contained="memfd, System V and POSIX shared memory are refused or count as disk",
        code="""
import multiprocessing.shared_memory
attempt("memfd", os.memfd_create, "x")
def large():
    block = multiprocessing.shared_memory.SharedMemory(create=True, size=64 << 20, track=False) if sys.version_info >= (3, 13) else multiprocessing.shared_memory.SharedMemory(create=True, size=64 << 20)
    block.buf[:] = bytes(64 << 20)
attempt("shm", large)
""",
        stops=_ANY_LIMIT,
    ),
    Attack(
        name="disk bomb",
        contained="files stop at the size of the run's disk, sparse or not, deleted or not",
        code="""
written = 0
held = []
try:
    for number in range(64):
        file = open(f"f{number}", "wb", buffering=0)
        held.append(file)
        os.unlink(f"f{number}")
        for _ in range(4):
            written += file.write(bytes(1 << 18))
except OSError:
    pass
if written > 8 << 20:
    print("ESCAPED", written)
""",
        tiers=NAMESPACES,
    ),
    Attack(
        name="large files",
        contained="one file stops at the size of the run's disk, also when allocated, sparse or in /dev/shm",
        code="""
file = open("big", "wb")
attempt("write", lambda: file.write(bytes(9 << 20)) and file.flush())
attempt("allocate", os.posix_fallocate, file.fileno(), 0, 1 << 34)
attempt("extend", os.ftruncate, file.fileno(), 1 << 34)
attempt("seek", lambda: os.pwrite(file.fileno(), b"x", 1 << 34))
os._exit(0)
""",
    ),
    Attack(
        name="inode bomb",
        contained="the number of files, links and directories stops at its limit",
        code="""
made = 0
try:
    while made < 5000:
        os.symlink("x", f"l{made}")
        os.mkdir(f"d{made}")
        made += 2
except OSError:
    pass
if made > 500:
    print("ESCAPED", made)
""",
        tiers=NAMESPACES,
    ),
    Attack(
        name="deep directories",
        contained="a tree deeper than any path can name is gone after the run",
        code="""
try:
    for _ in range(400):
        os.mkdir("d" * 50)
        os.chdir("d" * 50)
        os.chmod(".", 0o700)
    os.mkdir("locked", 0)
except OSError:
    pass
""",
    ),
    Attack(
        name="removing the working directory",
        contained="a program may delete its own directory; the host and the next run do not care",
        code="""
import shutil
shutil.rmtree(os.getcwd(), ignore_errors=True)
try:
    os.chmod(os.getcwd(), 0)
except OSError:
    pass
""",
    ),
    Attack(
        name="descriptors in flight",
        contained="descriptors stop at their limit, also when they hide in a socket's queue",
        code="""
import socket, array
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
sent = 0
try:
    while sent < 100_000:
        fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(50)]
        socket.send_fds(a, [b"x"], fds)
        sent += 50
        for fd in fds:
            os.close(fd)
except OSError:
    pass
if sent > 20_000:
    print("ESCAPED", sent)
""",
        stops=_ANY_LIMIT,
    ),
    Attack(
        name="output bomb",
        contained="output stops at its limit and the program with it",
        code="""
block = b"x" * 65536
while True:
    os.write(1, block)
    os.write(2, block)
""",
        stops=frozenset({Stop.OUTPUT}),
    ),
    Attack(
        name="output in a last burst",
        contained="more than the limit is over the limit, also when a wide pipe holds it and the program is gone",
        code="""
import fcntl
fcntl.fcntl(1, 1031, 1 << 20)
os.write(1, b"x" * 900_000)
os._exit(0)
""",
        stops=frozenset({Stop.OUTPUT}),
    ),
    Attack(
        name="a claim in a last burst",
        contained="the same for the channel of the report",
        code="""
import fcntl
fcntl.fcntl(4, 1031, 1 << 20)
os.write(4, b"x" * 900_000)
os._exit(0)
""",
        stops=frozenset({Stop.OUTPUT}),
    ),
    Attack(
        name="stopping itself",
        contained="a program that stops itself, or ends its first thread only, is killed when its time is up",
        code="""
import signal, threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
os.kill(os.getpid(), signal.SIGSTOP)
call(60 if X86 else 93, 0)
""",
        stops=_TIME,
    ),
    Attack(
        name="timers and signals queued",
        contained="queued signals and timers stop at a limit",
        code="""
made = 0
timer = ctypes.c_int()
try:
    while made < 100_000:
        call(222 if X86 else 107, 1, 0, ctypes.byref(timer))
        made += 1
except OSError:
    pass
if made >= 100_000:
    print("ESCAPED")
os._exit(0)
""",
        stops=_ANY_LIMIT,
    ),
    Attack(
        name="compile bomb",
        contained="an expression that explodes in the compiler is a guest's error or a guest's crash",
        code="x = (" + "(" * 5000 + "1" + ")" * 5000 + ")",
        stops=_ANY_LIMIT,
        prelude=False,
    ),
    Attack(
        name="huge number as text",
        contained="work that no interpreter can interrupt ends with its time",
        code="x = 9 ** (9 ** 9)",
        stops=_ANY_LIMIT,
        prelude=False,
    ),
    Attack(
        name="raised limits",
        contained="no hard limit can be raised",
        code="""
import resource
for name in ("AS", "CPU", "FSIZE", "NOFILE", "NPROC", "CORE", "STACK", "MEMLOCK"):
    which = getattr(resource, "RLIMIT_" + name)
    soft, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        attempt(name, resource.setrlimit, which, (hard, hard + 1))
    for other in (1, os.getppid()):
        if other not in (0, os.getpid()):
            attempt(name + " of others", resource.prlimit, other, which, (1, 1))
""",
    ),
)
