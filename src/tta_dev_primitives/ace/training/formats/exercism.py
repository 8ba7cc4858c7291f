"""Exercism's Python track: a folder with exercises/practice/SLUG/{.docs,.meta,SLUG.py,SLUG_test.py}."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ....core.errors import InvalidTask
from ..row import Found, Row
from .clone import bytes_of, text_of

PRACTICE = Path("exercises") / "practice"
_DOCS = ("introduction.md", "instructions.md", "instructions.append.md")


def is_here(folder: Path) -> bool:
    """Tell whether `folder` is a clone of the track, or its folder of exercises."""
    return any(_exercises(folder))


def read(folder: Path) -> Iterator[tuple[str, Found | str]]:
    """Yield each exercise's place with its task, or with why it cannot be taken."""
    for exercise in _exercises(folder):
        config = _config(exercise)
        solutions = [name for name in config.texts("solution") if name.endswith(".py")]
        tests = config.texts("test")
        if len(solutions) != 1 or len(tests) != 1:
            yield str(exercise), f"{exercise.name}: it needs one solution file and one test file"
        else:
            yield str(exercise), _found(exercise, config, solutions[0], tests[0])


def _exercises(folder: Path) -> list[Path]:
    root = folder / PRACTICE if (folder / PRACTICE).is_dir() else folder
    return sorted(path.parent.parent for path in root.glob("*/.meta/config.json"))


def _config(exercise: Path) -> Row:
    file = exercise / ".meta" / "config.json"
    try:
        fields: object = json.loads(text_of(file, below=exercise))
    except (json.JSONDecodeError, RecursionError) as error:
        raise InvalidTask(f"{file} is not JSON ({error}); clone the track again") from None
    return Row(place=str(file), folder=exercise, fields={"config": fields}).part("config").part("files")


def _found(exercise: Path, config: Row, solution: str, tests: str) -> Found:
    def text(name: str) -> str:
        return text_of(exercise / name, below=exercise)

    stub = text(solution)
    docs = [text(f".docs/{name}") for name in _DOCS if (exercise / ".docs" / name).is_file()]
    ask = f"Write the complete file `{solution}`, starting from this stub:\n```python\n{stub.rstrip()}\n```"
    files = {name: bytes_of(exercise / name, below=exercise) for name in config.texts("editor")}
    fields: dict[str, object] = {
        "id": f"exercism/{exercise.name}",
        "task": "\n\n".join([*(doc.strip() for doc in docs), ask]),
        "tests": text(tests),
        "solution_file": solution,
        "files": files,
        "family": "exercism",
    }
    example = next(iter(config.texts("example")), "")
    return Found(fields=fields, solution=text(example) if example else "")
