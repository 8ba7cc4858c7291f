"""Attacks in C and C++: raw machine code, and programs that attack the compiler."""

from __future__ import annotations

from tests.sandbox.abuse.attacks import NAMESPACES, Attack

from tta_dev_primitives.sandbox import Stop

_TIME = frozenset({Stop.WALL_TIME, Stop.CPU_TIME})
_ANY_LIMIT = frozenset({Stop.WALL_TIME, Stop.CPU_TIME, Stop.MEMORY, Stop.OUTPUT, Stop.EXITED, Stop.SIGNALLED})

_C_PRELUDE = """
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
"""

MACHINE_CODE = (
    Attack(
        name="C raw system calls",
        contained="no call that opens a socket, a namespace, a kernel interface or another process succeeds",
        code=_C_PRELUDE
        + """
static char zeros[4096];
#define ATTEMPT(call) do { if ((call) >= 0) printf("ESCAPED %s\\n", #call); } while (0)
int main(void) {
    long host = @HOST_PID@;
    for (int family = 0; family < 46; family++) ATTEMPT(syscall(SYS_socket, family, 1, 0));
    for (int family = 0; family < 46; family++) ATTEMPT(syscall(SYS_socket, family, 3, 0));
    ATTEMPT(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0));
    ATTEMPT(syscall(SYS_ptrace, PTRACE_SEIZE, 1, 0, 0));
    ATTEMPT(syscall(SYS_process_vm_readv, host, zeros, 1, zeros, 1, 0));
    ATTEMPT(syscall(SYS_kill, host, 0));
    ATTEMPT(syscall(SYS_memfd_create, "x", 0));
    ATTEMPT(syscall(SYS_memfd_secret, 0));
    for (long flag = 0x80; flag <= 0x40000000; flag <<= 1)
        if (flag & 0x7e020080) ATTEMPT(syscall(SYS_unshare, flag));
    ATTEMPT(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    ATTEMPT(syscall(SYS_mount, "x", "/tmp", "tmpfs", 0, 0));
    ATTEMPT(syscall(SYS_umount2, "/proc", 2));
    ATTEMPT(syscall(SYS_pivot_root, ".", "."));
    ATTEMPT(syscall(SYS_chroot, "."));
    ATTEMPT(syscall(SYS_fsopen, "tmpfs", 0));
    ATTEMPT(syscall(SYS_open_tree, -100, "/", 1));
    ATTEMPT(syscall(SYS_open_by_handle_at, -100, zeros, 0));
    ATTEMPT(syscall(SYS_mknodat, -100, "x", 060666, 0x801));
    ATTEMPT(syscall(SYS_bpf, 5, zeros, 128));
    ATTEMPT(syscall(SYS_io_uring_setup, 8, zeros));
    ATTEMPT(syscall(SYS_keyctl, 0, -3, 0));
    ATTEMPT(syscall(SYS_add_key, "user", "x", "y", 1, -3));
    ATTEMPT(syscall(SYS_userfaultfd, 0));
    ATTEMPT(syscall(SYS_perf_event_open, zeros, 0, -1, -1, 0));
    ATTEMPT(syscall(SYS_fanotify_init, 0, 0));
    ATTEMPT(syscall(SYS_inotify_init1, 0));
    ATTEMPT(syscall(SYS_init_module, zeros, 4096, ""));
    ATTEMPT(syscall(SYS_kexec_load, 0, 0, 0, 0));
    ATTEMPT(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0));
    ATTEMPT(syscall(SYS_swapoff, "/x"));
    ATTEMPT(syscall(SYS_syslog, 3, zeros, 4096));
    ATTEMPT(syscall(SYS_personality, 0x0040000));
    ATTEMPT(syscall(SYS_pidfd_getfd, 0, 0, 0));
    ATTEMPT(syscall(SYS_seccomp, 1, 8, 0));
    ATTEMPT(syscall(SYS_setns, 0, 0));
    ATTEMPT(syscall(SYS_prctl, 4, 0, 0, 0, 0));
    return 0;
}
""",
        processes=16,
        tiers=NAMESPACES,
        exit_code=0,
        language="c",
    ),
    Attack(
        name="C foreign calling convention",
        contained="a call the 32-bit way kills the program",
        code=_C_PRELUDE
        + """
int main(void) {
#if defined(__x86_64__)
    long got;
    __asm__ volatile("int $0x80" : "=a"(got) : "a"(20L) : "memory");
    printf("ESCAPED %ld\\n", got);
#else
    raise(SIGSYS);
#endif
    return 0;
}
""",
        stops=frozenset({Stop.POLICY, Stop.SIGNALLED}),
        processes=16,
        tiers=NAMESPACES,
        language="c",
    ),
    Attack(
        name="C x32 calls",
        contained="numbers with the x32 bit are no calls",
        code=_C_PRELUDE
        + """
int main(void) {
    for (long number = 0; number < 600; number++)
        if (syscall(0x40000000L | number, 0, 0, 0, 0, 0, 0) >= 0) printf("ESCAPED %ld\\n", number);
    for (long number = 600; number < 5000; number++)
        if (syscall(number, 0, 0, 0, 0, 0, 0) >= 0) printf("ESCAPED %ld\\n", number);
    return 0;
}
""",
        processes=16,
        tiers=NAMESPACES,
        exit_code=0,
        language="c",
    ),
    Attack(
        name="C fork bomb",
        contained="forks, with a session each and all signals ignored, die with the program",
        code=_C_PRELUDE
        + """
int main(void) {
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    for (;;) if (fork() == 0) setsid();
}
""",
        stops=_TIME,
        processes=64,
        tiers=NAMESPACES,
        language="c",
    ),
    Attack(
        name="C memory tricks",
        contained="memory stops at its limit, whatever kind of mapping it is",
        code=_C_PRELUDE
        + """
static size_t held;
static void more(int flags, int protection) {
    for (int n = 0; n < 64; n++) {
        char *block = mmap(0, 8 << 20, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (block == MAP_FAILED) return;
        memset(block, 1, 8 << 20);
        mprotect(block, 8 << 20, protection);
        held += 8 << 20;
    }
}
int main(void) {
    more(MAP_PRIVATE | MAP_ANONYMOUS, PROT_READ);
    more(MAP_SHARED | MAP_ANONYMOUS, PROT_READ);
    more(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, PROT_NONE);
    more(MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, PROT_READ | PROT_WRITE);
    if (held > 256 << 20) printf("ESCAPED %zu\\n", held);
    return 0;
}
""",
        processes=16,
        tiers=NAMESPACES,
        exit_code=0,
        language="c",
    ),
    Attack(
        name="C forged result",
        contained="no descriptor but the standard three is open after exec, and exit code 6 stands",
        code=_C_PRELUDE
        + """
int main(void) {
    for (int number = 3; number < 256; number++)
        if (write(number, "{}", 2) >= 0 || fcntl(number, F_GETFD) >= 0) printf("ESCAPED %d\\n", number);
    fflush(stdout);
    _exit(6);
}
""",
        exit_code=6,
        processes=16,
        tiers=NAMESPACES,
        language="c",
    ),
    Attack(
        name="C jumping out of the program",
        contained="a crash in a signal handler on a broken stack is a crash",
        code=_C_PRELUDE
        + """
static void again(int number) { *(volatile char *)(uintptr_t)number = 1; }
int main(void) {
    signal(SIGSEGV, again);
    __asm__ volatile("" ::: "memory");
    ((void (*)(void))(uintptr_t)0xdeadbeef)();
    return 0;
}
""",
        stops=frozenset({Stop.SIGNALLED}),
        processes=16,
        tiers=NAMESPACES,
        language="c",
    ),
    Attack(
        name="C includes the host",
        contained="the compiler and assembler read no more than the program may",
        code="""
#include "@SECRET_FILE@"
__asm__(".incbin \\"@SECRET_FILE@\\"");
#include "/etc/shadow"
#include "/proc/1/environ"
int main(void) { return 0; }
""",
        exit_code=1,
        processes=16,
        tiers=NAMESPACES,
        language="c",
    ),
    Attack(
        name="C endless include",
        contained="a compiler that reads without end stops at a limit",
        code='#include "/dev/zero"\nint main(void) { return 0; }',
        stops=_ANY_LIMIT,
        processes=16,
        tiers=NAMESPACES,
        language="c",
    ),
    Attack(
        name="C macro bomb",
        contained="a text that doubles forty times stops at a limit",
        code="#define A0 1+\n"
        + "".join(f"#define A{n} A{n - 1} A{n - 1}\n" for n in range(1, 40))
        + "int main(void) { return A39 0; }",
        stops=_ANY_LIMIT,
        processes=16,
        tiers=NAMESPACES,
        language="c",
    ),
    Attack(
        name="C large object",
        contained="a program of gigabytes does not fit on the run's disk",
        code="char large[1ul << 30] = {1};\nint main(void) { return 0; }",
        stops=_ANY_LIMIT,
        processes=16,
        tiers=NAMESPACES,
        language="c",
    ),
    Attack(
        name="C++ template bomb",
        contained="templates without end stop at a limit",
        code="""
template <int depth, int width> struct Bomb {
    static constexpr long value = Bomb<depth - 1, width * 2>::value + Bomb<depth - 1, width * 2 + 1>::value;
};
template <int width> struct Bomb<0, width> { static constexpr long value = width; };
int main() { return Bomb<30, 1>::value; }
""",
        stops=_ANY_LIMIT,
        processes=16,
        tiers=NAMESPACES,
        language="c++",
    ),
    Attack(
        name="C++ endless constant",
        contained="a computation in the compiler ends with its time or its limits",
        code="constexpr int endless() { int n = 0; while (true) n = (n + 1) % 7; return n; }\n"
        "constexpr int value = endless();\nint main() { return value; }",
        stops=_ANY_LIMIT,
        processes=16,
        tiers=NAMESPACES,
        language="c++",
    ),
)
