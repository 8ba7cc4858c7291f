"""Run a program of `guest/` around a candidate and read the report that it sends."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files as resources
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from ..sandbox.types import Execution, Limits, Sandbox
from .task import Task

_GUEST = resources("tta_dev_primitives.ace.guest")
_BESIDE = (
    *("playbox_blame.py", "playbox_equal.py", "playbox_ground.py", "playbox_others.py", "playbox_report.py"),
    "pytest.py",
)
_Report = TypeVar("_Report", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestProgram:
    """Runs programs of `guest/` with the files of `task` and the candidate `code`."""

    sandbox: Sandbox
    limits: Limits
    task: Task
    code: str

    async def run(self, program: str, job: Mapping[str, JsonValue]) -> tuple[Execution, str | None]:
        """Return the run and the report that follows its marker, or None if the guest did not get so far."""
        marker = secrets.token_hex(16)
        file = self.task.solution_file
        whole = {**job, "marker": marker, "solution_file": file, "source": self.code}
        own = {
            file: self.code.encode(errors="replace"),
            "playbox_input.json": json.dumps(whole).encode(),
            **{name: (_GUEST / name).read_bytes() for name in _BESIDE},
        }
        execution = await self.sandbox.run_code(
            (_GUEST / program).read_text(encoding="utf-8"),
            files={**self.task.files, **own},
            limits=self.limits,
        )
        printed, found, rest = execution.stdout.rpartition(f"\n{marker}")
        if not found:
            return execution, None
        report, _, later = rest.partition("\n")
        return replace(execution, logs=replace(execution.logs, stdout=(printed + later,))), report


def read_report(form: type[_Report], text: str | None) -> _Report | None:
    """Return the report as `form`, or None if there is none of that form."""
    try:
        return None if text is None else form.model_validate_json(text.strip())
    except ValidationError:
        return None
