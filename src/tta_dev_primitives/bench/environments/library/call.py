"""One call of an operation, what may refuse it, and the quirks that see it pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias, cast

from .books import Books
from .values import Value

Parameter: TypeAlias = int | str | list[int] | list[str]
Parameters: TypeAlias = Mapping[str, Parameter]
Fact: TypeAlias = int | str
Texts: TypeAlias = Callable[[str], str]
"""From the key of a message to its wording, with places for facts."""


class Refusal(Exception):
    """An operation that is not done; `error` is the role of the public exception, `facts` its attributes."""

    def __init__(self, error: str, message: str, **facts: Fact) -> None:
        super().__init__(message)
        self.error, self.facts = error, facts


class Call:
    """An operation and its arguments, which quirks replace by what they mean."""

    def __init__(self, operation: str, arguments: Mapping[str, object], texts: Texts) -> None:
        self.operation = operation
        self.arguments = dict(arguments)
        self._texts = texts

    def text(self, name: str) -> str:
        """Return an argument that must be a string."""
        value = self.arguments[name]
        if not isinstance(value, str):
            raise Refusal("other", self._texts("no text").format(name=name, value=value))
        return value

    def whole(self, name: str) -> int:
        """Return an argument that must be a whole number."""
        value = self.arguments[name]
        if not isinstance(value, int | float) or value != int(value):
            raise Refusal("other", self._texts("no number").format(name=name, value=value))
        return int(value)

    def texts(self, name: str) -> list[str]:
        """Return an argument that must be a list of strings."""
        value = self.arguments[name]
        if not isinstance(value, list | tuple):
            raise Refusal("other", self._texts("no texts").format(name=name, value=value))
        return [str(entry) for entry in cast("list[object]", value)]

    def day(self, name: str) -> date:
        """Return an argument that is a day already, or written in ISO form."""
        value = self.arguments[name]
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            raise Refusal("other", self._texts("no day").format(value=value)) from None


class Rule:
    """One quirk on the library's side. Every hook does nothing unless a quirk says otherwise."""

    def __init__(
        self, parameters: Parameters, texts: Texts, books: Books, tell: Callable[[str], None]
    ) -> None:
        self.parameters, self.texts, self.books, self.tell = parameters, texts, books, tell
        self.start()

    def start(self) -> None:
        """Set the state up."""

    def enter(self, call: Call) -> None:
        """See a call come in, and refuse it perhaps."""

    def take(self, call: Call) -> None:
        """Replace arguments by what they mean."""

    def perform(self, call: Call) -> tuple[Value] | None:
        """Return what an operation of the quirk's own returns, in a tuple, or None for all others."""

    def give(self, call: Call, value: Value) -> Value:
        """Return what the caller gets in place of `value`."""
        del call
        return value

    def refuse(self, error: str, key: str, /, **facts: Fact) -> Refusal:
        """Return the refusal whose message has this key."""
        return Refusal(error, self.texts(key).format(**facts), **facts)

    def notice(self, key: str, /, **facts: Fact) -> None:
        """Write a message to standard error."""
        self.tell(self.texts(key).format(**facts))

    def whole(self, name: str) -> int:
        """Return a parameter that is a number."""
        return cast("int", self.parameters[name])

    def text(self, name: str) -> str:
        """Return a parameter that is a text."""
        return cast("str", self.parameters[name])

    def numbers(self, name: str) -> list[int]:
        """Return a parameter that is a list of numbers."""
        return cast("list[int]", self.parameters[name])
