"""Each run of a sandbox is told to whom it may concern, and to nobody else."""

from __future__ import annotations

import pytest
from tests.core.steps import Heard

from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.core.errors import SandboxUnavailable
from tta_dev_primitives.core.secrets import NO_SECRETS, Secrets
from tta_dev_primitives.sandbox import CodeExecutionPrimitive, Sandbox, Stop
from tta_dev_primitives.sandbox.listening import CodeRan, heard, secrets_of, unheard


def runs(ear: Heard) -> list[CodeRan]:
    return [event for event in ear.events if isinstance(event, CodeRan)]


async def test_a_step_tells_its_run(sandbox: Sandbox) -> None:
    ear = Heard()
    step = CodeExecutionPrimitive(sandbox)
    await step.execute({"code": "print(1)\nraise SystemExit(3)"}, WorkflowContext(sinks=(ear,)))
    (ran,) = runs(ear)
    assert (ran.language, ran.stop, ran.exit_code, ran.success) == ("python", Stop.EXITED, 3, False)
    assert ran.output_bytes == 2
    assert 0 < ran.wall_s <= ran.seconds
    assert ran.operation().name == "execute_tool run_code"


async def test_what_it_is_otherwise_stays(sandbox: Sandbox) -> None:
    ear = Heard()
    listened = heard(sandbox, WorkflowContext(sinks=(ear,)))
    assert (listened.isolation, listened.languages) == (sandbox.isolation, sandbox.languages)
    with pytest.raises(SandboxUnavailable):
        await listened.run_code("x", language="cobol")
    assert runs(ear) == [], "a sandbox that failed ran nothing"


async def test_without_a_context_there_is_nothing_in_between(sandbox: Sandbox) -> None:
    assert heard(sandbox, None) is sandbox


async def test_the_context_knows_what_its_runs_were_given(sandbox: Sandbox) -> None:
    context = WorkflowContext()
    listened = heard(sandbox, context.branch())
    assert secrets_of(listened) == secrets_of(sandbox) == NO_SECRETS
    await listened.run_code("pass", envs={"REGION": "north-by-west", "MODE": "production"})
    assert secrets_of(heard(sandbox, context)) == Secrets(["north-by-west"])
    assert unheard(listened) is sandbox
