"""Use case 4: a performance engine that learns which optimisations really work, by measuring them.

    python examples/performance.py [--model MODEL | --scripted]

A program must first be correct. Then `workload` is timed with it and with the given code, in interleaved runs
of fresh processes; the verdict carries both medians, and less than `min_speedup` times as fast is a failure.
"""

from __future__ import annotations

from _show import Answers, start, tell, watched
from tta_dev_primitives.ace import CodeTask, SelfLearningCodePrimitive
from tta_dev_primitives.llm import Role

UNIQUE: CodeTask = {
    "task": "Optimize this slow function. It returns the distinct items of a list, in the order of their "
    "first appearance.",
    "context": "Target: at least 5 times as fast for a list of some thousand items.",
    "code": """
def unique(items):
    found = []
    for item in items:
        if item not in found:
            found = found + [item]
    return found
""",
    "entry_point": "unique",
    "cases": [
        {"args": [[3, 1, 3, 2, 1]], "expected": [3, 1, 2]},
        {"args": [["b", "a", "b"]], "expected": ["b", "a"]},
        {"args": [[]], "expected": []},
    ],
    "workload": "unique([n * 7919 % 3000 for n in range(6000)])",
    "min_speedup": 5,
    "family": "list lookups",
}
COMMON: CodeTask = {
    "task": "Optimize this slow function. It returns the items of a list that another list holds too.",
    "context": "Target: at least 5 times as fast for lists of some thousand items.",
    "code": """
def common(left, right):
    return [item for item in left if item in right]
""",
    "entry_point": "common",
    "cases": [
        {"args": [[3, 1, 2, 3], [2, 3]], "expected": [3, 2, 3]},
        {"args": [["a"], []], "expected": []},
    ],
    "workload": "common(list(range(0, 12000, 2)), list(range(0, 12000, 3)))",
    "min_speedup": 5,
    "family": "list lookups",
}


async def main(learner: SelfLearningCodePrimitive) -> None:
    """Optimise two functions; every verdict shows the measured times."""
    for task in (UNIQUE, COMMON):
        print(task["task"])
        tell(await learner.execute(task, watched("performance")))


APPEND = """
def unique(items):
    found = []
    for item in items:
        if item not in found:
            found.append(item)
    return found
"""
SEEN = """
def unique(items):
    return list(dict.fromkeys(items))
"""
FROZEN = """
def common(left, right):
    wanted = frozenset(right)
    return [item for item in left if item in wanted]
"""
LESSON = (
    "`item in list` inside a loop looks at the whole list each time, which dominates the runtime: look items "
    "up in a set or a dict; replacing concatenation by append() alone changes little."
)

ANSWERS: Answers = {
    Role.GENERATOR: (
        {"plan": "append() instead of a new list.", "code": APPEND},
        {"plan": "A dict keeps order and finds at once.", "code": SEEN},
        {"plan": "As learned.", "code": FROZEN, "strategies": ["str-00001"]},
    ),
    Role.REFLECTOR: (
        {
            "diagnosis": "The search through the list dominates.",
            "insights": [
                {"kind": "rule", "content": LESSON, "keywords": ["slow", "optimize", "list", "items"]}
            ],
        },
    ),
}

if __name__ == "__main__":
    start(main, __doc__, ANSWERS)
