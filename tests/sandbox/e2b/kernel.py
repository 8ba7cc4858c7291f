"""A kernel of the fake: cells come as JSON lines, state lives on, records go out as NDJSON.

What a notebook kernel does and an interpreter does not is here as well: cells run inside an event loop, what
is written to descriptor 1 is forwarded by a thread, SystemExit is an error, and tracebacks are coloured.
"""

import ast
import asyncio
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable
from types import CodeType, ModuleType

_requests = os.fdopen(os.dup(0), encoding="utf-8")
_records = os.fdopen(os.dup(1), "w", encoding="utf-8")
_lock = threading.Lock()
_dumps = json.dumps


def emit(**record: object) -> None:
    with _lock:
        _records.write(_dumps(record) + "\n")
        _records.flush()


class Stream:
    """What a kernel puts in place of sys.stdout."""

    encoding = "utf-8"

    def __init__(self, name: str) -> None:
        self.name = name

    def write(self, text: str) -> int:
        if text:
            emit(type=self.name, text=text, timestamp=0)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return False


def forward(descriptor: int, name: str) -> None:
    """Send what arrives at a real descriptor as output, some time later."""
    reader, writer = os.pipe()
    os.dup2(writer, descriptor)

    def work() -> None:
        while data := os.read(reader, 1 << 16):
            emit(type=name, text=data.decode(errors="replace"), timestamp=0)

    threading.Thread(target=work, daemon=True).start()


class Shell:
    """Variables that live from cell to cell."""

    def __init__(self) -> None:
        module = ModuleType("__main__")
        sys.modules["__main__"] = module
        self.names = module.__dict__
        self.count = 0

    def run(self, code: str) -> None:
        self.count += 1
        emit(type="number_of_executions", execution_count=self.count)
        try:
            value = self._evaluate(code, f"Cell In[{self.count}]")
        except BaseException as error:  # noqa: BLE001  # whatever a cell raises is its result
            emit(type="error", name=type(error).__name__, value=_text(error), traceback=_told(error))
        else:
            if value is not None:
                emit(type="result", text=repr(value), is_main_result=True)

    def _evaluate(self, code: str, name: str) -> object:
        tree = ast.parse(code, name)
        last = tree.body[-1] if tree.body else None
        if isinstance(last, ast.Expr):
            tree.body.pop()
        exec(compile(tree, name, "exec"), self.names)  # noqa: S102  # running it is the purpose
        if not isinstance(last, ast.Expr):
            return None
        compiled: CodeType = compile(ast.Expression(last.value), name, "eval")
        evaluate: Callable[[CodeType, dict[str, object]], object] = eval
        return evaluate(compiled, self.names)


def _text(error: BaseException) -> str:
    return str(error)


def _told(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    rows = [f"\x1b[36m{frame.filename}, line {frame.lineno}\x1b[39m\n" for frame in frames[1:]]
    return "".join([*rows, f"\x1b[31m{type(error).__name__}\x1b[39m: {error}"])


async def main() -> None:
    shell = Shell()
    for line in _requests:
        request = json.loads(line)
        # As E2B does it: pasted, with nothing quoted.
        pasted = [f"os.environ['{name}'] = '{value}'" for name, value in request["env_vars"].items()]
        code = "\n".join((["import os", *pasted] if pasted else []) + [request["code"]])
        shell.run(code)
        emit(type="end_of_fake_cell")


forward(1, "stdout")
forward(2, "stderr")
sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
asyncio.run(main())
