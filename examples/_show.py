"""What the examples share: their options, and how a run is told while it goes on."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import AceOptions, LearningResult, Playbook
from tta_dev_primitives.ace.progress import AttemptJudged
from tta_dev_primitives.ace.verdict import Timing
from tta_dev_primitives.core import Event
from tta_dev_primitives.core.errors import PlayboxError
from tta_dev_primitives.llm import Role
from tta_dev_primitives.testing import Answer, ScriptedModel

Answers: TypeAlias = Mapping[Role, Sequence[Answer]]


class Learner(Protocol):
    """What of a learner is shown here."""

    @property
    def playbook(self) -> Playbook: ...

    async def aclose(self) -> None: ...


L = TypeVar("L", bound=Learner)

# Every strategy that bears on a task is used: two runs are too few to measure anything by leaving some out.
_ALL = AceOptions(inclusion=1.0, hold_out=0.0)


def start(
    kind: Callable[..., L], example: Callable[[L], Awaitable[None]], about: str | None, answers: Answers
) -> None:
    """Run `example` with a learner of this kind, made from the command line's options."""
    chosen = options(about)
    try:
        with tempfile.TemporaryDirectory() as folder:
            if chosen.scripted:  # what a script "learns" does not belong into your own playbook
                print("Answers: scripted answers, no model is asked. The programs really run.\n")
                model = ScriptedModel(answers, name=Path(sys.argv[0]).name)
                learner = kind(Path(folder, "playbook.db"), model=model, options=_ALL)
            else:
                learner = kind(model=chosen.model, options=_ALL)
            asyncio.run(_run(example, learner))
    except PlayboxError as error:
        sys.exit(f"error: {error}")


def options(about: str | None) -> Namespace:
    """Return the command line's options, `model` and `scripted`, and print the title of the example."""
    title = (about or "").partition("\n")[0]
    parser = ArgumentParser(description=title)
    parser.add_argument("--model", help="a model string such as openai:NAME; default: PLAYBOX_MODEL")
    parser.add_argument("--scripted", action="store_true", help="use the answers written for the example")
    chosen = parser.parse_args()
    print(title)
    return chosen


async def _run(example: Callable[[L], Awaitable[None]], learner: L) -> None:
    async with aclosing(learner):
        await example(learner)
        print(f"Strategies in the playbook: {learner.playbook.size}")
        for bullet in learner.playbook.active:
            print(f"  [{bullet.alias}] {bullet.content}")


def watched(correlation_id: str) -> WorkflowContext:
    """Return a context that prints every attempt as soon as it is judged."""
    return WorkflowContext(correlation_id=correlation_id, sinks=(_print_attempt,))


def _print_attempt(event: Event) -> None:
    if isinstance(event, AttemptJudged):
        verdict = event.attempt.verdict
        print(f"  attempt {event.attempt.number}: {verdict.kind}")
        if verdict.feedback != "passed":
            print("\n".join(f"    | {line}" for line in verdict.feedback.splitlines()))
        if verdict.timing is not None:
            print(f"    {_measured(verdict.timing)}")


def _measured(timing: Timing) -> str:
    medians = f"median {timing.candidate_s:.4f} s against {timing.reference_s:.4f} s of the given code"
    speed = f"{medians} over {timing.rounds} interleaved runs: {timing.speedup:.2f} times as fast"
    return speed if timing.exponent is None else f"{speed}, growing like n^{timing.exponent:.1f}"


def tell(result: LearningResult) -> None:
    """Print what a run used, what it learned and who wrote the code."""
    print(f"  strategies used: {', '.join(result.strategies_used) or 'none'}")
    for strategy in result.learned:
        print(f"  learned: {strategy}")
    print(f"  code by {result.model}; isolation: {result.isolation}\n")
