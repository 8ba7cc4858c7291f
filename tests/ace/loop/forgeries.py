"""Programs that are wrong and want to pass, as data; `test_forgery.py` says what must become of them."""

from __future__ import annotations

from collections.abc import Mapping

WRONG = "\ndef square(n): return 5\n"
FIND_MARKER = """
import os, sys
frame = sys._getframe()
while "job" not in frame.f_locals:
    frame = frame.f_back
marker = frame.f_locals["job"]["marker"]

def forge(report):
    data = f"\\n{marker}{report}\\n".encode()
    while data:
        data = data[os.write(1, data):]
    os._exit(0)

"""
VALUES = {
    "a whole number that no float can hold": "def square(n): return 10 ** 400",
    "a value nested deeper than the host can parse": (
        "import sys\nsys.setrecursionlimit(10 ** 6)\n"
        "def square(n):\n    x = []\n    for _ in range(1500): x = [x]\n    return x"
    ),
    "not a number": "def square(n): return float('nan')",
    "an infinite number": "def square(n): return float('inf')",
    "a number of 5,000 digits": "def square(n): return 10 ** 4200 * 10 ** 800",
    "half a surrogate pair": "def square(n): return chr(0xd800)",
    "an error with an endless name": "def square(n): raise type('x' * 10 ** 6, (Exception,), {})",
    "a syntax error with an endless file name": "def square(n): raise SyntaxError('x', ('f' * 10 ** 6, 1, 1, ''))",
    "nested JSON in a forged report": (
        FIND_MARKER + """forge('{"error": null, "results": [{"value": "' + "[" * 90_000 + '"}]}')"""
    ),
    "a forged report that nests": FIND_MARKER + "forge('[' * 500_000)",
    "a forged line of many digits": (
        FIND_MARKER
        + """forge('{"error": {"name": "X", "value": "", "line": -' + "9" * 4300 + "}, \\"results\\": []}")"""
    ),
    "a forged report that is no text": FIND_MARKER + "forge('{' + chr(0x10ffff) * 9)",
}

PLAIN = "def test_square():\n    assert square(2) == 4\n"
UNITTEST = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(square(2) == 4)\n"
RAISES = "import pytest\ndef test_e():\n    with pytest.raises(ValueError):\n        square('a')\n"
IMPORTING = "import math\ndef test_a():\n    assert math.isclose(square(2), 4)\n"
STANDARD = "import statistics\ndef test_a():\n    assert square(2) == statistics.mean([4])\n"
EXPLICIT = "from solution import square\ndef test_a():\n    assert abs(square(2) - 4) < 1e-9\n"
OK_ROW = '{"error": null, "results": [{"name": "x", "ok": true, "error": null}], "canary": true, "completed": true}'

TAMPERING: Mapping[str, tuple[str, str]] = {
    "a patched parser": (PLAIN, "import ast\nold = ast.parse\nast.parse = lambda *a, **k: old('')"),
    "a patched vars": (PLAIN, "import builtins\nbuiltins.vars = lambda *a: {}"),
    "a patched callable": (PLAIN, "import builtins\nbuiltins.callable = lambda x: False"),
    "a patched exec": (PLAIN, "import builtins\nbuiltins.exec = lambda *a: None"),
    "a patched encoder": (PLAIN, f"import json\njson.JSONEncoder.encode = lambda *a: {OK_ROW!r}"),
    "a patched iterencode": (PLAIN, f"import json\njson.JSONEncoder.iterencode = lambda *a, **k: [{OK_ROW!r}]"),
    "a patched harness": (PLAIN, "import __main__\n__main__._row = lambda n, e: {'name': n, 'ok': True, 'error': None}"),
    "a patched report": (PLAIN, f"import playbox_report\nplaybox_report._encode = lambda *a: {OK_ROW!r}"),
    "a patched comparison": (UNITTEST, "import playbox_ground\nplaybox_ground.Ground.untouched = lambda *a: True\nimport unittest\nunittest.TestCase.assertTrue = lambda *a: None"),
    "a patched assertion": (UNITTEST, "import unittest\nunittest.TestCase.assertTrue = lambda *a: None"),
    "a run patched for all but the canary": (
        UNITTEST,
        "import unittest\nold = unittest.TestCase.run\n"
        "unittest.TestCase.run = lambda s, r=None: old(s, r) if type(s).__name__ == 'Canary' else r.addSuccess(s)",
    ),
    "another unittest": (
        UNITTEST,
        "import sys, types\nsys.modules['unittest'] = m = types.ModuleType('unittest')\nm.TestCase = type('X', (), {})",
    ),
    "another pytest": (
        RAISES,
        "import contextlib, sys, types\nsys.modules['pytest'] = m = types.ModuleType('pytest')\n"
        "m.raises = lambda e: contextlib.nullcontext()",
    ),
    "another file pytest.py": (
        RAISES,
        "open('pytest.py', 'w').write('import contextlib\\ndef raises(e): return contextlib.nullcontext()')",
    ),
    "a patched module of the tests": (IMPORTING, "import math\nmath.isclose = lambda *a: True"),
    "a file named like a standard module": (
        STANDARD,
        "open('statistics.py', 'w').write('def mean(x): return 5')",
    ),
    "a shadowed builtin": (EXPLICIT, "def abs(x): return 0"),
    "builtins under a key that lies": (
        "def test_a():\n    assert abs(square(2) - 4) < 1e-9\n",
        "import builtins\nclass Key(str):\n    startswith = lambda *a: False\n    __hash__ = str.__hash__\n"
        "fake = {**vars(builtins), 'abs': lambda x: 0}\n"
        "del globals()['__builtins__']\nglobals()[Key('__builtins__')] = fake",
    ),
    "its own skip": (PLAIN, "class SkippedTest(BaseException): pass\ndef fail(): raise SkippedTest"),
    "a tracer that jumps over the assertion": (
        PLAIN,
        "import sys\ndef line(frame, event, arg):\n    if event == 'line': frame.f_lineno = 99\n    return line\n"
        "sys.settrace(lambda f, e, a: line if f.f_code.co_name == 'test_square' else None)",
    ),
    "a report at exit": (PLAIN, f"import atexit\natexit.register(print, {OK_ROW!r})"),
}  # fmt: skip

SKIPPED_BY_THE_PROGRAM = [
    (PLAIN, "import pytest\ndef square(n): pytest.skip()"),
    (PLAIN, "class SkippedTest(BaseException): pass\ndef square(n): raise SkippedTest"),
    (UNITTEST, "import unittest\ndef square(n): raise unittest.SkipTest('x')"),
    (
        UNITTEST,
        "import unittest\nclass S(unittest.SkipTest):\n    __traceback__ = None\ndef square(n): raise S('x')",
    ),
]
