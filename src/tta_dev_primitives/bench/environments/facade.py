"""The public half of a library: classes and functions with names and signatures, and nothing behind them.

Every method hands its arguments to `_ask`, under the number of the operation; `artefact.py` and `trial.py`
put the engine in by providing `_open`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import facade_text as text
from .families import Quirk
from .words import Words


class Facade:
    """The public half of the library with these operations and quirks.

    `source` takes `_open` for granted, a function from public classes by their roles to `_ask`. An operation
    is asked for by its place in `operations`, and an exception has its place in `errors`.
    """

    def __init__(self, words: Words, documented: Sequence[str], quirks: Sequence[Quirk]) -> None:
        self._words, self._documented, self._quirks = words, documented, quirks
        methods = [method.role for quirk in quirks for method in quirk.methods]
        self.operations = ("connect", *text.ARGUMENTS, *methods)
        self._families = {quirk.family for quirk in quirks}
        self.errors: tuple[str, ...] = ("other", "missing", "amount")
        self._shapes = {
            "error 0": words.names["Error"],
            "error 1": "NotFoundError",
            "error 2": "AmountError",
        }
        self.source = self._write()

    def _write(self) -> str:
        records, sheets = self._records(), self._sheets()
        parts = [text.HEAD, self._errors(), records, sheets, text.SESSION, self._methods(), text.TAIL]
        asked = {f"ask_{name}": number for number, name in enumerate(self.operations)}
        return self._words.fill(
            "".join(parts),
            **asked,
            all=repr(sorted({"connect", "Session", *self._shapes.values()})),
            shapes="\n".join(f'        "{role}": {name},' for role, name in self._shapes.items()),
            Items=self._words.names["items"].capitalize(),
        )

    def _errors(self) -> str:
        errors = {role: name for quirk in self._quirks for role, name in quirk.errors.items()}
        self.errors = (*self.errors, *(role for role in errors if role not in self.errors))
        self._shapes |= {f"error {self.errors.index(role)}": name for role, name in errors.items()}
        names = [name for role, name in errors.items() if role != "amount"]
        return "".join(self._words.fill(text.ERROR, name=name) for name in names)

    def _records(self) -> str:
        wanted = ["Summary", "Item", "Page"]
        wanted += ["Receipt"] if {"withdraw", "post"} & set(self._documented) else []
        self._shapes |= {role.lower(): self._words.names.get(role, role) for role in wanted}
        return "".join(
            self._record(self._words.names.get(role, role), *text.RECORDS[role]) for role in wanted
        )

    def _record(self, name: str, doc: str, fields: Sequence[tuple[str, str]]) -> str:
        typed = {self._words.fill(field): self._words.fill(kind) for field, kind in fields}
        parameters = ", ".join(f"{field}: {kind}" for field, kind in typed.items())
        lines = [
            f"\n\nclass {name}(_Record):",
            f'    """{self._words.fill(doc)}"""\n',
            f"    __slots__ = {tuple(typed)!r}\n",
            f"    def __init__(self, {parameters}) -> None:",
            *(f"        self.{field} = {field}" for field in typed),
        ]
        return "\n".join(lines) + "\n"

    def _sheets(self) -> str:
        names, parts = self._words.names, list[str]()
        for wanted, source, shape, role in (
            ("events" in self._documented, text.EVENT, "event", "Event"),
            ("unfinished" in self._families, text.EVENT_SHEET, "event sheet", "EventSheet"),
            ("credits" in self._families, text.FOUND_SHEET, "found sheet", "FoundSheet"),
        ):
            if wanted:
                self._shapes[shape] = names[role]
                parts.append(source)
        return "".join(parts)

    def _methods(self) -> str:
        words, parts = self._words, list[str]()
        for operation in self._documented:
            role, returned, doc = text.DOCUMENTED[operation]
            returned = words.fill(returned, **returned_types(words, self._families))
            parts.append(self._method(operation, role, text.ARGUMENTS[operation], (returned, doc)))
        for method in (method for quirk in self._quirks for method in quirk.methods):
            if method.role != "finish":
                returned = words.names["Event"] if method.role == "correction" else "None"
                parts.append(self._method(method.role, method.role, method.arguments, (returned, method.doc)))
        return "".join(parts)

    def _method(self, operation: str, role: str, arguments: Mapping[str, str], told: tuple[str, str]) -> str:
        names = [self._words.names.get(name, name) for name in arguments]
        kinds = arguments.values()
        returned, doc = told
        return self._words.fill(
            text.METHOD,
            method=self._words.names[role],
            parameters="".join(f", {name}: {kind}" for name, kind in zip(names, kinds, strict=True)),
            returned=returned,
            doc=self._words.fill(doc, Items=self._words.names["items"].capitalize()),
            operation=self.operations.index(operation),
            given="".join(f"{name}, " for name in names),
        )


def returned_types(words: Words, families: set[str] | frozenset[str]) -> Mapping[str, str]:
    """Return what searches and periods return, by the names that texts have for it."""
    names = words.names
    return {
        "event_type": names["EventSheet"] if "unfinished" in families else f"list[{names['Event']}]",
        "found_type": names["FoundSheet"] if "credits" in families else f"list[{names['Summary']}]",
    }
