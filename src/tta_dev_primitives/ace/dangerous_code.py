"""What a snippet would do that is dangerous, by its syntax tree; names are followed through imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from .snippets import parsed
from .wording import word_set

_DECODERS: Final = word_set(
    "base64.b64decode base64.b32decode base64.b85decode base64.a85decode base64.urlsafe_b64decode"
    " base64.decodebytes binascii.unhexlify binascii.a2b_hex binascii.a2b_base64 bytes.fromhex"
    " bytearray.fromhex zlib.decompress gzip.decompress bz2.decompress lzma.decompress codecs.decode"
    " marshal.loads"
)
_RUNNERS: Final = word_set("exec eval compile builtins.exec builtins.eval marshal.loads pickle.loads")
_ENDINGS: Final = word_set("os._exit os.abort")
_EXITS: Final = word_set("sys.exit exit quit SystemExit")
_SKIPS: Final = word_set("pytest.skip pytest.xfail pytest.exit unittest.skip unittest.SkipTest")
_SENDERS: Final = word_set(
    "requests.post requests.put requests.request httpx.post httpx.put httpx.request urllib.request.urlopen"
    " urllib.request.Request socket.create_connection socket.socket http.client.HTTPSConnection"
    " http.client.HTTPConnection"
)
_READS: Final = word_set("open globals locals vars os.listdir os.walk os.environ")
_READING: Final = frozenset({"read_text", "read_bytes"})
_NAMED_ONE_BY_ONE: Final = frozenset({"get", "setdefault", "pop", "update"})
_HOLDERS: Final = ("builtins", "__builtins__", "sys.modules", "sys.excepthook", "sys.settrace")
_ALL_MAY: Final = 0o777
_Node = TypeVar("_Node", bound=ast.AST)


def dangers(code: str) -> Iterator[str]:
    """Yield the names of the dangerous things that `code` does, if it is Python."""
    tree = parsed(code)
    if tree is None:
        return
    program = _Program.of(tree)
    checks = {
        "encoded_exec": program.runs_encoded,
        "security_disable": program.disables_security,
        "test_tampering": program.tampers,
        "network": program.sends_away,
        "secrets": program.reads_all_secrets,
        "destructive": program.destroys,
    }
    yield from (name for name, check in checks.items() if check())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    """A syntax tree, what its names stand for, and what stands around each node."""

    nodes: tuple[ast.AST, ...]
    names: Mapping[str, str]
    parents: Mapping[ast.AST, ast.AST]

    @classmethod
    def of(cls, tree: ast.Module) -> _Program:
        nodes = tuple(ast.walk(tree))
        parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        return cls(nodes=nodes, names=dict(_imported(nodes)), parents=parents)

    def runs_encoded(self) -> bool:
        called = {self._name(call.func) for call in self._calls()}
        return bool(called & _RUNNERS and called & (_DECODERS - _RUNNERS))

    def disables_security(self) -> bool:
        return any(map(self._disables, self.nodes))

    def _disables(self, node: ast.AST) -> bool:
        match node:
            case ast.keyword(arg="verify" | "check_hostname", value=ast.Constant(value=False | 0)):
                return True
            case ast.Assign(
                targets=[ast.Attribute(attr="check_hostname" | "verify")], value=ast.Constant() as v
            ):
                return v.value is False
            case ast.Attribute() | ast.Name():
                return self._name(node) in {"ssl._create_unverified_context", "ssl.CERT_NONE"}
            case ast.Call(func=called, args=[_, ast.Constant(value=mode)]):
                return (
                    self._name(called) == "os.chmod" or _attribute(called) == "chmod"
                ) and mode == _ALL_MAY
            case _:
                return False

    def tampers(self) -> bool:
        return any(map(self._tampers, self.nodes))

    def _tampers(self, node: ast.AST) -> bool:
        match node:
            case ast.Call(func=called, args=[ast.Constant(value=0)]) if self._name(called) in _EXITS:
                return not self._may_happen(node)
            case ast.Call(func=called):
                return self._name(called) in _ENDINGS | _SKIPS or self._sets_held(node)
            case ast.FunctionDef(name="__eq__", body=[*_, ast.Return(value=ast.Constant(value=True))]):
                return len(node.body) == 1
            case ast.Assign(targets=targets):
                return any(map(self._held, targets))
            case _:
                return False

    def _may_happen(self, node: ast.AST) -> bool:
        """Tell whether a node is reached on a condition, such as that somebody asked for help."""
        return any(self._around(node, ast.If)) or any(self._around(node, ast.ExceptHandler))

    def _sets_held(self, call: ast.Call) -> bool:
        return self._name(call.func) == "setattr" and bool(call.args) and self._held(call.args[0])

    def _held(self, node: ast.AST) -> bool:
        """Tell whether assigning to `node` changes what programs rest on."""
        if isinstance(node, ast.Subscript):
            node = node.value
        name = self._name(node) or ""
        return name in _HOLDERS or name.startswith("builtins.")

    def sends_away(self) -> bool:
        """Tell whether something that was read goes into a call that sends."""
        sending = [call for call in self._calls() if self._name(call.func) in _SENDERS or _posts(call)]
        arguments = (child for call in sending for child in ast.walk(call) if child is not call.func)
        return any(self._is_read(node) for node in arguments)

    def _is_read(self, node: ast.AST) -> bool:
        """Tell whether a node reads something, other than a credential for what it is sent to."""
        if self._name(node) == "os.environ" and isinstance(self.parents.get(node), ast.Subscript):
            return not self._in_headers(node)
        return self._name(node) in _READS or _attribute(node) in _READING

    def _in_headers(self, node: ast.AST) -> bool:
        return any(one.arg in {"headers", "auth"} for one in self._around(node, ast.keyword))

    def reads_all_secrets(self) -> bool:
        """Tell whether the environment is used as a whole, other than to start a process with it."""
        return any(
            self._name(node) in {"os.environ", "os.environb"} and not self._one_by_one(node)
            for node in self.nodes
            if isinstance(node, ast.Attribute | ast.Name)
        )

    def _one_by_one(self, node: ast.AST) -> bool:
        around = self.parents.get(node)
        match around:
            case ast.Subscript() | ast.Compare() | ast.Attribute(attr="environ"):
                return True
            case ast.Call(func=ast.Attribute(attr="dict")):  # unittest.mock.patch.dict
                return True
            case ast.Attribute(attr=name):
                return name in _NAMED_ONE_BY_ONE or self._for_a_process(node)
            case _:
                return self._for_a_process(node)

    def _for_a_process(self, node: ast.AST) -> bool:
        if any(one.arg == "env" for one in self._around(node, ast.keyword)):
            return True
        copies = [one.targets[0] for one in self._around(node, ast.Assign)]
        return bool(copies) and all(self._given_to_a_process(copy) for copy in copies)

    def _given_to_a_process(self, copy: ast.expr) -> bool:
        """Tell whether a copy of the environment is changed by name, and given to a process."""
        uses = [
            self.parents.get(one)
            for one in self.nodes
            if isinstance(one, ast.Name)
            and isinstance(copy, ast.Name)
            and one.id == copy.id
            and one is not copy
        ]
        given = [one for one in uses if isinstance(one, ast.keyword) and one.arg == "env"]
        changed = [one for one in uses if isinstance(one, ast.Subscript)]
        return bool(given) and len(given) + len(changed) == len(uses)

    def destroys(self) -> bool:
        roots = {"/", "~", ".", "*"}
        for call in self._calls():
            if self._name(call.func) == "shutil.rmtree" and call.args:
                first = call.args[0]
                root = isinstance(first, ast.Constant) and first.value in roots
                home = any(_attribute(part) in {"home", "expanduser"} for part in ast.walk(first))
                if root or home:
                    return True
        return False

    def _around(self, node: ast.AST, kind: type[_Node]) -> Iterator[_Node]:
        """Yield what of a kind stands around a node, nearest first."""
        around: ast.AST | None = node
        while around is not None:
            if isinstance(around, kind):
                yield around
            around = self.parents.get(around)

    def _calls(self) -> Iterator[ast.Call]:
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def _name(self, node: ast.AST) -> str | None:
        """Return the dotted name that an expression stands for, followed through imports."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            of = self._name(node.value)
            return f"{of}.{node.attr}" if of else None
        if isinstance(node, ast.Call) and _imports(node) is not None:
            return _imports(node)
        return None


def _imported(nodes: tuple[ast.AST, ...]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((n.asname, n.name) for n in node.names if n.asname)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((n.asname or n.name, f"{node.module}.{n.name}") for n in node.names)


def _imports(call: ast.Call) -> str | None:
    """Return the module that `__import__("...")` names."""
    match call:
        case ast.Call(func=ast.Name(id="__import__"), args=[ast.Constant(value=str(name)), *_]):
            return name
        case _:
            return None


def _attribute(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""


def _posts(call: ast.Call) -> bool:
    """Tell whether this may send: what is put into a queue is put there alone, without an address."""
    alone = len(call.args) + len(call.keywords) == 1
    return _attribute(call.func) in {"post", "put", "sendall", "sendto"} and not (
        alone and _attribute(call.func) == "put"
    )
