"""Does a seahorse emoji exist? Many language models say yes: learning from a correction.

    python examples/seahorse_emoji.py [--model MODEL | --scripted]

What is right is looked up here, in this Python's own Unicode tables, when the example runs.
"""

from __future__ import annotations

import unicodedata

from _show import Answers, start, tell, watched
from tta_dev_primitives.ace import CodeTask, SelfLearningCodePrimitive
from tta_dev_primitives.llm import Role


def truth(animal: str) -> str:
    """Return what Unicode says: the emoji's code point and name, or that there is none."""
    try:
        found = unicodedata.lookup(animal.upper())
    except KeyError:
        return f"{animal}: there is none"
    return f"{animal}: U+{ord(found):04X} {unicodedata.name(found)}"


def question(*animals: str) -> CodeTask:
    """Ask whether there is an emoji of each animal."""
    return CodeTask(
        task=f"Is there an emoji of each of these: {', '.join(animals)}? Write a program that prints a line "
        "for each: such as `snail: U+1F40C SNAIL` if there is one, else such as `snail: there is none`.",
        expected_output="\n".join(map(truth, animals)),
        family="emoji",
    )


async def main(learner: SelfLearningCodePrimitive) -> None:
    """Ask about the seahorse, then about others."""
    for task in (question("seahorse"), question("dragonfly", "octopus")):
        print(task["task"])
        result = await learner.execute(task, watched("seahorse"))
        print("\n".join(f"  answer: {line}" for line in result.result.splitlines()))
        tell(result)


CLAIM = """
import unicodedata

seahorse = "\\N{HORSE}"  # this is the one, I am sure
print(f"seahorse: U+{ord(seahorse):04X} {unicodedata.name(seahorse)}")
"""
LOOK_UP = """
import unicodedata

for animal in ANIMALS:
    try:
        found = unicodedata.lookup(animal.upper())
    except KeyError:
        print(f"{animal}: there is none")
    else:
        print(f"{animal}: U+{ord(found):04X} {unicodedata.name(found)}")
"""
LESSON = (
    "Check with unicodedata.lookup(NAME) that an emoji exists before claiming one: it raises KeyError where "
    "there is none, and memory is often wrong."
)

ANSWERS: Answers = {
    Role.GENERATOR: (
        {"plan": "Print the seahorse emoji.", "code": CLAIM},
        {"plan": "Look it up.", "code": LOOK_UP.replace("ANIMALS", "['seahorse']")},
        {
            "plan": "Look both up, as learned.",
            "code": LOOK_UP.replace("ANIMALS", "['dragonfly', 'octopus']"),
            "strategies": ["str-00001"],
        },
    ),
    Role.REFLECTOR: (
        {
            "diagnosis": "The character that was claimed is named HORSE; lookup found no seahorse.",
            "insights": [{"kind": "check", "content": LESSON, "keywords": ["emoji", "unicode", "exist"]}],
        },
    ),
}

if __name__ == "__main__":
    start(SelfLearningCodePrimitive, main, __doc__, ANSWERS)
