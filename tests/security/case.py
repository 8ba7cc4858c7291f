"""One attack, or one harmless control, and how it is to be handled: a line of a file of cases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from tta_dev_primitives.testing.obedient import Deed, Meaning, Order

OWN: Final = Path(__file__).with_name("cases")
"""The attacks of this repository."""
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
        return cast("Payload", self.payload) if isinstance(self.payload, Mapping) else {}

    @property
    def action(self) -> str:
        """How it is to be handled, in a word."""
        return str(self.expect.get("action", "neutralise"))

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """What a model that reads everything makes of it."""
        return tuple(
            Meaning(words=one.words, orders=(Order(deed=one.deed, object=one.object, words=one.words),))
            for one in self.means
        )

    def listed(self, name: str) -> tuple[str, ...]:
        """Return a list of texts of what is expected."""
        found = self.expect.get(name, ())
        return tuple(map(str, cast("list[object]", found))) if isinstance(found, list) else ()


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
