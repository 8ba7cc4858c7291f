"""What is put into the sandbox: the façade and the engine compiled, all but the façade sealed.

See README.md for what that keeps from a guest, and what it does not.
"""

from __future__ import annotations

import ast
import hashlib
import json
import marshal
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.util import MAGIC_NUMBER
from sys import version_info
from types import CodeType
from typing import Final

from .families import FAMILIES
from .library import MODULES
from .library.opening import LibrarySpec

_PACKAGE: Final = files(__package__ or "")
_FORMAT: Final = 2
"""Of marshal: the newest in which equal code is equal bytes, as it has no references."""
_OPENER: Final = """\
def _open(shapes, _sealed=$sealed, _key=$key):
    import functools, hashlib, json, marshal, zlib

    def plain(sealed, key):
        stream = hashlib.shake_128(key).digest(len(sealed))
        mixed = int.from_bytes(sealed, "big") ^ int.from_bytes(stream, "big")
        return zlib.decompress(mixed.to_bytes(len(sealed), "big"))

    code, spec, rules, texts = marshal.loads(plain(_sealed, _key))
    space = {"__name__": __name__}
    exec(code, space)
    chosen = {name: space[name] for name in rules}
    wording = lambda key: plain(texts[key], _key + key.encode()).decode()
    ask = functools.lru_cache(maxsize=0)(space["open_library"](json.loads(spec), wording, chosen, shapes))
    del ask.__wrapped__
    ask.__name__ = ask.__qualname__ = "ask"
    return ask


__name__ = "$library"
"""
_STUB: Final = '''\
"""Client of the $Library $sites."""

from importlib.util import MAGIC_NUMBER

if MAGIC_NUMBER.hex() != "$magic":
    import sys

    raise ImportError(
        f"this build of $library is for CPython $version, and this is Python {sys.version.split()[0]}; "
        "install the build that was made for it"
    )

from ._client import *
from ._client import __all__
'''


def engine_source() -> str:
    """Return the engine as one program: the modules of `library/`, then the class of every family."""
    parts = [_own_part((_PACKAGE / "library" / f"{name}.py").read_text(encoding="utf-8")) for name in MODULES]
    for family in FAMILIES:
        module = family.rule.__module__.rpartition(".")[2]
        source = (_PACKAGE / "families" / f"{module}.py").read_text(encoding="utf-8")
        parts.append(_class_part(source, family.rule.__name__))
    return "from __future__ import annotations\n\n" + "\n\n\n".join(parts) + "\n"


def _own_part(source: str) -> str:
    """Return a module without what it imports from its neighbours."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not (isinstance(node, ast.ImportFrom) and _is_ours(node))]
    return ast.unparse(tree)


def _is_ours(node: ast.ImportFrom) -> bool:
    return node.level > 0 or node.module == "__future__"


def _class_part(source: str, name: str) -> str:
    """Return one class, and what the module imports from the standard library for it."""
    tree = ast.parse(source)
    kept = [
        node
        for node in tree.body
        if (isinstance(node, ast.ImportFrom) and not _is_ours(node))
        or (isinstance(node, ast.ClassDef) and node.name == name)
    ]
    return ast.unparse(ast.Module(body=kept, type_ignores=[]))


@cache
def _engine(name: str) -> CodeType:
    return compile(engine_source(), f"<{name}>", "exec", optimize=2, dont_inherit=True)


def build(
    facade: str, spec: LibrarySpec, texts: Mapping[str, str], fill: Sequence[tuple[str, str]]
) -> Mapping[str, bytes]:
    """Return the files of a library: path -> content. `fill` are (role, name) pairs for the stub's "
    "wording."""
    name = spec["name"]
    key = hashlib.sha256(f"{name}/{spec['books']['edition']}".encode()).digest()
    sealed_texts = {which: _sealed(text.encode(), key + which.encode()) for which, text in texts.items()}
    rules = [rule for rule, _ in spec["rules"]]
    inside = (_engine(name), json.dumps(spec), rules, sealed_texts)
    sealed = _sealed(marshal.dumps(inside, _FORMAT), key)
    opener = _OPENER.replace("$sealed", repr(sealed)).replace("$key", repr(key)).replace("$library", name)
    future = "from __future__ import annotations\n"
    heading, _, rest = facade.partition(future)
    source = f"{heading}{future}\n{opener}\n{rest}\ndel _open\n"
    code = compile(source, f"<{name}>", "exec", dont_inherit=True)
    stub = _STUB
    for role, value in (
        *fill,
        ("magic", MAGIC_NUMBER.hex()),
        ("version", f"{version_info[0]}.{version_info[1]}"),
    ):
        stub = stub.replace(f"${role}", value)
    header = MAGIC_NUMBER + b"\0" * 12
    return {
        f"{name}/__init__.py": stub.encode(),
        f"{name}/_client.pyc": header + marshal.dumps(code, _FORMAT),
    }


def _sealed(content: bytes, key: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    stream = hashlib.shake_128(key).digest(len(packed))
    mixed = int.from_bytes(packed, "big") ^ int.from_bytes(stream, "big")
    return mixed.to_bytes(len(packed), "big")
