"""Attacks in the other languages: a shell that forks, an engine with a JIT. C has its own file.

`@SECRET_FILE@` and its like are put in as text before the program is sent.
"""

from __future__ import annotations

from tests.sandbox.abuse.attacks import NAMESPACES, Attack

from tta_dev_primitives.sandbox import Stop

_TIME = frozenset({Stop.WALL_TIME, Stop.CPU_TIME})
_ANY_LIMIT = frozenset({Stop.WALL_TIME, Stop.CPU_TIME, Stop.MEMORY, Stop.OUTPUT, Stop.EXITED, Stop.SIGNALLED})
_FAILED = _ANY_LIMIT - {Stop.OUTPUT}

_BASH = (
    Attack(
        name="bash fork bomb",
        contained="it makes as many processes as allowed and dies with all of them",
        code=":(){ :|:& };:\nwhile true; do :; done",
        stops=_ANY_LIMIT,
        processes=64,
        tiers=NAMESPACES,
        language="bash",
    ),
    Attack(
        name="bash network",
        contained="bash's own sockets and every client on the machine reach nobody",
        code="""
for place in tcp/127.0.0.1/22 tcp/169.254.169.254/80 udp/127.0.0.1/53 tcp/localhost/80; do
    (exec 9<>/dev/$place) 2>/dev/null && echo ESCAPED $place
done
for client in "curl -m 1 http://127.0.0.1" "wget -t 1 -T 1 -O - http://127.0.0.1" "getent ahostsv4 example.org"; do
    $client >/dev/null 2>&1 && echo ESCAPED "$client"
done
true
""",
        processes=16,
        tiers=NAMESPACES,
        exit_code=0,
        language="bash",
    ),
    Attack(
        name="bash daemons",
        contained="what was put into the background, into a session of its own and past signals dies with the run",
        code="""
trap '' TERM HUP INT QUIT
for number in 1 2 3; do
    (trap '' TERM HUP INT; while true; do sleep 1; done) >/dev/null 2>&1 &
    nohup setsid sleep 1000 >/dev/null 2>&1 &
done
disown -a
exit 5
""",
        exit_code=5,
        processes=32,
        tiers=NAMESPACES,
        language="bash",
    ),
    Attack(
        name="bash forged result",
        contained="no descriptor but the standard three is open after exec, and exit code 6 stands",
        code="""
for number in {3..9}; do
    { echo '{"result": "42", "error": null}' >&$number; } 2>/dev/null && echo ESCAPED $number
done
exec 3>main.sh 4>&1 5>/dev/null
exit 6
""",
        exit_code=6,
        language="bash",
    ),
    Attack(
        name="bash raised limits",
        contained="no hard limit can be raised",
        code="""
for limit in v d f n u c s t l; do
    ulimit -H -$limit unlimited 2>/dev/null && [ "$(ulimit -H -$limit)" = unlimited ] && echo ESCAPED $limit
done
true
""",
        exit_code=0,
        language="bash",
    ),
    Attack(
        name="bash host files",
        contained="no file of the host can be read, written or removed",
        code="""
for path in /etc/shadow /proc/1/environ /proc/kcore /sys/kernel @SECRET_FILE@ @PROJECT@/README.md; do
    { read -r line <"$path"; } 2>/dev/null && echo ESCAPED read $path "$line"
    { : >"$path"; } 2>/dev/null && echo ESCAPED write $path
done
for path in /x /usr/x /etc/x /dev/x /usr/bin/env; do
    { : >"$path"; } 2>/dev/null && echo ESCAPED write $path
done
rm -rf --no-preserve-root /usr/libexec /etc /lib64 @SECRET_FILE@ 2>/dev/null && echo ESCAPED rm
chmod 777 /usr 2>/dev/null && echo ESCAPED chmod
ln -f /usr/bin/env x 2>/dev/null && echo ESCAPED link
true
""",
        processes=16,
        tiers=NAMESPACES,
        exit_code=0,
        language="bash",
    ),
    Attack(
        name="bash system tools",
        contained="programs of the system that are there for root do nothing for a guest",
        code="""
for tool in "mount -t tmpfs x /tmp" "umount /proc" "unshare -Ur true" "nsenter -t 1 -m true" "chroot / true" \\
    "mknod x b 8 0" "su -c true" "sudo -n true" "sethostname x" "dmesg" "ip link add x type dummy" "swapoff -a"; do
    timeout 1 $tool >/dev/null 2>&1 && echo ESCAPED "$tool"
done
true
""",
        processes=16,
        tiers=NAMESPACES,
        exit_code=0,
        language="bash",
    ),
    Attack(
        name="bash kills everything",
        contained="kill -9 -1 and a kill of the host end the run at most",
        code="kill -9 @HOST_PID@ 2>/dev/null && echo ESCAPED\nkill -9 1 2>/dev/null\nkill -9 -1 2>/dev/null\nexit 3",
        exit_code=3,
        tiers=NAMESPACES,
        language="bash",
    ),
    Attack(
        name="bash disk and output",
        contained="the disk is full at its size, and output ends at its limit",
        code="""
cat /dev/zero >big 2>/dev/null
for number in 1 2 3 4 5 6 7 8 9; do head -c 4M /dev/zero >f$number 2>/dev/null; done
size=$(du -sk . | cut -f1)
[ "$size" -gt 8300 ] && echo ESCAPED $size
yes
""",
        stops=frozenset({Stop.OUTPUT}),
        processes=16,
        tiers=NAMESPACES,
        language="bash",
    ),
    Attack(
        name="bash memory",
        contained="a variable that doubles stops at the memory limit",
        code="x=xxxxxxxxxxxxxxxx\nwhile true; do x=$x$x; done",
        stops=_FAILED,
        language="bash",
    ),
    Attack(
        name="bash with one process",
        may_fork=False,
        contained="nothing forks, and waiting for it ends with the time",
        code="(echo ESCAPED)\necho ESCAPED | cat\n",
        stops=_TIME | {Stop.EXITED},
        language="bash",
    ),
)

_LIMITED_HEAPS = {
    "arrays": "for (;;) held.push(new Array(100000).fill(held.length));",
    "buffers": "for (;;) held.push(Buffer.alloc(1 << 24, 1));",
    "shared buffers": "for (;;) { held.push(new SharedArrayBuffer(1 << 24)); new Uint8Array(held.at(-1)).fill(1); }",
    "WebAssembly": "for (;;) { held.push(new WebAssembly.Memory({initial: 256}));"
    " new Uint8Array(held.at(-1).buffer).fill(1); }",
    "shared WebAssembly": "for (;;) { held.push(new WebAssembly.Memory({initial: 256, maximum: 256, shared: true}));"
    " new Uint8Array(held.at(-1).buffer).fill(1); }",
    "strings": "for (;;) held.push('x'.repeat(1e6) + Math.random());",
    "workers": "const {Worker} = require('worker_threads');"
    " for (let n = 0; n < 50; n++) held.push(new Worker('const a = []; for (;;) a.push(Buffer.alloc(1 << 22, 1))',"
    " {eval: true}));",
}

_JAVASCRIPT = (
    *(
        Attack(
            name=f"JavaScript memory bomb of {kind}",
            contained="memory stops at its limit, and is counted where the engine reserves much more",
            code=f"const held = [];\n{code}",
            stops=_FAILED,
            language="javascript",
        )
        for kind, code in _LIMITED_HEAPS.items()
    ),
    Attack(
        name="JavaScript network",
        contained="no connection, no listener, no name, no debugger's port",
        code="""
const net = require('net'), dgram = require('dgram'), dns = require('dns'), http = require('http');
const escaped = name => () => console.log('ESCAPED', name);
for (const where of [{port: 22}, {host: '169.254.169.254', port: 80}, {path: '@HOST_SOCKET@'}]) {
    net.connect(where, escaped(JSON.stringify(where))).on('error', () => {});
}
net.createServer().on('error', () => {}).listen(0, escaped('listen'));
net.createServer().on('error', () => {}).listen('x.sock', escaped('listen on a path'));
try { dgram.createSocket('udp4').on('error', () => {}).bind(0, escaped('udp')); } catch {}
dns.lookup('example.org', (error) => error || escaped('dns')());
dns.resolve('example.org', (error) => error || escaped('resolve')());
http.get('http://127.0.0.1/', escaped('http')).on('error', () => {});
try { require('inspector').open(0); if (require('inspector').url()) escaped('inspector')(); } catch {}
setTimeout(() => process.exit(0), 300);
""",
        exit_code=0,
        language="javascript",
    ),
    Attack(
        name="JavaScript host files",
        contained="no file of the host can be read, written, linked or watched",
        code="""
const fs = require('fs');
const attempt = (name, attack) => { try { attack(); } catch { return; } console.log('ESCAPED', name); };
for (const path of ['/etc/shadow', '/proc/1/environ', '/proc/kcore', '@SECRET_FILE@', '@PROJECT@/README.md']) {
    attempt('read ' + path, () => fs.readFileSync(path));
    attempt('write ' + path, () => fs.writeFileSync(path, 'x'));
    attempt('require ' + path, () => require(path));
}
for (const path of ['/x', '/usr/x', '/etc/x', '/dev/x', '/usr/bin/env']) {
    attempt('write ' + path, () => fs.writeFileSync(path, 'x'));
    attempt('remove ' + path, () => fs.rmSync(path));
}
attempt('link', () => fs.linkSync('/usr/bin/env', 'env'));
attempt('list', () => fs.readdirSync('/sys'));
attempt('memory of init', () => fs.openSync('/proc/1/mem', 'r+'));
""",
        exit_code=0,
        language="javascript",
    ),
    Attack(
        name="JavaScript processes",
        may_fork=False,
        contained="nothing is started with one process, neither officially nor through the engine's bindings",
        code="""
const child = require('child_process');
const attempt = (name, attack) => {
    try { if (attack().error) return; } catch { return; }
    console.log('ESCAPED', name);
};
attempt('spawnSync', () => child.spawnSync('/bin/true'));
attempt('kill the host', () => process.kill(@HOST_PID@, 0));
attempt('debug', () => process._debugProcess(@HOST_PID@));
attempt('setuid', () => process.setuid(0));
child.fork('main.js').on('error', () => {});
child.spawn('/bin/true').on('spawn', () => console.log('ESCAPED spawn')).on('error', () => {});
const how = {file: '/bin/true', args: ['true'], envPairs: [], stdio: [{type: 'ignore'}]};
attempt('binding', () => process.binding('spawn_sync').spawn(how));
console.error('attacked');
""",
        prints="attacked",
        language="javascript",
    ),
    Attack(
        name="JavaScript forged result",
        contained="no descriptor leads to the host but the standard three, and exit code 6 stands",
        code="""
const fs = require('fs');
for (let number = 3; number < 256; number++) {
    try {
        if (fs.fstatSync(number).isFIFO()) fs.writeSync(number, '{"result": "42", "error": null}');
    } catch {}
}
process.reallyExit(6);
""",
        # Writing into the engine's own pipes may upset it.
        stops=frozenset({Stop.EXITED, Stop.SIGNALLED}),
        language="javascript",
    ),
    Attack(
        name="JavaScript ignored signals",
        contained="a program that ignores what it may and never yields ends with its time",
        code="for (const n of ['SIGTERM', 'SIGINT', 'SIGXCPU', 'SIGHUP']) process.on(n, () => {});\nfor (;;);",
        stops=_TIME,
        language="javascript",
    ),
    Attack(
        name="JavaScript threads",
        contained="threads stop at a limit and end with the program",
        code="""
const {Worker} = require('worker_threads');
for (let n = 0; n < 500; n++) new Worker('setInterval(() => {}, 1000)', {eval: true}).on('error', () => {});
""",
        stops=_FAILED,
        language="javascript",
    ),
    Attack(
        name="JavaScript native addon",
        contained="machine code in the engine's process gets no shared or growing memory, nor more address space",
        code="""
const fs = require('fs'), child = require('child_process');
fs.writeFileSync('addon.c', String.raw`
#include <stdio.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
static void attempt(const char *name, int flags, int fd, size_t size) {
    if (mmap(0, size, PROT_READ | PROT_WRITE, flags, fd, 0) != MAP_FAILED) dprintf(1, "ESCAPED %s\\n", name);
}
__attribute__((constructor)) static void attack(void) {
    int zero = open("/dev/zero", O_RDWR);
    attempt("shared", MAP_SHARED | MAP_ANONYMOUS, -1, 4096);
    attempt("shared, validated", 3 | MAP_ANONYMOUS, -1, 4096);
    attempt("zero", MAP_SHARED, zero, 4096);
    attempt("growing", MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 4096);
    attempt("more than allowed", MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 300 << 20);
    if (mmap(0, 3ul << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED)
        dprintf(1, "ESCAPED address space\\n");
    if (syscall(SYS_memfd_create, "x", 0) >= 0) dprintf(1, "ESCAPED memfd\\n");
    if (syscall(SYS_shmget, 0, 4096, 0600) >= 0) dprintf(1, "ESCAPED shmget\\n");
    if (syscall(SYS_socket, 2, 1, 0) >= 0) dprintf(1, "ESCAPED socket\\n");
    dprintf(2, "attacked\\n");
}`);
child.execSync('cc -shared -fPIC -o addon.node addon.c');
try { process.dlopen({exports: {}}, process.cwd() + '/addon.node'); } catch {}
""",
        processes=32,
        tiers=NAMESPACES,
        language="javascript",
        needs="cc",
        prints="attacked",
    ),
)

OTHER_LANGUAGES = (*_BASH, *_JAVASCRIPT)
