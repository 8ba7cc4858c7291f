"""The text of a flowchart: its form, its arrows, and that no name can break it.

While it was written, all of these texts were read and drawn by Mermaid 11 itself in a browser.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives import LambdaPrimitive, WorkflowPrimitive
from tta_dev_primitives.workflow import ConditionalPrimitive, RouterPrimitive, SwitchPrimitive

from .steps import Add, Show
from .test_structure import Around

LABEL = r'"(?:[^\W_]|[ _\-.,/()=+*…]|#\d+;)*"'
NODE = re.compile(
    rf" +(n\d+)(?:\[({LABEL})\]|\(\[({LABEL})\]\)|\(\(({LABEL})\)\)|\{{({LABEL})\}}"
    rf'|\[/"(fork)"\\\]|\[\\"(join)"/\])'
)
ARROW = re.compile(rf"    (n\d+) -->(?:\|({LABEL})\|)? (n\d+)")
FRAME = re.compile(rf" +subgraph n\d+\[({LABEL})\]")


def read(text: str) -> list[str]:
    """Return the arrows as `from -label-> to`, by the nodes' texts; fail on a line of another form."""
    head, *lines, last = text.split("\n")
    assert (head, last) == ("flowchart TD", "")
    names = dict[str, str]()
    arrows = list[str]()
    depth = 0
    for line in lines:
        if node := NODE.fullmatch(line):
            names[node[1]] = next(found for found in node.groups()[1:] if found is not None).strip('"')
        elif arrow := ARROW.fullmatch(line):
            label = f"{arrow[2]}-" if arrow[2] else ""
            arrows.append(f"{names[arrow[1]]} -{label}> {names[arrow[3]]}".replace('"', ""))
        else:
            depth += 1 if FRAME.fullmatch(line) else -1
            assert depth >= 0
            assert FRAME.fullmatch(line) or line.strip() == "end"
    assert depth == 0
    return arrows


def is_big(data: int) -> bool:
    return data > 3


def kind(data: int) -> str:
    return str(data)


def test_a_sequence_is_a_row_of_arrows() -> None:
    assert read((Add() >> Show()).to_mermaid()) == ["input -> Add", "Add -> Show", "Show -> output"]
    assert read(Add().to_mermaid()) == ["input -> Add", "Add -> output"]


def test_branches_fork_and_join() -> None:
    assert read((Add() | Show()).to_mermaid()) == [
        "input -> fork",
        "fork -> Add",
        "fork -> Show",
        "Add -> join",
        "Show -> join",
        "join -> output",
    ]
    assert "fork -sum-> Add" in read((Show() >> {"sum": LambdaPrimitive(len, name="Add")}).to_mermaid())


def test_a_choice_is_a_diamond_with_an_arrow_for_each_case() -> None:
    arrows = read((ConditionalPrimitive(is_big, Add() >> Add()) >> Show()).to_mermaid())
    assert arrows == [
        "input -> is_big",
        "is_big -then-> Add",
        "Add -> Add",
        "Add -> Show",
        "is_big -else-> Show",
        "Show -> output",
    ]
    arrows = read(SwitchPrimitive(kind, {"1": Add(), "2": Add()}).to_mermaid())
    assert arrows[1:] == [
        "kind -1-> Add",
        "kind -2-> Add",
        "Add -> output",
        "Add -> output",
        "kind -otherwise-> output",
    ]
    arrows = read(SwitchPrimitive(kind, {"1": Add()}, Add()).to_mermaid())
    assert arrows[1:3] == ["kind -1-> Add", "kind -default-> Add"]
    assert not any("otherwise" in arrow for arrow in arrows)
    arrows = read(RouterPrimitive({"1": Add(), "2": Add()}, kind).to_mermaid())
    assert arrows[1:] == ["kind -1-> Add", "kind -2-> Add", "Add -> output", "Add -> output"]


def test_a_wrapper_is_a_frame() -> None:
    text = Around(primitive=Add() >> Add()).to_mermaid()
    assert re.search(r'subgraph n2\["Around"\]\n +n3\["Add"\]\n +n4\["Add"\]\n +end', text)
    arrows = read((Add() >> Around(first=Add(), second=Add())).to_mermaid())
    assert arrows[1:4] == ["Add ->  ", "  -first-> Add", "  -second-> Add"]


def one(data: object) -> int:
    del data
    return 1


def every_place(name: str) -> WorkflowPrimitive[int, object]:
    """Return a workflow with the name wherever a name can stand."""
    step = LambdaPrimitive(is_big, name=name or "none")
    chosen = LambdaPrimitive(kind, name=name or "none")
    return Add() >> {name: step, "other": step} >> one >> SwitchPrimitive(chosen, {name: step})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            '"]; click n1 href "javascript:alert(1)"',
            "#34;#93;#59; click n1 href #34;javascript#58;alert(1)#34;",
        ),
        ("a\nn1 --> n2", "a n1 --#62; n2"),
        ("<script>", "#60;script#62;"),
        ("#quot;", "#35;quot#59;"),
        ("`*x*`", "#96;*x*#96;"),
        ("direction LR", "direction#32;LR"),
        ("style x:y#35;", "style x#58;y#35;35#59;"),
        ("\u202eabc\x00\u2028", "abc"),
        ("größer 中文", "größer 中文"),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_a_name_is_shown_and_means_nothing(name: str, shown: str) -> None:
    text = every_place(name).to_mermaid()
    read(text)
    assert f'|"{shown}"|' in text


@settings(deadline=None)
@given(st.text(max_size=70).filter(lambda name: not name.startswith("?")))  # no name of a case
def test_no_name_breaks_the_form(name: str) -> None:
    read(every_place(name).to_mermaid())
