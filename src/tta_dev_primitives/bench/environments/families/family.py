"""What a family of quirks is, and one quirk of it with its parameters drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..library.call import Parameter, Rule
from ..library.draw import Draw
from ..words import Words

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A public method that is not documented: its role, its arguments with their types, its docstring."""

    role: str
    arguments: Mapping[str, str]
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirk:
    """One undocumented behaviour of one library.

    `parameters` go to the library's side, `messages` (key -> wording, with places for facts) are what its
    errors and notices say. `handling` is what a program that knows the quirk does: name of a helper of
    `programs.py` -> source of a function that takes the helper's place and gets it as `inner`.
    `gold` is what a careful learner would write down, at most 40 words. `told` are the words and numbers that
    would give the rule away.
    """

    family: str
    parameters: Mapping[str, Parameter]
    messages: Mapping[str, str] = field(default_factory=lambda: _NONE)
    handling: Mapping[str, str]
    gold: str
    told: tuple[str, ...]
    errors: Mapping[str, str] = field(default_factory=lambda: _NONE)
    """Role of an exception -> name of its class."""
    attributes: Mapping[str, str] = field(default_factory=lambda: _NONE)
    """Fact of a refusal -> name of the exception's attribute."""
    methods: tuple[Method, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of quirk: how it acts in the library, and how its parameters are drawn."""

    name: str
    rule: type[Rule]
    make: Callable[[Draw, Words], Quirk]
    silent: bool = False
    """No error tells it: only values and notices on standard error do."""
