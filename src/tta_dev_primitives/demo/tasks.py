"""The demonstration's tasks, the documentation that a model gets, and the files put into the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from ..ace.task import CodeTask

_HERE: Final = files("tta_dev_primitives.demo")
_LIBRARY: Final = _HERE.joinpath("library", "garnhythe.py").read_bytes()

LIBRARY_FILES: Final[Mapping[str, bytes]] = MappingProxyType({"garnhythe.py": _LIBRARY})
"""Relative path -> content, for the sandbox's working directory."""

RECHECK_FILES: Final[Mapping[str, bytes]] = MappingProxyType(
    {"garnhythe.py": _LIBRARY.replace(b"EDITION: Final = 1", b"EDITION: Final = 2")}
)
"""The same library with other data: a program that prints a remembered answer is found out."""

DOCUMENTATION: Final = _HERE.joinpath("documentation.md").read_text(encoding="utf-8")
"""The library's public documentation: correct, and silent on its quirks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTask:
    """One task and what a correct program prints with `LIBRARY_FILES` and with `RECHECK_FILES`."""

    id: str
    task: str
    expected_output: str
    recheck_output: str


def as_input(task: DemoTask, *, stage: str) -> CodeTask:
    """Return the task for the learning loop, with documentation and library; `stage` makes its id unique."""
    return CodeTask(
        id=f"{stage}/{task.id}",
        task=task.task,
        context=DOCUMENTATION,
        language="python",
        files=LIBRARY_FILES,
        expected_output=task.expected_output,
        hidden=[{"files": RECHECK_FILES, "expected_output": task.recheck_output}],
        max_iterations=3,
        family="garnhythe",
    )


LEARNING_TASKS: Final[tuple[DemoTask, ...]] = (
    DemoTask(
        id="learn-1",
        task=(
            "Count the lots of the depot Aldermoor by grade. Print one line per grade, in alphabetical "
            "order: the grade, a space, the number of lots."
        ),
        expected_output="A 7\nB 11\nC 10\n",
        recheck_output="A 11\nB 11\nC 6\n",
    ),
    DemoTask(
        id="learn-2",
        task=(
            "Count the movements of the depot Brackwater from 2031-03-03 to 2031-03-14, both days "
            "included. Print one line of the form `in=4 out=7`."
        ),
        expected_output="in=16 out=18\n",
        recheck_output="in=15 out=19\n",
    ),
    DemoTask(
        id="learn-3",
        task=(
            "Add up what the lots C110, C147, C184, C132 and C169 of the depot Corrieburn hold. Print the"
            " total in kilograms with three decimals, and nothing else."
        ),
        expected_output="918.500\n",
        recheck_output="1108.250\n",
    ),
    DemoTask(
        id="learn-4",
        task=(
            "Withdraw 37.5 kilograms from lot D184 of the depot Dunmallet. Then print one line: the lot's"
            " new mark, a space, what the lot still holds in kilograms with three decimals."
        ),
        expected_output="hxwbw 73.750\n",
        recheck_output="txwpb 98.750\n",
    ),
    DemoTask(
        id="learn-5",
        task=(
            "Find the four movements with the largest amounts in the depot Aldermoor from 2031-02-13 to "
            "2031-03-05, both days included. Print their numbers on one line, largest amount first, "
            "separated by commas without spaces."
        ),
        expected_output="1143,1126,1160,1109\n",
        recheck_output="1160,1109,1143,1126\n",
    ),
    DemoTask(
        id="learn-6",
        task=(
            "Find the lot in bay 17 of the depot Brackwater and withdraw all that it holds. Then print "
            "one line: the lot's code, a space, its new mark."
        ),
        expected_output="B160 bzqzb\n",
        recheck_output="B160 dvfmn\n",
    ),
    DemoTask(
        id="learn-7",
        task=(
            "Add up what the lots of the depot Corrieburn hold, by product. Print one line per product, "
            "in alphabetical order: the product, a space, the total in kilograms with three decimals."
        ),
        expected_output="barley 1473.875\nhops 1150.250\nlinseed 872.750\noats 908.625\nrye 1550.500\n",
        recheck_output="barley 1030.250\nhops 1139.000\nlinseed 1023.875\noats 1184.625\nrye 1372.125\n",
    ),
    DemoTask(
        id="learn-8",
        task=(
            "For the depot Dunmallet, take all movements from 2031-03-16 to 2031-03-27, both days "
            "included, and subtract the amounts of kind `out` from those of kind `in`. Print the result "
            "in kilograms with three decimals, and nothing else."
        ),
        expected_output="-190.125\n",
        recheck_output="-308.375\n",
    ),
)
"""Solved first without a playbook, then once more while learning."""

TEST_TASKS: Final[tuple[DemoTask, ...]] = (
    DemoTask(
        id="test-1",
        task=(
            "Count the movements of the depot Corrieburn from 2031-05-06 to 2031-05-17, both days "
            "included, by the product of the lot that was moved. Print one line per product that was "
            "moved, in alphabetical order: the product, a space, the number of movements."
        ),
        expected_output="barley 4\nhops 7\nlinseed 7\noats 8\nrye 8\n",
        recheck_output="barley 7\nhops 2\nlinseed 9\noats 8\nrye 8\n",
    ),
    DemoTask(
        id="test-2",
        task=(
            "Empty the lots A110, A169 and A117 of the depot Aldermoor, in this order, by withdrawing all"
            " that each holds. Print one line per lot: its code, a space, its mark after the withdrawal."
        ),
        expected_output="A110 fxrxk\nA169 wxnkj\nA117 hgkbz\n",
        recheck_output="A110 htgkx\nA169 ztcxv\nA117 jdtpx\n",
    ),
    DemoTask(
        id="test-3",
        task=(
            "Add up the amounts of all movements of kind `out` in the depot Dunmallet from 2031-04-08 to "
            "2031-04-11, both days included. Print the total in kilograms with three decimals, and "
            "nothing else."
        ),
        expected_output="99.375\n",
        recheck_output="150.125\n",
    ),
    DemoTask(
        id="test-4",
        task=(
            "Find the lot in bay 8 of the depot Corrieburn and withdraw 21.25 kilograms from it. Then "
            "print one line, separated by spaces: the lot's code, its new mark, what it still holds in "
            "kilograms with three decimals."
        ),
        expected_output="C147 bvmjp 113.250\n",
        recheck_output="C147 dzzxb 306.500\n",
    ),
    DemoTask(
        id="test-5",
        task=(
            "Find the lots of the depot Dunmallet that had at least one movement from 2031-06-12 to "
            "2031-06-14, both days included. Print one line per lot, sorted by code: the code, a space, "
            "the lot's grade."
        ),
        expected_output="D117 B\nD123 C\nD130 C\nD147 C\nD160 C\nD169 B\nD183 C\n",
        recheck_output="D123 C\nD146 A\nD160 C\nD161 C\nD175 B\nD184 A\nD190 C\nD191 C\nD198 B\n",
    ),
    DemoTask(
        id="test-6",
        task=(
            "Find the three movements with the largest amounts in the depot Brackwater from 2031-02-16 to"
            " 2031-03-08, both days included. Print one line per movement, largest amount first: the "
            "movement's number, a space, the grade of its lot."
        ),
        expected_output="1160 C\n1126 B\n1143 B\n",
        recheck_output="1160 B\n1126 C\n1143 B\n",
    ),
    DemoTask(
        id="test-7",
        task=(
            "In the depot Brackwater withdraw 12.5 kilograms from lot B147, then 8.75 kilograms from lot "
            "B132, then 40.125 kilograms from lot B184. Print one line per lot, in this order and "
            "separated by spaces: the code, the mark after the withdrawal, what it still holds in "
            "kilograms with three decimals."
        ),
        expected_output="B147 gnkpc 53.000\nB132 jxktn 282.500\nB184 mbhkk 265.625\n",
        recheck_output="B147 mzmmn 246.125\nB132 vfktm 354.875\nB184 vwvbc 91.625\n",
    ),
    DemoTask(
        id="test-8",
        task=(
            "Find the movement with the largest amount in the depot Aldermoor from 2031-05-18 to "
            "2031-05-30, both days included, and withdraw all that its lot holds. Then print one line: "
            "the lot's code, a space, its new mark."
        ),
        expected_output="A184 vjgwq\n",
        recheck_output="A139 kxcdt\n",
    ),
)
"""Never seen while learning: solved with the learned playbook, and without it as a control."""
