"""The page on composition shows the picture that its code draws, and the figures that were recorded."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path

from tta_dev_primitives import WorkflowPrimitive

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "composition.md").read_text(encoding="utf-8")


async def test_the_picture_is_what_the_code_draws() -> None:
    namespace: dict[str, object] = {"__name__": "page"}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        code = compile(block, "composition.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        done = eval(code, namespace)  # noqa: S307  # the project's own document
        if inspect.isawaitable(done):
            await done
    article = namespace["article"]
    assert isinstance(article, WorkflowPrimitive)
    assert f"```mermaid\n{article.to_mermaid()}```" in PAGE


def test_the_figures_are_those_that_were_recorded() -> None:
    recorded = json.loads((ROOT / "benchmarks" / "results" / "composition.json").read_text(encoding="utf-8"))
    seconds: Mapping[str, Mapping[str, float]] = recorded["median_seconds"]
    chain, branches = seconds["a chain of 10 steps"], seconds["50 branches"]
    peers = seconds["a chain of 10 steps, beside peers"]
    by_hand, gather = chain["awaits by hand"], branches["asyncio.gather"]
    text = " ".join(PAGE.split())
    for told in (
        f"{chain['functions'] / by_hand:.1f} times the awaits by hand",
        f"{chain['functions, one sink'] / by_hand:.0f} times with a sink",
        f"{branches['functions'] / gather:.2f} times `asyncio.gather`",
        f"{branches['functions, one sink'] / gather:.2f} times with a sink",
        *(
            f"{peers[peer] / peers['functions, one sink']:.0f} times for {name}"
            for peer, name in (
                ("pydantic-graph", "pydantic-graph"),
                ("langgraph", "LangGraph"),
                ("langgraph-hooked", "LangGraph with a handler"),
            )
        ),
    ):
        assert told in text
