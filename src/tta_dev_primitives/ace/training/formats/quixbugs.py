"""QuixBugs as published: a folder with python_programs, correct_python_programs, python_testcases and data.

Source: Lin et al., QuixBugs: a multi-lingual program repair benchmark set, SPLASH Companion 2017; its
repository. The tests are upstream's own; what they import from the repository is put in its place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ....core.errors import InvalidTask
from ..row import Found
from .clone import bytes_of, text_of

BROKEN, CORRECT, TESTS, DATA = (
    "python_programs",
    "correct_python_programs",
    "python_testcases",
    "json_testcases",
)
_ASK = "The following Python program has exactly one defect, in one line. Write the whole corrected program."
_PREAMBLE = (
    "import json\n\ntestdata = {data!r}\n\ndef load_json_testcases(name):\n    return json.loads(testdata)\n"
)
_HELPERS = frozenset({"load_testdata", "python_programs", "correct_python_programs"})


def is_here(folder: Path) -> bool:
    """Tell whether `folder` is a clone of the repository."""
    return (folder / BROKEN).is_dir() and (folder / TESTS).is_dir()


def read(folder: Path) -> Iterator[tuple[str, Found | str]]:
    """Yield each program's place with its task, or with why it cannot be taken."""
    node = folder / BROKEN / "node.py"
    files = {"node.py": bytes_of(node, below=folder)} if node.is_file() else {}

    def text(file: Path) -> str:
        return text_of(file, below=folder)

    for test in sorted((folder / TESTS).glob("test_*.py")):
        name = test.stem.removeprefix("test_")
        program = folder / BROKEN / f"{name}.py"
        if not program.is_file():
            yield str(test), f"{name}: there is no {program}"
            continue
        correct, data = folder / CORRECT / f"{name}.py", folder / DATA / f"{name}.json"
        fields: dict[str, object] = {
            "id": f"quixbugs/{name}",
            "task": f"{_ASK}\n\n```python\n{text(program).strip()}\n```",
            "tests": _tests(test, text(test), text(data) if data.is_file() else ""),
            "files": files,
            "family": "quixbugs",
        }
        yield str(test), Found(fields=fields, solution=text(correct) if correct.is_file() else "")


def _tests(test: Path, source: str, data: str) -> str:
    """Return upstream's test of one program, which then stands by itself."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidTask(f"{test} is not valid Python ({error}); clone it again") from None
    tree.body = [node for node in tree.body if not _leads_to_the_repository(node)]
    alone = ast.unparse(ast.fix_missing_locations(_NoSwitches().visit(tree)))
    lines = [line for line in data.splitlines() if line.strip()]
    return _PREAMBLE.format(data=f"[{', '.join(lines)}]") + f"\n{alone}\n"


class _NoSwitches(ast.NodeTransformer):
    """Turns `pytest.run_slow`, a switch of upstream's conftest, to False."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:  # the name is ast's
        """Replace the switch."""
        if node.attr == "run_slow" and isinstance(node.value, ast.Name) and node.value.id == "pytest":
            return ast.copy_location(ast.Constant(value=False), node)
        self.generic_visit(node)
        return node


def _leads_to_the_repository(node: ast.stmt) -> bool:
    """Tell whether a statement imports the program or its data, or chooses which program to import."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in _HELPERS
    return isinstance(node, ast.If) and any(
        isinstance(part, ast.Attribute) and part.attr == "use_correct" for part in ast.walk(node.test)
    )
