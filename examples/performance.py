"""Use case 4: a performance engine that learns which optimisations really work, by measuring them.

    python examples/performance.py [--model MODEL | --scripted]

A program must first be correct. Then `workload` is timed with it and with the given code, in interleaved runs
of fresh processes, and with it alone for inputs of several sizes. Less than `min_speedup` times as fast is a
failure, and so is a time that grows as before: a smaller constant does not help for long.
"""

from __future__ import annotations

from _show import Answers, start, tell, watched
from tta_dev_primitives.learners.performance import Growth, PerformanceLearner, PerformanceTask
from tta_dev_primitives.llm import Role

GROWTH = Growth(sizes=(500, 1_000, 2_000), at_most=1.5)
UNIQUE = PerformanceTask(
    task="Optimize this slow function. It returns the distinct items of a list, in the order of their "
    "first appearance.",
    code="""
def unique(items):
    found = []
    for item in items:
        if not any(item == other for other in found):
            found.append(item)
    return found
""",
    entry_point="unique",
    cases=[
        {"args": [[3, 1, 3, 2, 1]], "expected": [3, 1, 2]},
        {"args": [["b", "a", "b"]], "expected": ["b", "a"]},
        {"args": [[]], "expected": []},
    ],
    workload="assert len(unique([k * 7919 % n for k in range(n)])) == n",
    min_speedup=2,
    growth=GROWTH,
    family="list lookups",
)
COMMON = PerformanceTask(
    task="Optimize this slow function. It returns the items of a list that another list holds too.",
    code="""
def common(left, right):
    return [item for item in left if item in right]
""",
    entry_point="common",
    cases=[
        {"args": [[3, 1, 2, 3], [2, 3]], "expected": [3, 2, 3]},
        {"args": [["a"], []], "expected": []},
    ],
    workload="assert len(common(list(range(0, 2 * n, 2)), list(range(n)))) == -(-n // 2)",
    min_speedup=2,
    growth=GROWTH,
    family="list lookups",
)


async def main(learner: PerformanceLearner) -> None:
    """Optimise two functions; every verdict shows the measured times."""
    for task in (UNIQUE, COMMON):
        print(task.task)
        tell(await learner.execute(task, watched("performance")))


SEARCH = """
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
    "up in a set or a dict; a faster loop alone keeps the growth."
)

ANSWERS: Answers = {
    Role.GENERATOR: (
        {"plan": "`in` instead of a loop.", "code": SEARCH},
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
    start(PerformanceLearner, main, __doc__, ANSWERS)
