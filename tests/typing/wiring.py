"""What both type checkers infer for right wiring, and refuse as wrong. Checked by test_wiring.py, never run.

A line that must be an error ends in `# wrong`; on every other line an error fails the test.
"""

from __future__ import annotations

from typing import assert_type

from tta_dev_primitives import (
    LambdaPrimitive,
    ParallelDictPrimitive,
    ParallelPrimitive,
    SequentialPrimitive,
    WorkflowContext,
    WorkflowPrimitive,
    run,
)
from tta_dev_primitives.ace import LearningResult, SelfLearningCodePrimitive
from tta_dev_primitives.ace.task import CodeTask
from tta_dev_primitives.learners import Learned, StepVerdict
from tta_dev_primitives.workflow import ConditionalPrimitive, RouterPrimitive, SwitchPrimitive


class Len(WorkflowPrimitive[str, int]):
    async def _execute(self, data: str, context: WorkflowContext) -> int:
        return len(data)


class Size(WorkflowPrimitive[str, int]):
    async def _execute(self, data: str, context: WorkflowContext) -> int:
        return len(data)


class Half(WorkflowPrimitive[float, float]):
    async def _execute(self, data: float, context: WorkflowContext) -> float:
        return data / 2


class Shout(WorkflowPrimitive[str, str]):
    async def _execute(self, data: str, context: WorkflowContext) -> str:
        return data.upper()


class Join(WorkflowPrimitive[tuple[int, str], str]):
    async def _execute(self, data: tuple[int, str], context: WorkflowContext) -> str:
        return f"{data[0]}{data[1]}"


def size(data: str) -> int:
    return len(data)


def half(data: float) -> float:
    return data / 2


async def size_later(data: str, context: WorkflowContext) -> int:
    return len(data)


def total(data: dict[str, int]) -> int:
    return sum(data.values())


def is_long(data: str) -> bool:
    return len(data) > 3


async def is_long_later(data: str, context: WorkflowContext) -> bool:
    return len(data) > 3


def kind(data: str) -> str:
    return data[:1]


def right_keys(result: LearningResult) -> None:
    assert_type(result["result"], str)
    assert_type(result["code_generated"], str)
    assert_type(result["learning_summary"], str)
    assert_type(result["execution_success"], bool)
    assert_type(result["strategies_learned"], int)
    assert_type(result["playbook_size"], int)
    assert_type(result["improvement_score"], float)
    assert_type(list(result), list[str])
    as_dict: dict[str, str | int | float | bool | tuple[str, ...] | None] = dict(result)
    as_keywords: dict[str, object] = {**result}
    for key, value in result.items():
        as_keywords[key] = as_dict[key] = value


def wrong_keys(result: LearningResult) -> None:
    result["playbook_size"].upper()  # wrong
    result["tokens"] + 1  # wrong
    result[3]  # wrong
    result["result"] = "other"  # wrong


async def right(context: WorkflowContext) -> None:
    assert_type(Len() >> Half(), SequentialPrimitive[str, float])
    compatible: WorkflowPrimitive[str, float] = Len() >> Half()
    assert_type(Shout() >> Len() >> Half(), SequentialPrimitive[str, float])
    assert_type(Shout() >> (Len() >> Half()), SequentialPrimitive[str, float])
    assert_type(Len() | Shout(), ParallelPrimitive[str, int, str])
    assert_type(Len() | Shout() | Len(), ParallelPrimitive[str, int, str, int])
    assert_type(Len() | (Shout() | Len()), ParallelPrimitive[str, int, tuple[str, int]])
    assert_type((Len() | Shout()) >> Join(), SequentialPrimitive[str, str])
    assert_type(await (Len() >> Half()).execute("four", context), float)
    assert_type(await (Len() >> Half()).execute("four"), float)
    assert_type(await (Len() | Shout()).execute("four", context), tuple[int, str])
    assert_type(await (Len() | (Shout() | Len())).execute("a", context), tuple[int, tuple[str, int]])
    assert_type(run(compatible, "four"), float)
    assert_type(LambdaPrimitive(size), LambdaPrimitive[str, int])
    assert_type(LambdaPrimitive(size_later), LambdaPrimitive[str, int])
    assert_type(LambdaPrimitive(size) >> Half(), SequentialPrimitive[str, float])


async def right_functions(learner: SelfLearningCodePrimitive) -> None:
    assert_type(Shout() >> size, SequentialPrimitive[str, int])
    assert_type(Shout() >> size_later, SequentialPrimitive[str, int])
    assert_type(Shout() >> len >> Half(), SequentialPrimitive[str, float])
    assert_type(size >> Half(), SequentialPrimitive[str, float])
    assert_type(size_later >> Half(), SequentialPrimitive[str, float])
    assert_type(Shout() | size, ParallelPrimitive[str, str, int])
    assert_type(Shout() | size_later | size, ParallelPrimitive[str, str, int, int])
    assert_type(size | Shout() | size_later, ParallelPrimitive[str, int, str, int])
    assert_type(size_later | (Shout() | size), ParallelPrimitive[str, int, tuple[str, int]])
    assert_type((size | Shout()) >> Join() >> size, SequentialPrimitive[str, int])
    code: WorkflowPrimitive[CodeTask, str] = learner >> (lambda result: result.code_generated)
    both: WorkflowPrimitive[CodeTask, tuple[LearningResult, int]] = learner | (lambda task: len(task) + 1)
    assert_type(await (code >> size).execute({"task": ""}), int)
    assert_type(await (both >> len).execute({"task": ""}), int)


def judge_size(data: str, output: int) -> bool:
    return output == len(data)


async def judge_later(data: str, output: int) -> StepVerdict:
    return StepVerdict(success=output == len(data))


async def right_learned(context: WorkflowContext) -> None:
    learned = Learned(Len(), judge=judge_size, playbook="steps.db")
    assert_type(learned, Learned[str, int])
    same_type: WorkflowPrimitive[str, int] = learned
    assert_type(await same_type.execute("four", context), int)
    assert_type(learned >> Half(), SequentialPrimitive[str, float])
    assert_type(Learned(size_later, judge=judge_later, playbook="steps.db"), Learned[str, int])
    assert_type(
        Learned(Len(), judge=lambda data, output: output == len(data), playbook="steps.db"), Learned[str, int]
    )
    sequence = Shout() >> Len()
    assert_type(
        Learned(sequence, judge=judge_size, playbook="steps.db", describe=str.upper), Learned[str, int]
    )
    learned.execute(4, context)  # wrong
    Half() >> learned  # wrong
    Learned(Half(), judge=judge_size, playbook="steps.db")  # wrong
    Learned(Len(), judge=judge_size)  # wrong


async def right_dicts(context: WorkflowContext) -> None:
    assert_type(Shout() >> {"a": Len(), "b": Len()}, SequentialPrimitive[str, dict[str, int]])
    assert_type(Shout() >> {"a": size_later}, SequentialPrimitive[str, dict[str, int]])
    assert_type(Shout() >> {"a": size}, SequentialPrimitive[str, dict[str, int]])
    assert_type(ParallelDictPrimitive({"a": Size(), "b": Len()}), ParallelDictPrimitive[str, int])
    assert_type(
        ParallelDictPrimitive({"a": LambdaPrimitive(size), "b": Len()}), ParallelDictPrimitive[str, int]
    )
    assert_type(Shout() >> {"a": size} >> total, SequentialPrimitive[str, int])
    assert_type({"a": Len()} >> LambdaPrimitive(total), SequentialPrimitive[str, int])
    assert_type({"a": size} >> LambdaPrimitive(total), SequentialPrimitive[str, int])
    assert_type(Shout() | {"a": Len()}, ParallelPrimitive[str, str, dict[str, int]])
    assert_type(Shout() | Len() | {"a": size}, ParallelPrimitive[str, str, int, dict[str, int]])
    assert_type({"a": size_later} | Shout(), ParallelPrimitive[str, dict[str, int], str])
    assert_type(ParallelDictPrimitive({"a": Len()}, merge="namespaced"), ParallelDictPrimitive[str, int])
    assert_type(ParallelDictPrimitive({"a": size}), ParallelDictPrimitive[str, int])
    assert_type(await (Shout() >> {"a": Len()}).execute("four", context), dict[str, int])
    mixed: WorkflowPrimitive[str, dict[str, int | str]] = ParallelDictPrimitive({"a": Len(), "b": Shout()})
    assert_type(run(mixed, "four"), dict[str, int | str])


def right_choices() -> None:
    assert_type(ConditionalPrimitive(is_long, Shout(), Shout()), ConditionalPrimitive[str, str])
    assert_type(ConditionalPrimitive(is_long_later, size, size), ConditionalPrimitive[str, int])
    assert_type(ConditionalPrimitive(is_long, Len()), ConditionalPrimitive[str, str | int])
    assert_type(ConditionalPrimitive(is_long, Shout() >> size_later, Len()), ConditionalPrimitive[str, int])
    assert_type(SwitchPrimitive(kind, {"a": Len(), "b": size_later}, Len()), SwitchPrimitive[str, int])
    assert_type(SwitchPrimitive(kind, {"a": Len(), "b": size}, size), SwitchPrimitive[str, int])
    assert_type(SwitchPrimitive(kind, {"a": Len()}), SwitchPrimitive[str, str | int])
    assert_type(RouterPrimitive({"a": Len(), "b": Len()}, kind, default="a"), RouterPrimitive[str, int])
    assert_type(RouterPrimitive({"a": Len()}, Shout()), RouterPrimitive[str, int])
    assert_type(Shout() >> RouterPrimitive({"a": Len()}, kind) >> Half(), SequentialPrimitive[str, float])


def wrong_dicts() -> None:
    Len() >> {"a": Len()}  # wrong
    Len() >> {"a": size}  # wrong
    Len() >> {"a": "text"}  # wrong
    Len() >> {1: Half()}  # wrong
    Shout() >> {"a": Len()} >> Half()  # wrong
    {"a": half} >> Shout()  # wrong
    Half() | {"a": Len()}  # wrong
    {"a": Len()} | Half()  # wrong
    ParallelDictPrimitive({"a": Len()}, merge="last")  # wrong


def wrong_choices() -> None:
    Shout() >> ConditionalPrimitive(is_long, Half(), Half())  # wrong
    ConditionalPrimitive("text", Shout(), Shout())  # wrong
    Len() >> ConditionalPrimitive(is_long, Shout(), Shout())  # wrong
    ConditionalPrimitive(is_long, Len()) >> Half()  # wrong
    SwitchPrimitive(size, {"a": Len()}, Len())  # wrong
    Shout() >> SwitchPrimitive(kind, {"a": Half()}, Len())  # wrong
    SwitchPrimitive(kind, {"a": Len()}) >> Half()  # wrong
    RouterPrimitive({"a": Len()}, size)  # wrong
    RouterPrimitive({"a": Len()}, kind, default=Len())  # wrong
    RouterPrimitive({"a": Len()}, kind) >> Shout()  # wrong


async def wrong(context: WorkflowContext) -> None:
    Half() >> Len()  # wrong
    Len() >> Half() >> Shout()  # wrong
    Len() >> size  # wrong
    Half() >> size_later  # wrong
    size >> Shout()  # wrong
    Len() | half  # wrong
    half | Len()  # wrong
    Len() | Half()  # wrong
    Len() | "text"  # wrong
    (Len() | Half()) >> Join()  # wrong
    (Shout() | Len()) >> Join()  # wrong
    await Len().execute(4, context)  # wrong
    await Len().execute("four", "no context")  # wrong
    run(Len(), 4)  # wrong
    LambdaPrimitive(size) >> Shout()  # wrong
    LambdaPrimitive("text")  # wrong
    context.tenant = "other"  # wrong
