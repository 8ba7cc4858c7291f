from __future__ import annotations

import asyncio

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.core.errors import ConfigurationError, DeadlineExceeded
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.testing.mock_primitive import SideEffect


async def test_it_returns_what_it_is_told_and_none_if_nothing() -> None:
    assert await MockPrimitive("ask", return_value=7).execute(1) == 7
    assert await MockPrimitive().execute(1) is None


async def test_a_list_is_one_output_or_exception_per_call() -> None:
    mock = MockPrimitive("ask", side_effect=[1, OSError("down"), KeyError, 2])
    assert await mock.execute("a") == 1
    with pytest.raises(OSError, match="down"):
        await mock.execute("b")
    with pytest.raises(KeyError):
        await mock.execute("c")
    assert await mock.execute("d") == 2
    with pytest.raises(ConfigurationError, match="'ask' has nothing left for call 5"):
        await mock.execute("e")


def plain(data: int) -> int:
    return data + 1


def with_context(data: int, context: WorkflowContext) -> int:
    return data + (1 if context.tenant == "t" else 0)


async def later(data: int) -> int:
    await asyncio.sleep(0)
    return data + 1


@pytest.mark.parametrize("function", [plain, with_context, later])
async def test_a_function_is_called_plain_or_async_with_or_without_context(function: SideEffect) -> None:
    assert await MockPrimitive(side_effect=function).execute(1, WorkflowContext(tenant="t")) == 2


async def test_it_raises_what_it_is_told() -> None:
    error = OSError("down")
    with pytest.raises(OSError, match="down") as raised:
        await MockPrimitive(raise_error=error).execute(1)
    assert raised.value is error
    with pytest.raises(KeyError):
        await MockPrimitive(raise_error=KeyError).execute(1)


async def test_it_remembers_its_calls_also_those_that_raised() -> None:
    context = WorkflowContext()
    mock = MockPrimitive(side_effect=[1, OSError()])
    await mock.execute("a", context)
    with pytest.raises(OSError, match=r"^$"):
        await mock.execute("b", context)
    assert [call.data for call in mock.calls] == ["a", "b"]
    assert [call.context.workflow_id for call in mock.calls] == [context.workflow_id] * 2
    assert mock.call_count == 2


async def called(*inputs: object) -> MockPrimitive:
    mock = MockPrimitive("ask")
    for data in inputs:
        await mock.execute(data)
    return mock


async def test_what_is_true_can_be_asserted() -> None:
    (await called()).assert_not_called()
    once = await called(1)
    once.assert_called()
    once.assert_called_once()
    once.assert_called_once_with(1)
    twice = await called(1, 2)
    twice.assert_called()
    twice.assert_called_with(2)
    twice.assert_any_call(1)


@pytest.mark.parametrize(
    ("inputs", "claim", "arguments", "message"),
    [
        ((), "called", (), "'ask' was never called"),
        ((), "called_once", (), "called once and was called 0 times"),
        ((), "called_with", (1,), "never called"),
        ((), "any_call", (1,), "was called 0 times"),
        ((1,), "not_called", (), "was called 1 times: with 1"),
        ((1, 2), "called_once", (), "called once and was called 2 times: with 1, 2"),
        ((1, 2), "called_with", (1,), "called with 1 and was called 2 times: with 1, 2"),
        ((1, 2), "called_once_with", (2,), "called once"),
        ((1,), "called_once_with", (2,), "called with 2"),
        ((1, 2), "any_call", (3,), "called with 3"),
    ],
)
async def test_what_is_false_says_what_happened_instead(
    inputs: tuple[int, ...], claim: str, arguments: tuple[int, ...], message: str
) -> None:
    mock = await called(*inputs)
    with pytest.raises(AssertionError, match=message):
        getattr(mock, f"assert_{claim}")(*arguments)


async def test_it_composes_like_any_step_and_has_a_name() -> None:
    mock = MockPrimitive("ask", return_value=3)
    assert await (LambdaPrimitive(plain) >> mock >> plain).execute(1) == 4
    mock.assert_called_once_with(2)
    assert (mock.name, repr(mock)) == ("ask", "MockPrimitive('ask')")


@pytest.mark.parametrize("said", [True, False, None])
def test_it_says_of_itself_what_it_is_told(*, said: bool | None) -> None:
    assert MockPrimitive(idempotent=said).idempotent is said


async def test_it_starts_nothing_after_the_deadline() -> None:
    mock, context = MockPrimitive(), WorkflowContext().with_timeout(0.001)
    await asyncio.sleep(0.003)
    with pytest.raises(DeadlineExceeded):
        await mock.execute(1, context)
    mock.assert_not_called()


def test_only_one_behaviour_can_be_given() -> None:
    with pytest.raises(ConfigurationError, match="give one"):
        MockPrimitive(return_value=None, raise_error=OSError)
    with pytest.raises(ConfigurationError, match="give one"):
        MockPrimitive(side_effect=[1], raise_error=OSError)


def test_what_cannot_be_raised_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="the raise_error of 'ask' must be an exception, not 'down'"):
        MockPrimitive("ask", raise_error="down")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("wrong", ["text", 7])
def test_a_side_effect_that_is_none_is_refused(wrong: SideEffect) -> None:
    with pytest.raises(ConfigurationError, match="side_effect of 'mock' must be a function or a list"):
        MockPrimitive(side_effect=wrong)
