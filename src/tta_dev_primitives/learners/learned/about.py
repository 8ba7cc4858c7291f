"""About: what the input of a step is about, in words; strategies are found by it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from ...core.redaction import redact
from ...core.secrets import Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What one input asks of a step, for finding strategies, for evidence and for reflection.

    `text` is what is asked. `context` are facts beside it, whose words weigh less. Runs are compared within
    their `family`: inputs of unlike difficulty do not belong into one. It is a `Topic` of strategies.
    """

    text: str
    family: str = "general"
    context: str = ""

    @property
    def id(self) -> str:
        """A hash of all that is told, equal for equal inputs."""
        told = f"{self.family}\0{self.text}\0{self.context}"
        return f"step-{hashlib.sha256(told.encode(errors='replace')).hexdigest()[:12]}"

    def without(self, secrets: Secrets) -> About:
        """Return it with `secrets` replaced: it goes into prompts and into the playbook."""
        text, context = redact(self.text, secrets), redact(self.context, secrets)
        return replace(self, text=text, context=context)

    @property
    def task(self) -> str:
        """What is asked."""
        return self.text

    @property
    def language(self) -> None:
        """None: strategies of a step are for every programming language."""

    @property
    def names(self) -> Sequence[str]:
        """None beside those in the text."""
        return ()

    @property
    def code(self) -> str:
        """None: a step starts from its input."""
        return ""


def in_words(value: object) -> str:
    """Return text as it is, a pydantic model as JSON, anything else as its `repr`."""
    if isinstance(value, str):
        return value
    return value.model_dump_json() if isinstance(value, BaseModel) else repr(value)
