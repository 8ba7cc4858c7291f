"""A step that learns is told in traces as the code learner is: verdict and strategies, no foreign text."""

from __future__ import annotations

from pathlib import Path

from tests.learners.learned.making import DAYS, clerk, obedient
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.observability import JsonlSink, read_traces
from tta_dev_primitives.testing import MemoryStore


async def test_verdict_and_strategies_stand_in_the_trace_and_what_was_said_does_not(tmp_path: Path) -> None:
    file, step = tmp_path / "events.jsonl", clerk(obedient(), MemoryStore())
    with JsonlSink(file) as sink:
        for day in DAYS[:2]:
            await step.execute(day, WorkflowContext(sinks=(sink,)))

    text = file.read_text()
    assert '"playbox.verdict.kind":"failed"' in text
    assert '"playbox.verdict.kind":"passed"' in text
    assert '"playbox.strategies.selected":["str-00001"]' in text
    assert "25/11/26" not in text
    assert "parcel" not in text
    assert len(read_traces(file).runs) == 2
