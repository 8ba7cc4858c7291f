"""The system calls that guest code may make, as data; everything else is answered with EPERM.

Deliberately absent, among others: socket (no network), memfd_create and shm* (memory outside RLIMIT_AS),
ptrace, process_vm_* and pidfd_getfd (other processes), mount, unshare, setns, chroot and pivot_root, mknod,
bpf, perf_event_open, userfaultfd, io_uring_*, keyctl, splice and vmsplice (a history of kernel holes), inotify_* and
fanotify_* (they look at files that may only be seen), connect, sendmsg and sendmmsg (one end of a pair of datagram
sockets could write to every Unix socket that has a path; Landlock does not see it, and a filter not the address).
"""

from __future__ import annotations

from typing import NamedTuple

EPERM, EAGAIN, ENOTTY, ENOSYS = 1, 11, 25, 38
PRETEND_SUCCESS = 0


class Group(NamedTuple):
    """System calls that are allowed for one reason. Names that the architecture lacks are skipped."""

    reason: str
    names: str


class ArgumentRule(NamedTuple):
    """Decide about `name` by the low 32 bits of argument number `position`: one of `values`, else `errno`.

    With `inverted`, the values are refused and all others are allowed.
    """

    name: str
    position: int
    values: tuple[int, ...]
    errno: int = EPERM
    inverted: bool = False


ALLOWED = (
    Group("read and write files that are open", "read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range sendfile copy_file_range fsync fdatasync ftruncate fallocate flock sync_file_range readahead fadvise64"),
    Group("open files, as far as mounts and Landlock let it", "open openat openat2 creat truncate access faccessat faccessat2 umask"),
    Group("look at files and directories", "stat fstat lstat newfstatat statx statfs fstatfs getdents getdents64 readlink readlinkat getcwd chdir fchdir getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr"),
    Group("change the names in the working directory", "rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat symlink symlinkat"),
    Group("duplicate descriptors, make pipes", "dup dup2 dup3 pipe pipe2 eventfd eventfd2"),
    Group("wait for descriptors (asyncio, subprocess)", "poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2"),
    Group("use a socket pair (asyncio wakes its loop with one); no other socket can exist", "recvfrom recvmsg recvmmsg shutdown getsockname getpeername getsockopt setsockopt"),
    Group("memory, bounded by RLIMIT_AS and RLIMIT_DATA", "brk mmap munmap mremap mprotect madvise msync mincore mlock mlock2 munlock membarrier pkey_alloc pkey_free pkey_mprotect"),
    Group("threads, bounded by RLIMIT_NPROC and RLIMIT_AS", "futex futex_waitv set_robust_list get_robust_list set_tid_address rseq arch_prctl gettid sched_yield getcpu restart_syscall"),
    Group("run a program and wait for it, under the same filter", "execve execveat wait4 waitid exit exit_group pidfd_open"),
    Group("signals inside the own pid namespace", "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack pause signalfd signalfd4"),
    Group("clocks and timers", "time gettimeofday clock_gettime clock_getres nanosleep clock_nanosleep alarm getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime timerfd_gettime times"),
    Group("who am I", "getpid getppid getpgrp getpgid setpgid getsid setsid getuid geteuid getgid getegid getresuid getresgid getgroups capget uname sysinfo"),
    Group("change to an identity; without capabilities only to the own one", "setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid"),
    Group("limits and scheduling; hard limits cannot be raised without capabilities", "getrlimit setrlimit getrusage getpriority sched_getaffinity sched_getparam sched_getscheduler sched_getattr sched_get_priority_max sched_get_priority_min sched_rr_get_interval"),
    Group("random numbers", "getrandom"),
)  # fmt: skip

MODES_AND_OWNERS = Group(
    "modes, owners and times of files: Landlock does not see them, only mounts confine them",
    "chmod fchmod fchmodat chown fchown lchown fchownat utime utimes futimesat utimensat",
)
SIGNAL_OTHERS = Group(
    "signal processes: the pid namespace bounds whom",
    "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal",
)
MMAP_UNCOUNTED = 0x01 | 0x100
"""MAP_SHARED (of /dev/zero, too, it is plain memory) and MAP_GROWSDOWN: RLIMIT_DATA counts neither."""
NEW_PROCESS = Group("new processes without CLONE flags", "fork vfork")

_AF_UNIX = 1
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_SETLEASE, _F_NOTIFY = 8, 10, 15, 1024, 1026
_TERMINAL_AND_DESCRIPTOR = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
_MYSELF = (0,)
_NO_LENGTH = (0,)
_PR_NAMES = (15, 16)
_PR_QUESTIONS = (2, 3, 21, 23, 39)
_PR_SET_VMA = 0x53564D41

ARGUMENT_RULES = (
    ArgumentRule("socketpair", 0, (_AF_UNIX,)),
    # No length, no address: only to the other end of the pair.
    ArgumentRule("sendto", 5, _NO_LENGTH),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; drivers have hundreds of other requests.
    ArgumentRule("ioctl", 1, _TERMINAL_AND_DESCRIPTOR, ENOTTY),
    # Not PR_SET_DUMPABLE, PR_SET_PDEATHSIG, PR_SET_MM: they weaken what was set up.
    ArgumentRule("prctl", 0, (*_PR_NAMES, *_PR_QUESTIONS, _PR_SET_VMA)),
    # Descriptors that signal other processes or watch files; F_SETSIG picks any signal.
    ArgumentRule(
        "fcntl", 1, (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_SETLEASE, _F_NOTIFY), EPERM, inverted=True
    ),
    # Of other processes, process 1 included: the same user may lower their limits and priorities.
    ArgumentRule("prlimit64", 0, _MYSELF),
    ArgumentRule("sched_setaffinity", 0, _MYSELF),
    ArgumentRule("sched_setparam", 0, _MYSELF),
    ArgumentRule("sched_setscheduler", 0, _MYSELF),
    ArgumentRule("sched_setattr", 0, _MYSELF),
)
