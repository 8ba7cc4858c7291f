"""Draw `docs/trace.svg`: what `playbox trace` shows of a workflow. Run as `python -m docs.trace_svg`."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections import deque
from pathlib import Path

from docs.demo_svg import drawn
from pydantic import BaseModel
from rich.text import Text

from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.ace import CodeTask, SelfLearningCodePrimitive
from tta_dev_primitives.cli.tracing.tree import tree
from tta_dev_primitives.llm import Request, Role, Usage
from tta_dev_primitives.observability import JsonlSink, read_traces
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, MemoryStore, ScriptedModel

PICTURE = Path(__file__).with_name("trace.svg")
_WIDTH = 118
_LESSON: Answer = {
    "diagnosis": "off by one",
    "insights": [{"kind": "rule", "content": "Answers of parcelo count from one.", "keywords": ["parcelo"]}],
}
_PRICE = Usage(input_tokens=1_250, output_tokens=180, calls=1, usd=0.0021)


def workflow() -> SelfLearningCodePrimitive:
    """Return a learner whose first program is wrong; its scripted model takes a moment, as others do."""
    programs = deque(["print(41)", "print(42)"])

    def answer(request: Request[BaseModel]) -> Answer:
        time.sleep(0.2)
        return {"plan": "", "code": programs.popleft()} if request.role is Role.GENERATOR else _LESSON

    return SelfLearningCodePrimitive(
        model=ScriptedModel(answer, usage=_PRICE), store=MemoryStore(), settings=Settings()
    )


async def _look(issue: int) -> str:
    await asyncio.sleep(0.15)
    return f"Print the answer to issue {issue}."


async def _similar(issue: int) -> int:
    await asyncio.sleep(0.05)
    return issue - 1


def _task(found: tuple[str, int]) -> CodeTask:
    return {"task": found[0], "context": f"See also {found[1]}.", "expected_output": "42"}


async def lines() -> list[Text]:
    """Return what `playbox trace` shows of a run that was done for it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        JsonlSink(Path(folder) / "t.jsonl", settings=Settings()) as sink,
    ):
        gather = LambdaPrimitive(_look, name="read issue") | LambdaPrimitive(_similar, name="find similar")
        async with workflow() as learner:
            steps = gather >> LambdaPrimitive(_task, name="task") >> learner
            await steps.execute(42, WorkflowContext(sinks=(sink,)))
        (run,) = read_traces(sink.path).runs
    return tree(run)


def shape(row: str) -> str:
    """Return a row without its times, bars and spaces."""
    return re.sub(r"\d+(?:\.\d+)? (?:ms|s)\b|[█▒\s]|(?<=\s)·", "", row)


def main() -> None:
    """Write the picture."""
    text = Text("\n").join(asyncio.run(lines()))
    PICTURE.write_text(drawn(text, "playbox trace", name="trace", width=_WIDTH), encoding="utf-8")


if __name__ == "__main__":
    main()
