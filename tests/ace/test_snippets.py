from __future__ import annotations

from textwrap import dedent

import pytest

from tta_dev_primitives.ace.bullet import Trigger
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet
from tta_dev_primitives.ace.sameness import says_the_same
from tta_dev_primitives.ace.snippets import program_key


def same(one: str, other: str) -> bool:
    left, right = program_key(dedent(one)), program_key(dedent(other))
    return left is not None and left == right


READ = """
    def read(path):
        total = 0
        for line in open(path):
            total += len(line)
        return total
    """


CATCHING = """
    def f():
        try:
            g()
        except E as {0}:
            {0} = 1
    """
MATCHING = """
    def f(v):
        match v:
            case {}:
                return 1
    """


RENAMED = '''
    def read(path):
        """Return how many characters there are."""
        count = (0)  # so far
        for row in open( path ):

            count += len(row)
        return count
    '''


def test_layout_comments_docstrings_and_local_names_make_no_difference() -> None:
    assert same(READ, RENAMED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("wait(400)", "wait(40)"),
        ("if not done: stop()", "if done: stop()"),
        ("x = load()", "y = load()"),  # whoever pastes it in may use the name
        ("def f(a): return a", "def f(b): return b"),  # f(a=1)
        ("def f(): x = g(); return x + y", "def f(): y = g(); return x + y"),
        ("def f(): x = g(); return locals()", "def f(): y = g(); return locals()"),
        ("def f(): global x; x = 1", "def f(): global y; y = 1"),
        ("def f(): import x; x = x.y", "def f(): import z; z = z.y"),
        ("def f(q): return [x for x in q] + x", "def f(q): return [y for y in q] + y"),
        ("def f(): x = 1; return f'{x=}'", "def f(): y = 1; return f'{y=}'"),
        ("def f(): x = 1; return lambda: x", "def f(): y = 1; return lambda: y"),
        (CATCHING.format("x"), CATCHING.format("y")),
        (MATCHING.format("[x, *_]"), MATCHING.format("[y, *_]")),
        (MATCHING.format("{**x}"), MATCHING.format("{**y}")),
    ],
)
def test_what_may_make_a_difference_is_another_program(one: str, other: str) -> None:
    assert not same(one, other)
    assert same(one, one)


def test_swapped_names_are_another_program() -> None:
    assert not same(
        "def f():\n    a = 1\n    b = 2\n    return a - b", "def f():\n    a = 1\n    b = 2\n    return b - a"
    )
    assert same(
        "def f():\n    a = 1\n    b = 2\n    return a - b", "def f():\n    b = 1\n    a = 2\n    return b - a"
    )


@pytest.mark.parametrize("code", ["if", "-" * 5000 + "1", "(" * 400])
def test_what_is_no_python_has_no_key(code: str) -> None:
    assert program_key(code) is None


def test_only_python_is_compared_as_a_program() -> None:
    def snippet(content: str, language: str | None) -> AddBullet:
        return AddBullet(kind=Kind.SNIPPET, content=content, trigger=Trigger(language=language))

    assert says_the_same(snippet("f( 1 )", "python"), snippet("f(1)", "python"))
    assert says_the_same(snippet("f( 1 )", None), snippet("f(1)", None))
    assert not says_the_same(snippet("f( 1 )", "bash"), snippet("f(1)", "bash"))
    assert not says_the_same(snippet("f(", "python"), snippet("f(", "python"))
