"""An environment as files: what a trainer reads, and what a person may."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ...bench.environments import Environment, EnvironmentTask

_SHOWN: Final = "library"
_HIDDEN: Final = "hidden"


def write(environment: Environment, folder: Path) -> tuple[Path, ...]:
    """Write the environment below `folder`, over what is there, and return the files written.

    `train.jsonl` and `test.jsonl` have a task a line; files are named by paths relative to them.
    """
    library = environment.library
    contents = {
        "documentation.md": environment.documentation.encode(),
        "gold.txt": "".join(f"{sentence}\n" for sentence in environment.gold).encode(),
        "train.jsonl": _lines(environment.train),
        "test.jsonl": _lines(environment.test),
        **{f"{_SHOWN}/{path}": content for path, content in library.files.items()},
        **{f"{_HIDDEN}/{path}": content for path, content in library.hidden_files.items()},
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in contents)


def _lines(tasks: Iterable[EnvironmentTask]) -> bytes:
    return "".join(f"{json.dumps(_line(task), ensure_ascii=False)}\n" for task in tasks).encode()


def _line(task: EnvironmentTask) -> Mapping[str, object]:
    given = task.as_input()
    hidden = {"files": _paths(_HIDDEN, task.library.hidden_files), "expected_output": task.hidden_output}
    return {**given, "files": _paths(_SHOWN, task.library.files), "hidden": [hidden]}


def _paths(folder: str, files: Mapping[str, bytes]) -> Mapping[str, object]:
    return {path: {"path": f"{folder}/{path}"} for path in files}
