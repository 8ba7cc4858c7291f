"""What a generator may answer: the program, or probes to run before it is written."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .task import MAX_TEXT

_MAX_PROBE = 8_000
_Strategies = Annotated[
    tuple[str, ...], Field(max_length=100, description="Ids of the strategies that were followed")
]


class Program(BaseModel):
    """The complete program."""

    model_config = ConfigDict(frozen=True)

    plan: Annotated[str, Field(description="How the program does it, in one or two sentences")]
    code: Annotated[str, Field(max_length=MAX_TEXT, description="The whole program, without code fences")]
    strategies: _Strategies = ()


class Move(BaseModel):
    """The complete program, or probes to run before it is written."""

    model_config = ConfigDict(frozen=True)

    plan: Annotated[str, Field(description="How the program does it, or what the probes shall show")]
    probes: Annotated[
        tuple[Annotated[str, Field(max_length=_MAX_PROBE)], ...],
        Field(max_length=20, description="Small complete programs to run first; none to answer with code"),
    ] = ()
    code: Annotated[
        str,
        Field(max_length=MAX_TEXT, description="The whole program, without code fences; empty if probing"),
    ] = ""
    strategies: _Strategies = ()


# Of the same schema as `Move`, and with the same words: providers cache it before the first word of a prompt.
class LastMove(Move):
    """The complete program, or probes to run before it is written."""

    @model_validator(mode="after")
    def _has_code(self) -> LastMove:
        if not self.code.strip():
            raise ValueError("no probes are run at this point; answer with the whole program in `code`")
        return self
