"""Attacks on what the host believes: exit codes, results, errors, and state from run to run."""

from __future__ import annotations

from tests.sandbox.abuse.attacks import NAMESPACES, Attack

from tta_dev_primitives.sandbox import Stop

_ENDS = frozenset({Stop.EXITED, Stop.SIGNALLED, Stop.OUTPUT, Stop.WALL_TIME, Stop.CPU_TIME})

LYING = (
    Attack(
        name="patched json",
        contained="an exit code of 3 is 3, whatever json.dumps has become",
        code="""
import json
json.dumps = json.JSONEncoder.encode = json.JSONEncoder.iterencode = lambda *a, **k: '{"code": 0}'
raise SystemExit(3)
""",
        exit_code=3,
    ),
    Attack(
        name="patched os and sys",
        contained="an exit code of 4 is 4, whatever os._exit, os.write and sys.exit have become",
        code="""
os._exit = os.write = sys.exit = os.abort = lambda *a: None
sys.stdout = sys.stderr = None
raise SystemExit(4)
""",
        exit_code=4,
    ),
    Attack(
        name="patched builtins",
        contained="a failure stays a failure without builtins",
        code="""
import builtins, traceback
traceback.format_exception = traceback.TracebackException = None
for name in ("str", "print", "isinstance", "type", "len", "getattr", "BaseException", "SystemExit"):
    setattr(builtins, name, None)
1 / 0
""",
        exit_code=1,
    ),
    Attack(
        name="emptied modules",
        contained="a failure stays a failure after sys.modules and every module in it were emptied",
        code="""
import gc
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "") not in ("builtins", "__main__", "sys"):
        try:
            module.__dict__.clear()
        except Exception:
            pass
sys.modules.clear()
raise SystemExit(5)
""",
        stops=_ENDS,
    ),
    Attack(
        name="forged result",
        contained="a success written into every descriptor does not undo exit code 6",
        code="""
forged = b'{"result": "42", "error": null, "code": 0, "stop": "exited", "exit_code": 0}'
for descriptor in range(3, 256):
    try:
        os.write(descriptor, forged)
        os.write(descriptor, b"S" + bytes(4))
    except OSError:
        pass
os._exit(6)
""",
        exit_code=6,
    ),
    Attack(
        name="forged error of a success",
        contained="a run that really exited with 0 has no error",
        code="""
os.write(4, b'{"result": null, "error": {"name": "X", "value": "", "traceback": "", "line": 1}}')
os._exit(0)
""",
        exit_code=0,
    ),
    Attack(
        name="closed channels",
        contained="closing every descriptor is the program's own affair",
        code="""
os.closerange(0, 256)
os._exit(7)
""",
        exit_code=7,
    ),
    Attack(
        name="flooded result channel",
        contained="the host stops reading and ends the run",
        code="""
block = b"[" * 65536
while True:
    os.write(4, block)
""",
        stops=frozenset({Stop.OUTPUT, Stop.SIGNALLED}),
    ),
    *(
        Attack(
            name=f"malformed result {number}",
            contained="what is no report is ignored",
            code=f"os.write(4, {data!r})\nos._exit(8)",
            exit_code=8,
        )
        for number, data in enumerate(
            (
                b"",
                b"\xff\xfe\x00",
                b"null",
                b"[" * 100_000,
                b'{"result": 1e999, "error": []}',
                b'{"result": "\\ud800", "error": null}',
                b'{"error": {"name": 1}}',
                b'{"result": null, "error": {"name": "X", "value": "", "traceback": "", "line": '
                + b"9" * 50_000
                + b"}}",
                b'{"error": {"name": "' + b"A" * 60_000,
            )
        )
    ),
    Attack(
        name="hostile __str__ and __repr__",
        contained="an exception that cannot be described, or exits while it is, is still no success",
        code="""
class Meta(type):
    @property
    def __name__(self): raise SystemExit(0)
class Bad(Exception, metaclass=Meta):
    def __str__(self): raise SystemExit(0)
    __repr__ = __str__
    @property
    def __traceback__(self): raise SystemExit(0)
raise Bad
""",
        exit_code=1,
    ),
    Attack(
        name="hostile exit code",
        contained="a SystemExit whose code misbehaves is a failure",
        code="""
class Code:
    def __str__(self): raise SystemExit(0)
    def __index__(self): return 0
raise SystemExit(Code())
""",
        exit_code=1,
    ),
    Attack(
        name="huge exception",
        contained="an exception of many megabytes is cut",
        code="raise ValueError('x' * (20 << 20))",
        exit_code=1,
    ),
    Attack(
        name="endless exception chain",
        contained="a chain of a thousand exceptions is cut",
        code="""
error = None
for n in range(1000):
    new = ValueError("x" * 1000)
    new.__cause__ = error
    error = new
raise error
""",
        exit_code=1,
    ),
    Attack(
        name="frames of the runner",
        contained="a program that rewrites its caller's frames changes its own end at most",
        code="""
frame = sys._getframe()
while frame:
    frame.f_globals["_exit"] = lambda code: None
    frame.f_globals["run"] = lambda *a: 0
    frame = frame.f_back
raise SystemExit(9)
""",
        stops=_ENDS,
    ),
    Attack(
        name="back into the zygote",
        contained="a run that unwinds into the code it was forked from reaches nothing of it",
        code="""
import gc
os._exit = lambda code: None
frame = sys._getframe()
while frame:
    frame.f_globals["_exit"] = lambda code: None
    frame = frame.f_back
for thing in gc.get_objects():
    if type(thing).__name__ in ("Zygote", "socket"):
        for name in ("_say", "_spawn", "_fork", "send"):
            try:
                getattr(thing, name)(b"x")
            except BaseException:
                pass
""",
        stops=_ENDS,
    ),
    Attack(
        name="state for the next run",
        contained="nothing that a run leaves is there in the next (every attack checks that)",
        code="""
import builtins, json
builtins.LEAKED = json.LEAKED = sys.LEAKED = True
os.environ["LEAKED"] = "1"
for place in (".", "/tmp", os.environ["HOME"]):
    try:
        open(place + "/leaked", "w").write("x")
    except OSError:
        pass
sys.path.insert(0, "/leaked")
sys.setrecursionlimit(77)
""",
    ),
    Attack(
        name="kill the init",
        contained="process 1 of the run cannot be killed or stopped from inside",
        code="""
import signal
for number in (9, 19, 2, 11, 6, 1, 10, 12):
    try:
        os.kill(1, number)
    except OSError:
        pass
raise SystemExit(11)
""",
        exit_code=11,
        tiers=NAMESPACES,
    ),
)
