"""From the public classes of a library to the one function that they all call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypedDict, cast

from .books import Books, BookSpec
from .call import Fact, Parameters, Refusal, Rule, Texts
from .desk import Desk
from .values import Event, EventSheet, FoundSheet, Item, Page, Receipt, Summary, Value

Shapes: TypeAlias = Mapping[str, Callable[..., object]]
"""Role of a public class -> the class."""
Ask: TypeAlias = Callable[[int, int, Sequence[object]], object]
"""Takes the numbers of operation and session, and the arguments; returns an exception, never raises one."""


class LibrarySpec(TypedDict):
    """All that makes a library but its wording."""

    name: str
    sites: list[str]
    books: BookSpec
    rules: list[tuple[str, dict[str, object]]]
    operations: list[str]
    """In the order of the numbers under which they are asked for."""
    errors: list[str]
    """Roles of exceptions, in the order of the numbers of their classes."""
    arguments: dict[str, list[str]]
    """Operation -> names of its arguments."""
    attributes: dict[str, str]
    """Fact of a refusal -> name of the attribute of the exception, where it has one."""


def open_library(
    spec: LibrarySpec,
    texts: Texts,
    rules: Mapping[str, type[Rule]],
    shapes: Shapes,
    open_books: Callable[[str, BookSpec], Books] = Books,
) -> Ask:
    """Return the function that performs everything a session can do."""
    opened: list[str] = []
    desks: dict[str, Desk] = {}

    def tell(line: str) -> None:
        sys.stderr.write(f"{spec['name']}: {line}\n")

    def desk(site: str) -> Desk:
        if site not in desks:
            books = open_books(site, spec["books"])
            chosen = [
                rules[name](cast("Parameters", given), texts, books, tell) for name, given in spec["rules"]
            ]
            desks[site] = Desk(books, chosen, texts)
        return desks[site]

    def connect(site: object) -> object:
        if not isinstance(site, str) or site not in spec["sites"]:
            message = texts("no site").format(value=site, known=", ".join(spec["sites"]))
            return _error(Refusal("missing", message), spec, shapes)
        opened.append(site)
        return len(opened) - 1

    def answered(number: int, session: int, arguments: Sequence[object]) -> object:
        operation = spec["operations"][number]
        if operation == "connect":
            return connect(_plain(arguments[0]))
        site, given = opened[session], [_plain(argument) for argument in arguments]
        try:
            value = desk(site).perform(operation, dict(zip(spec["arguments"][operation], given, strict=True)))
        except Refusal as refusal:
            return _error(refusal, spec, shapes)
        return _public(value, session, shapes)

    return _without_frames(answered, lambda: shapes["error 0"](texts("bad call")))


def _without_frames(answered: Ask, wrong: Callable[[], object]) -> Ask:
    """Return `answered`, which then raises nothing: nothing of the inside may be seen in a traceback."""
    # Made beforehand: so close to the limit, making it would raise another.
    too_deep = RecursionError("maximum recursion depth exceeded")

    def ask(number: int, session: int, arguments: Sequence[object]) -> object:
        try:
            return answered(number, session, arguments)
        except RecursionError:
            return too_deep
        except Exception:  # noqa: BLE001  # a wrong argument's as well
            return wrong()

    return ask


def _plain(argument: object) -> object:
    """Return the argument if it is data; anything else could look at what calls its methods."""
    if type(argument) in (str, int, float, bool, type(None)):
        return argument
    if type(argument) in (list, tuple):
        return [_plain(part) for part in cast("list[object]", argument)]
    return f"<{type(argument).__name__}>"


def _error(refusal: Refusal, spec: LibrarySpec, shapes: Shapes) -> object:
    error = shapes[f"error {spec['errors'].index(refusal.error)}"](str(refusal))
    for name, value in refusal.facts.items():
        if name in spec["attributes"]:
            _set(error, spec["attributes"][name], value)
    return error


def _set(error: object, name: str, value: Fact) -> None:
    setattr(error, name, value)


def _public(value: Value | Summary, session: int, shapes: Shapes) -> object:
    """Return the value as the library's user gets it."""
    match value:
        case list():
            shown: object = [_public(row, session, shapes) for row in value]
        case Page():
            shown = shapes["page"](tuple(shapes["summary"](*row) for row in value.entries), value.last)
        case EventSheet():
            shown = shapes["event sheet"](_public(value.rows, session, shapes), session, value.number)
        case FoundSheet():
            shown = shapes["found sheet"](_public(value.rows, session, shapes), value.credit)
        case Event():
            shown = shapes["event"](session, *value)
        case Summary():
            shown = shapes["summary"](*value)
        case Item():
            shown = shapes["item"](*value)
        case Receipt():
            shown = shapes["receipt"](*value)
        case _:
            shown = value
    return shown
