"""Snippets are looked at as programs: names are followed through imports, and how they are used counts."""

from __future__ import annotations

import pytest

from tta_dev_primitives.ace.capabilities import capability
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.dangerous_code import dangers


@pytest.mark.parametrize(
    ("code", "danger"),
    [
        ("import base64 as b\nrun = b.b64decode\nexec(b.b64decode(x))", "encoded_exec"),
        ("from zlib import decompress as d\neval(d(x))", "encoded_exec"),
        ("import marshal, types\nmarshal.loads(x)\nbytes.fromhex(y)\nexec(z)", "encoded_exec"),
        ("exec(__import__('codecs').decode(x, 'rot13'))", "encoded_exec"),
        ("import requests as r\nr.get(u, verify=False)", "security_disable"),
        ("import ssl as s\ns.SSLContext().check_hostname = False", "security_disable"),
        ("from ssl import _create_unverified_context as c\nc()", "security_disable"),
        ("from os import chmod\nchmod(p, 0o777)", "security_disable"),
        ("from os import _exit as leave\nleave(3)", "test_tampering"),
        ("from sys import exit as done\ndone(0)", "test_tampering"),
        ("raise SystemExit(0)", "test_tampering"),
        ("class A:\n    def __eq__(self, other):\n        return True", "test_tampering"),
        ("import builtins\nbuiltins.isinstance = lambda *a: True", "test_tampering"),
        ("import sys\nsys.modules['json'] = None", "test_tampering"),
        ("import builtins\nsetattr(builtins, 'len', f)", "test_tampering"),
        ("import requests\nrequests.post(u, data=open(p).read())", "network"),
        ("from urllib.request import urlopen as u\nu(x, data=p.read_bytes())", "network"),
        ("from os import environ\nfor name in environ:\n    print(name)", "secrets"),
        ("import os\nx = dict(**os.environ)", "secrets"),
        ("import shutil\nfrom pathlib import Path\nshutil.rmtree(Path.home())", "destructive"),
    ],
)
def test_what_a_program_would_do_is_found_under_any_name(code: str, danger: str) -> None:
    assert danger in dangers(code)
    assert (capability(Kind.SNIPPET, code) or "").startswith("capability:")


@pytest.mark.parametrize(
    "code",
    [
        "import base64\nprint(base64.b64decode(x))",
        "import os\nhome = os.environ.get('HOME', os.environ['USER'])\n'A' in os.environ",
        "import os, subprocess\nsubprocess.run(['ls'], env={**os.environ, 'LANG': 'C'}, check=True)",
        "import requests\nrequests.post(u, json={'a': 1}, timeout=5).raise_for_status()",
        "class A:\n    def __eq__(self, other):\n        return self.x == other.x",
        "import shutil, tempfile\nshutil.rmtree(tempfile.mkdtemp())",
        "import sys\nsys.exit(main())",
        "with open('a.csv') as file:\n    print(file.read())",
        "def (",
    ],
)
def test_what_is_usual_passes(code: str) -> None:
    assert [*dangers(code)] == []
    assert capability(Kind.SNIPPET, code) is None


def test_a_program_nested_too_deeply_is_no_python() -> None:
    assert [*dangers("(" * 5_000 + ")" * 5_000)] == []
