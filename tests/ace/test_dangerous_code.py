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
        ("import os, subprocess\ne = os.environ.copy()\nprint(e)\nsubprocess.run(['ls'], env=e)", "secrets"),
        ("import os, requests\nrequests.post(u, data=os.environ['KEY'])", "network"),
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
        "from unittest import mock\nimport os\nwith mock.patch.dict(os.environ, {'A': '1'}):\n    pass",
        "import os, subprocess\nenv = os.environ.copy()\nenv['A'] = '1'\nsubprocess.run(['ls'], env=env)",
        "import os, subprocess\nenv = dict(os.environ, A='1')\nsubprocess.run(['ls'], env=env)",
        "import sys\nif '--version' in sys.argv:\n    print('1.0')\n    sys.exit(0)",
        "import queue\nqueue.Queue().put(open('a.csv').read())",
        "from os import environ\nfrom httpx import post\npost(u, headers={'X-Token': environ['TOKEN']})",
        "SIGNATURE = b'\\x89\\x50\\x4e\\x47\\x0d\\x0a\\x1a\\x0a'",
        "BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'",
        "def (",
    ],
)
def test_what_is_usual_passes(code: str) -> None:
    assert [*dangers(code)] == []
    assert capability(Kind.SNIPPET, code) is None


def test_a_program_nested_too_deeply_is_no_python() -> None:
    assert [*dangers("(" * 5_000 + ")" * 5_000)] == []
