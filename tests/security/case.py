"""One attack, or one harmless control, and how it is to be handled: a line of a file of cases."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from tta_dev_primitives.testing.obedient import Deed, Meaning, Order

OWN: Final = Path(__file__).with_name("cases")
"""The attacks of this repository."""
_DATA: Final = os.environ.get("TASK_SETS") or Path(__file__).parents[2].parent / "shared" / "data"
PUBLIC_CASES: Final = Path(_DATA) / "poison_cases.jsonl"
"""Attacks of others with harmless controls, which are not part of this repository."""
Payload = Mapping[str, object]


class Meant(BaseModel):
    """What a model that reads everything does where it reads `words` of the payload."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str
    deed: Deed
    object: str = ""


class Case(BaseModel):
    """A case. `layer` says what the payload is, `through` by which way of that layer it comes in."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Literal["attack", "benign"] = "attack"
    attack_class: str = "benign"
    layer: str
    through: str = ""
    payload: object
    means: tuple[Meant, ...] = ()
    expect: Mapping[str, object] = Field(default_factory=dict)

    @property
    def fields(self) -> Payload:
        """The payload by its keys; none where it is text or a list."""
        return as_mapping(self.payload)

    @property
    def parts(self) -> tuple[object, ...]:
        """The payload as a list; none where it is text or has keys."""
        return as_list(self.payload)

    @property
    def action(self) -> str:
        """How it is to be handled, in a word."""
        return str(self.expect.get("action", "neutralise"))

    def meanings(self, filled: Callable[[str], str]) -> tuple[Meaning, ...]:
        """Return what a model that reads everything makes of it, on a host whose places are `filled` in."""
        return tuple(
            Meaning(
                words=one.words, orders=(Order(deed=one.deed, object=filled(one.object), words=one.words),)
            )
            for one in self.means
        )

    def listed(self, name: str) -> tuple[str, ...]:
        """Return a list of texts of what is expected."""
        return tuple(map(str, as_list(self.expect.get(name))))


def as_mapping(value: object) -> Mapping[str, object]:
    """Return a value of JSON by its keys; none where it has none."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def as_list(value: object) -> tuple[object, ...]:
    """Return a list of JSON; an empty one where it is something else."""
    return tuple(cast("list[object]", value)) if isinstance(value, list) else ()


def read_cases(file: Path) -> tuple[Case, ...]:
    """Return the cases of a file of JSON lines.

    Raises:
        ValueError: a line is no case; the message names it.
    """
    return tuple(_parsed(file))


def own_cases() -> tuple[Case, ...]:
    """Return the attacks of this repository."""
    return tuple(case for file in sorted(OWN.glob("*.jsonl")) for case in read_cases(file))


def _parsed(file: Path) -> Iterator[Case]:
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield Case.model_validate(json.loads(line))
        except ValueError as error:
            raise ValueError(f"{file}:{number} is no case: {error}") from error
