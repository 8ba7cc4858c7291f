"""Attacks on the host's files, processes, network and kernel."""

from __future__ import annotations

import platform

from tests.sandbox.abuse.attacks import NAMESPACES, Attack

from tta_dev_primitives.sandbox import Stop

REACHING_OUT = (
    Attack(
        name="host files",
        contained="no file of the host outside the interpreter and the system's programs can be read",
        code="""
for path in ("/etc/shadow", "/etc/ssh", "/etc/hostname", "/etc/machine-id", "/var/log", "/sys", "/boot", "/srv",
             "/proc/kcore", "/proc/sys/kernel", "/proc/net", "/run", "/var/run/docker.sock", SECRET_FILE, PROJECT):
    attempt(path, lambda: os.listdir(path) if os.path.isdir(path) else open(path, "rb").read())
    attempt(path, lambda: os.open(path, os.O_RDONLY | os.O_TRUNC))
""",
    ),
    Attack(
        name="walk to secrets",
        contained="walking everything that can be listed never meets the host's secret",
        code="""
for place, directories, files in os.walk("/"):
    if place.count("/") > 4 or place in ("/usr", "/lib", "/dev", "/proc"):
        directories.clear()
        continue
    for name in files:
        try:
            with open(os.path.join(place, name), "rb") as file:
                data = file.read(100_000)
        except OSError:
            continue
        if SECRET_PART.encode() in data:
            print(place, name, data)
for place in ("/root", "/home", "/tmp", os.path.dirname(SECRET_FILE)):
    try:
        print(os.listdir(place))
    except OSError:
        pass
""",
    ),
    Attack(
        name="write to the host",
        contained="nothing outside the working and temporary directory can be made, changed, renamed or removed",
        code="""
library = os.path.dirname(os.__file__)
for path in ("/x", "/usr/x", "/usr/bin/x", "/etc/x", "/dev/x", "/proc/x", library + "/x.py", SECRET_FILE):
    attempt("write " + path, lambda: open(path, "wb"))
    attempt("mkdir " + path, os.mkdir, path)
    attempt("link " + path, os.symlink, "/", path)
attempt("unlink", os.unlink, library + "/os.py")
attempt("rename", os.rename, library + "/os.py", "os.py")
attempt("hard link", os.link, library + "/os.py", "os.py")
attempt("truncate", os.truncate, library + "/os.py", 0)
attempt("unlink secret", os.unlink, SECRET_FILE)
attempt("remount", lambda: libc.mount(b"none", b"/", None, 32 | 4096, None) == 0 or 1 / 1 and call(165, 0, 0, 0, 0, 0))
""",
    ),
    Attack(
        name="modes and owners of host files",
        contained="mode, owner and times of the host's files stay as they are (checked on the secret file)",
        code="""
for path in (SECRET_FILE, os.__file__, "/usr/bin"):
    for change in (lambda: os.chmod(path, 0o777), lambda: os.chown(path, os.getuid(), -1), lambda: os.utime(path, (0, 0)),
                   lambda: os.setxattr(path, "user.x", b"x")):
        try:
            change()
        except OSError:
            pass
""",
    ),
    Attack(
        name="environment of the host",
        contained="no variable of the host's environment is in the run's, nor readable from a parent",
        code="""
print(os.environ)
for process in ("1", "2", str(os.getppid()), "self", "thread-self", str(HOST_PID)):
    for name in ("environ", "cmdline", "maps", "mem", "cwd/x", "root/etc/shadow", "fd/0", "fdinfo/0", "mountinfo", "stack"):
        try:
            print(open(f"/proc/{process}/{name}", "rb").read(100_000))
        except (OSError, OverflowError):
            pass
""",
    ),
    Attack(
        name="processes of the host",
        contained="no process outside the run is visible in /proc",
        code="""
visible = [int(name) for name in os.listdir("/proc") if name.isdigit()]
if set(visible) - {1, os.getpid()}:
    print("ESCAPED", visible)
""",
        tiers=NAMESPACES,
    ),
    Attack(
        name="sockets of every family",
        contained="no socket can be made, of whatever family and type",
        code="""
for family in range(0, 46):
    for kind in (1, 2, 3, 5, 0x80001):
        attempt(f"socket {family} {kind}", call, 41 if X86 else 198, family, kind, 0)
        if family != 1:
            attempt(f"socketpair {family}", call, 53 if X86 else 199, family, kind, 0, ctypes.create_string_buffer(8))
import socket, urllib.request
attempt("dns", socket.getaddrinfo, "example.org", 80)
for address in ("http://169.254.169.254/", "http://127.0.0.1:1/", "http://[::1]:1/"):
    attempt(address, urllib.request.urlopen, address)
""",
    ),
    Attack(
        name="datagrams to named sockets",
        contained="one end of a socket pair reaches no socket of the host, by path or abstract name (HOST_SOCKET is one)",
        code="""
import array, socket
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
    one, other = socket.socketpair(socket.AF_UNIX, kind)
    one.setsockopt(socket.SOL_SOCKET, 16, 1)
    for place in (HOST_SOCKET, "\\0" + HOST_SOCKET, "/dev/log", "/run/systemd/journal/socket"):
        attempt("connect", one.connect, place)
        attempt("sendto", one.sendto, b"from inside", place)
        attempt("sendmsg", one.sendmsg, [b"from inside"], [], 0, place)
        attempt("descriptor", one.sendmsg, [b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [1]))], 0, place)
    attempt("bind", one.bind, "\\0inside")
    attempt("listen", one.listen)
one, other = socket.socketpair()
one.send(b"x")
if other.recv(1) != b"x":
    print("ESCAPED: the pair itself is of no use")
""",
    ),
    Attack(
        name="signals to others",
        contained="no process but the run's own gets a signal (the host and the zygote live on)",
        code="""
import signal
for target in (1, HOST_PID, os.getppid(), HOST_PID + 1):
    if target not in (0, os.getpid()):
        for number in (0, 2, 9, 19):
            try:
                os.kill(target, number)
            except OSError:
                pass
            if target != 1:
                attempt(f"sigqueue {target}", call, 129 if X86 else 138, target, 9, ctypes.create_string_buffer(128))
try:
    os.kill(-1, 9)
except OSError:
    pass
import fcntl
r, w = os.pipe()
attempt("F_SETSIG", fcntl.fcntl, r, 10, 9)
attempt("F_SETOWN", fcntl.fcntl, r, 8, HOST_PID)
try:
    os.killpg(0, 9)
except OSError:
    pass
""",
        stops=frozenset({Stop.EXITED, Stop.SIGNALLED}),
    ),
    Attack(
        name="trace and read other processes",
        contained="ptrace, process_vm_readv, pidfd_getfd and kcmp are refused",
        code="""
for target in (1, os.getppid(), HOST_PID):
    attempt("ptrace attach", call, 101 if X86 else 117, 16, target, 0, 0)
    attempt("ptrace seize", call, 101 if X86 else 117, 0x4206, target, 0, 0)
    attempt("vm_readv", call, 310 if X86 else 270, target, 0, 0, 0, 0, 0)
    attempt("vm_writev", call, 311 if X86 else 271, target, 0, 0, 0, 0, 0)
    attempt("kcmp", call, 312 if X86 else 272, target, os.getpid(), 0, 0, 0)
    try:
        handle = os.pidfd_open(target)
    except OSError:
        continue
    attempt("pidfd_getfd", call, 438, handle, 0, 0)
attempt("traceme", call, 101 if X86 else 117, 0, 0, 0, 0)
""",
    ),
    Attack(
        name="namespaces",
        contained="no new namespace can be made and none entered, by any system call",
        code="""
for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80):
    attempt(f"unshare {flag:x}", call, 272 if X86 else 97, flag)
    attempt(f"clone {flag:x}", call, 56 if X86 else 220, flag | 17, 0, 0, 0, 0)
    attempt(f"clone3 {flag:x}", call, 435, ctypes.create_string_buffer(flag.to_bytes(8, "little") + bytes(56)), 64)
for kind in ("user", "pid", "mnt", "net", "ipc"):
    for process in ("1", "self"):
        attempt("setns", lambda: call(308 if X86 else 268, os.open(f"/proc/{process}/ns/{kind}", os.O_RDONLY), 0))
attempt("uid_map", lambda: open("/proc/self/uid_map", "w").write("0 0 1"))
attempt("setuid", os.setuid, 0)
attempt("setgroups", os.setgroups, [0])
""",
    ),
    Attack(
        name="mounts and roots",
        contained="mount, umount, pivot_root, chroot, the new mount calls and open_by_handle_at are refused",
        code="""
os.makedirs("m", exist_ok=True)
attempt("mount", call, 165 if X86 else 40, b"x", b"m", b"tmpfs", 0, 0)
attempt("bind", call, 165 if X86 else 40, b"/", b"m", 0, 4096, 0)
attempt("proc", call, 165 if X86 else 40, b"proc", b"m", b"proc", 0, 0)
attempt("umount", call, 166 if X86 else 39, b"/proc", 2)
attempt("chroot", os.chroot, ".")
attempt("pivot_root", call, 155 if X86 else 41, b".", b".")
attempt("open_tree", call, 428, -100, b"/", 1)
attempt("move_mount", call, 429, -100, b"/", -100, b"m", 0)
attempt("fsopen", call, 430, b"tmpfs", 0)
attempt("mount_setattr", call, 442, -100, b"/usr", 0, ctypes.create_string_buffer(32), 32)
attempt("open_by_handle_at", call, 304 if X86 else 265, -100, ctypes.create_string_buffer(64), 0)
""",
    ),
    Attack(
        name="device files",
        contained="no device can be made, and there are none but the harmless ones",
        code="""
import stat
attempt("mknod", os.mknod, "device", stat.S_IFBLK | 0o600, os.makedev(254, 0))
attempt("mknod char", os.mknod, "device2", stat.S_IFCHR | 0o600, os.makedev(1, 1))
for name in ("mem", "kmem", "port", "vda", "sda", "kvm", "tty", "ptmx", "fuse", "net/tun", "kmsg"):
    attempt(name, os.open, "/dev/" + name, os.O_RDONLY)
import fcntl
attempt("TIOCSTI", fcntl.ioctl, 0, 0x5412, b"x")
""",
    ),
    Attack(
        name="risky kernel interfaces",
        contained="io_uring, keyctl, bpf, perf, userfaultfd, modules, kexec, fanotify, inotify and splice are refused",
        code="""
zeros = ctypes.create_string_buffer(256)
for name, x86, arm, arguments in (
    ("io_uring_setup", 425, 425, (8, zeros)), ("keyctl", 250, 219, (0, -3, 1)), ("add_key", 248, 217, (b"user", b"x", b"x", 1, -3)),
    ("request_key", 249, 218, (b"user", b"x", 0, -3)), ("bpf", 321, 280, (0, zeros, 64)), ("perf_event_open", 298, 241, (zeros, 0, -1, -1, 0)),
    ("userfaultfd", 323, 282, (0,)), ("userfaultfd user", 323, 282, (1,)), ("init_module", 175, 105, (zeros, 0, b"")),
    ("finit_module", 313, 273, (0, b"", 0)), ("kexec_load", 246, 104, (0, 0, 0, 0)), ("fanotify_init", 300, 262, (0, 0)),
    ("inotify_init1", 294, 26, (0,)), ("vmsplice", 278, 75, (1, zeros, 0, 0)), ("splice", 275, 76, (0, 0, 1, 0, 1, 0)),
    ("memfd_create", 319, 279, (b"x", 0)), ("memfd_secret", 447, 447, (0,)), ("shmget", 29, 194, (0, 4096, 0o1777)),
    ("msgget", 68, 186, (0, 0o1777)), ("semget", 64, 190, (0, 1, 0o1777)), ("mq_open", 240, 180, (b"x", 0o102, 0o600, 0)),
    ("reboot", 169, 142, (0xfee1dead, 672274793, 0, 0)), ("swapon", 167, 224, (b"x", 0)), ("acct", 163, 89, (0,)),
    ("syslog", 103, 116, (10, 0, 0)), ("personality", 135, 92, (0x0040000,)), ("quotactl", 179, 60, (0, 0, 0, 0)),
    ("sethostname", 170, 161, (b"x", 1)), ("settimeofday", 164, 170, (zeros, 0)), ("adjtimex", 159, 171, (zeros,)),
    ("seccomp", 317, 277, (1, 0, zeros)), ("prctl dumpable", 157, 167, (4, 0, 0, 0, 0)), ("prctl pdeathsig", 157, 167, (1, 0, 0, 0, 0)),
    ("ioperm", 173, 1000, (0, 1, 1)), ("modify_ldt", 154, 1000, (1, zeros, 16)), ("unknown", 1000, 1000, ()), ("x32", 0x40000000, 1000, (0, 0, 0)),
):
    attempt(name, call, x86 if X86 else arm, *arguments)
""",
    ),
    Attack(
        name="foreign calling convention",
        contained="system calls through the 32-bit gate are killed or refused, not run unfiltered",
        code="""
import mmap
if X86:
    # mov eax, 20 (getpid); int 0x80; ret
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes.fromhex("b814000000cd80c3"))
    gate = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if gate() > 0:
        print("ESCAPED")
""",
        stops=frozenset({Stop.POLICY if platform.machine() == "x86_64" else Stop.EXITED}),
    ),
    Attack(
        name="symlinks and dot-dot",
        contained="links out of the working directory lead nowhere on the host",
        code="""
os.symlink("/", "root")
os.symlink("../../../../../../../..", "up")
os.symlink(SECRET_FILE, "secret")
for path in ("root" + SECRET_FILE, "up" + SECRET_FILE, "secret", "/box/../.." + SECRET_FILE, "root/etc/shadow"):
    attempt(path, lambda: print(open(path).read()))
    attempt(path, lambda: open(path, "w"))
""",
    ),
    Attack(
        name="setuid programs",
        contained="no program gives privileges: NO_NEW_PRIVS is set and mounts are nosuid",
        code="""
status = open("/proc/self/status").read()
for line in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
    if f"{line}:\\t0000000000000000" not in status:
        print("ESCAPED", line)
if "NoNewPrivs:\\t1" not in status or "Seccomp:\\t2" not in status:
    print("ESCAPED", status)
""",
        tiers=NAMESPACES,
    ),
)
