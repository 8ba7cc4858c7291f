"""What is put into the sandbox: the façade compiled, and in it the engine, sealed.

README.md says what that keeps from a guest, and what it does not.
"""

from __future__ import annotations

import json
import marshal
import random
import sys
import zlib
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER
from typing import Final

from .engine import engine_code
from .library.opening import LibrarySpec

_FORMAT: Final = 2 if sys.version_info < (3, 14) else marshal.version
"""Of marshal: the newest without references, so that equal code is equal bytes. From 3.14 on code may hold
slices, which that cannot write."""
_HEADER: Final = MAGIC_NUMBER + b"\0" * 12
"""Of a file of compiled code that is never checked against a source."""
_FUTURE: Final = "from __future__ import annotations\n"
_OPENER: Final = """
_sealed = $sealed
_key = $key
__name__ = "$library"


def _open(shapes):
    import functools, json, marshal, random, zlib

    def plain(sealed, key):
        stream = random.Random(key).randbytes(len(sealed))
        mixed = int.from_bytes(sealed, "big") ^ int.from_bytes(stream, "big")
        return zlib.decompress(mixed.to_bytes(len(sealed), "big"))

    key, space = _key, {"__name__": __name__}
    code, spec, rules, texts = marshal.loads(plain(_sealed, key))
    exec(code, space)
    chosen = {name: space[name] for name in rules}
    wording = lambda name: plain(texts[name], key + zlib.crc32(name.encode())).decode()
    ask = functools.lru_cache(maxsize=0)(space["open_library"](json.loads(spec), wording, chosen, shapes))
    del ask.__wrapped__, ask.__annotations__
    ask.__name__ = ask.__qualname__ = "_ask"
    return ask

"""
_STUB: Final = '''\
"""Client of the $Library $sites."""

from importlib.util import MAGIC_NUMBER as _MAGIC

if _MAGIC.hex() != "$magic":
    import sys as _sys

    raise ImportError(
        "this build of $library is for Python $version and cannot be loaded by Python "
        f"{_sys.version.split()[0]}; it must be built by the same version"
    )

from ._client import *
from ._client import __all__
'''


def build(
    facade: str, spec: LibrarySpec, texts: Mapping[str, str], titles: Mapping[str, str]
) -> Mapping[str, bytes]:
    """Return the files of a library for the running version of Python: path -> content.

    `texts` are the wordings of its messages, `titles` the names that its first docstring shows, by role.
    """
    name = spec["name"]
    heading, _, rest = facade.partition(_FUTURE)
    source = f"{heading}{_FUTURE}{_opener(spec, texts)}{rest}\ndel _open, _sealed, _key\n"
    code = compile(source, f"<{name}>", "exec", dont_inherit=True)
    stub = _STUB
    for role, value in {**titles, "magic": MAGIC_NUMBER.hex(), "version": _version()}.items():
        stub = stub.replace(f"${role}", value)
    return {
        f"{name}/__init__.py": stub.encode(),
        f"{name}/_client.pyc": _HEADER + marshal.dumps(code, _FORMAT),
    }


def _opener(spec: LibrarySpec, texts: Mapping[str, str]) -> str:
    name = spec["name"]
    key = zlib.crc32(f"{name}/{spec['books']['edition']}".encode())
    wordings = {
        which: _sealed(text.encode(), key + zlib.crc32(which.encode())) for which, text in texts.items()
    }
    rules = [rule for rule, _ in spec["rules"]]
    inside = marshal.dumps((engine_code(name), json.dumps(spec), rules, wordings), _FORMAT)
    opener = _OPENER.replace("$sealed", repr(_sealed(inside, key)))
    return opener.replace("$key", str(key)).replace("$library", name)


def _sealed(content: bytes, key: int) -> bytes:
    packed = zlib.compress(content, 9)
    stream = random.Random(key).randbytes(len(packed))  # noqa: S311  # hides from a glance, not from an analyst
    mixed = int.from_bytes(packed, "big") ^ int.from_bytes(stream, "big")
    return mixed.to_bytes(len(packed), "big")


def _version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"
