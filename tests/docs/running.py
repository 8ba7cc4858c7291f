"""Run one document, given on stdin as JSON: all blocks in one namespace, `await` at the top level."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import sys


async def main() -> None:
    document = json.load(sys.stdin)
    namespace: dict[str, object] = {"__name__": "__main__"}
    for block in document["blocks"]:
        text = "\n" * block["line"] + block["code"]  # so that a traceback shows the document's lines
        code = compile(text, document["path"], "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        done = eval(code, namespace)  # noqa: S307  # the project's own documents
        if inspect.isawaitable(done):
            await done


if __name__ == "__main__":
    asyncio.run(main())
