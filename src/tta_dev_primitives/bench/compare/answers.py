"""The answers that a run paid for: read from its file, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ...ace.value import Value
from ...llm.tape import Entry, load
from ...llm.types import Usage

ANSWERS: Final = "answers.jsonl"


class Cost(Value):
    """Answers and their tokens; cached tokens are part of `input_tokens`.

    `usd` is None where no price is known. `seconds` is the wall time of the whole run, None if it was
    interrupted and gone on with.
    """

    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    usd: float | None
    seconds: float | None

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens


def answers_in(folder: Path) -> Sequence[Entry]:
    """Return the answers of the run in `folder`, in order of arrival; none if it has asked nothing.

    Raises:
        CassetteError: the file is damaged.
    """
    file = folder / ANSWERS
    return load(file) if file.is_file() and file.stat().st_size else ()


def usage_of(answers: Sequence[Entry]) -> Usage:
    """Return the sum of what `answers` used."""
    return sum((one.usage.as_usage() for one in answers), Usage())


def cost_of(answers: Sequence[Entry], seconds: float | None) -> Cost:
    """Return what `answers` cost."""
    total = usage_of(answers)
    return Cost(
        calls=total.calls,
        input_tokens=total.input_tokens,
        cached_tokens=total.cached_tokens,
        output_tokens=total.output_tokens,
        usd=total.usd,
        seconds=seconds,
    )
