"""Use case 3: a debugging assistant that learns from how errors were really resolved.

    python examples/debugging.py [--model MODEL | --scripted]

The tests are run first, in the sandbox, so that the task quotes what really fails. A fix counts when what
failed passes, and what passed before still does.
"""

from __future__ import annotations

from textwrap import indent

from _show import Answers, start, tell, watched
from tta_dev_primitives.learners.debugging import DebuggingLearner, DebuggingTask
from tta_dev_primitives.llm import Role

INVOICE = """
def vat(net):
    return f"{round(net * 0.25, 2):.2f}"
"""
INVOICE_TESTS = """
def test_whole_amounts():
    assert vat(100) == "25.00"

def test_half_a_cent_is_rounded_up():
    assert vat(10.70) == "2.68", f"vat(10.70) is {vat(10.70)}"
    assert vat(0.58) == "0.15", f"vat(0.58) is {vat(0.58)}"
"""
DISCOUNT = """
def discounted(price, percent):
    return f"{round(price - price * percent / 100, 2):.2f}"
"""
DISCOUNT_TESTS = """
def test_no_discount():
    assert discounted(19.99, 0) == "19.99"

def test_half_a_cent_is_rounded_up():
    assert discounted(1.15, 10) == "1.04", f"discounted(1.15, 10) is {discounted(1.15, 10)}"
    assert discounted(0.01, 50) == "0.01", f"discounted(0.01, 50) is {discounted(0.01, 50)}"
"""


async def main(learner: DebuggingLearner) -> None:
    """Fix two functions with the same kind of defect."""
    for failing_code, tests in ((INVOICE, INVOICE_TESTS), (DISCOUNT, DISCOUNT_TESTS)):
        task = DebuggingTask(
            task="Fix this failing test. Money is rounded half up.",
            code=failing_code,
            tests=tests,
            family="rounding money",
        )
        print(task.task)
        result = await learner.execute(task, watched("debugging"))
        tell(result)
        print(indent(result.code_generated.strip(), "    "), "\n")


DECIMAL = """
from decimal import ROUND_HALF_UP, Decimal

def vat(net):
    return str((Decimal(str(net)) * Decimal("0.25")).quantize(Decimal("0.01"), ROUND_HALF_UP))
"""
FIXED = """
from decimal import ROUND_HALF_UP, Decimal

def discounted(price, percent):
    left = Decimal(str(price)) * (100 - Decimal(str(percent))) / 100
    return str(left.quantize(Decimal("0.01"), ROUND_HALF_UP))
"""
LESSON = (
    "To round money half up, make a Decimal of str(value) and quantize it with ROUND_HALF_UP; round() and "
    "Decimal(value) keep the error of the binary float, so half a cent is lost."
)

ANSWERS: Answers = {
    Role.GENERATOR: (
        {"plan": "Round with Decimal.", "code": DECIMAL.replace("str(net)", "net")},
        {"plan": "Make the Decimal of the text, not of the float.", "code": DECIMAL},
        {"plan": "As learned.", "code": FIXED, "strategies": ["str-00001"]},
    ),
    Role.REFLECTOR: (
        {
            "diagnosis": "Decimal(10.70) is a little less than 10.70.",
            "insights": [{"kind": "pitfall", "content": LESSON, "keywords": ["money", "rounded", "decimal"]}],
        },
    ),
}

if __name__ == "__main__":
    start(DebuggingLearner, main, __doc__, ANSWERS)
