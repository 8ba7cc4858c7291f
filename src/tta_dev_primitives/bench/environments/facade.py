"""The public half of a library: classes and functions with names and signatures, and nothing behind them.

Every method hands its arguments to `_ask`, which `build.py` or `trial.py` puts in; that is the engine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from .families import Method, Quirk
from .words import Words

_RECORDS: Final[Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]] = {
    "Summary": ("One line of the list of $items.", (("code", "str"), ("$kind", "str"), ("$slot", "int"))),
    "Item": (
        "One $item as it is now.",
        (
            *(("code", "str"), ("$kind", "str"), ("$slot", "int"), ("$grade", "str"), ("$vessels", "int")),
            *(("$flag", "int"), ("$amount", "int"), ("$mark", "str")),
        ),
    ),
    "Page": ("One page of the list of $items.", (("$items", "tuple[$Summary, ...]"), ("last", "bool"))),
    "Receipt": ("What the $site confirms.", (("number", "int"),)),
}
ARGUMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "list": {"page": "int"},
    "look": {"code": "str"},
    "several": {"codes": "list[str]"},
    "events": {"since": "str", "until": "str"},
    "find": {"zone": "str"},
    "readings": {"code": "str"},
    "withdraw": {"code": "str", "amount": "float"},
    "post": {"text": "str"},
    "close": {},
    "amount": {"number": "int"},
}
"""Operation -> its arguments by their internal names, with their types."""
_DOCS: Final[Mapping[str, tuple[str, str, str]]] = {
    "list": ("list", "Page", "One page of the list of $items."),
    "look": ("look", "$Item", "Look one $item up."),
    "several": ("several", "list[$Item]", "Look several $items up."),
    "events": ("list_events", "$event_type", "The $events of a period."),
    "find": ("find", "$found_type", "$Items by $zone."),
    "readings": ("readings", "list[int]", "The $reading readings of a $item."),
    "withdraw": ("withdraw", "Receipt", "Withdraw from a $item."),
    "post": ("post", "Receipt", "Leave a note."),
}
_HEAD: Final = '''\
"""Client of the $Library $sites."""

from __future__ import annotations

__all__ = $all


class _Record:
    __slots__ = ()

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)})"

    def __eq__(self, other):
        return type(self) is type(other) and repr(self) == repr(other)

    def __hash__(self):
        return hash(repr(self))


def _told(answer):
    if isinstance(answer, BaseException):
        raise answer
    return answer


class $Error(Exception):
    """Base of all errors of this library."""


class NotFoundError($Error):
    """There is no such thing."""


class AmountError($Error):
    """This $amount is not possible."""
'''
_ERROR: Final = '''

class $name($Error):
    """$doc"""
'''
_EVENT: Final = '''

class $Event(_Record):
    """One $event."""

    __slots__ = ("_session", "number", "$item", "day", "way", "_amount")

    def __init__(self, session, number, item, day, way, amount):
        self._session, self.number, self.$item, self.day, self.way, self._amount = (
            session, number, item, day, way, amount
        )

    @property
    def $amount(self) -> int:
        """How much was moved."""
        return _told(_ask("amount", self._session, (self.number,))) if self._amount is None else self._amount

    def __repr__(self):
        return f"$Event(number={self.number}, $item={self.$item!r}, day={self.day!r}, way={self.way!r})"
'''
_EVENT_SHEET: Final = '''

class $EventSheet(list):
    """The $events of a period."""

    __slots__ = ("_number", "_session")

    def __init__(self, rows, session, number):
        super().__init__(rows)
        self._session, self._number = session, number

    def $finish(self) -> None:
        """Be done with the sheet."""
        _told(_ask("finish", self._session, (self._number,)))
'''
_FOUND_SHEET: Final = '''

class $FoundSheet(list):
    """$Items by $zone."""

    __slots__ = ("$credit",)

    def __init__(self, rows, credit):
        super().__init__(rows)
        self.$credit = credit
'''
_SESSION: Final = '''

class Session:
    """A session with one $site."""

    __slots__ = ("_number",)

    def __init__(self, number):
        self._number = number

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind, error, trace) -> None:
        if error is None:
            self.close()

    def close(self) -> None:
        """End the session."""
        _told(_ask("close", self._number, ()))
'''
_METHOD: Final = '''
    def $method(self$parameters) -> $returned:
        """$doc"""
        return _told(_ask("$operation", self._number, ($given)))
'''
_TAIL: Final = '''

def connect($site: str) -> Session:
    """Open a session with a $site."""
    return Session(_told(_ask("connect", 0, ($site,))))


_ask = _open(
    {
$shapes
    }
)
'''


def write_facade(words: Words, operations: Collection[str], quirks: Sequence[Quirk]) -> str:
    """Return the source of the module, which takes `_open` for granted: from roles and classes to `_ask`."""
    families = {quirk.family for quirk in quirks}
    names = words.names
    sheets = {"event_type": f"list[{names['Event']}]", "found_type": f"list[{names['Summary']}]"}
    sheets |= {"event_type": names["EventSheet"]} if "unfinished" in families else {}
    sheets |= {"found_type": names["FoundSheet"]} if "credits" in families else {}
    errors = {role: name for quirk in quirks for role, name in quirk.errors.items() if name != "AmountError"}
    public = ["connect", "Session", names["Error"], "NotFoundError", "AmountError", *errors.values()]
    shapes = {"error": names["Error"], "missing": "NotFoundError", "amount": "AmountError", **errors}
    parts = [_HEAD]
    parts += [words.fill(_ERROR, name=name, doc="This is not done.") for name in errors.values()]
    for role, (doc, fields) in _RECORDS.items():
        if role != "Receipt" or {"withdraw", "post"} & set(operations):
            parts.append(_record(words, role, doc, fields))
            public.append(names.get(role, role))
            shapes[role.lower()] = names.get(role, role)
    if "events" in operations:
        parts.append(_EVENT)
        public.append(names["Event"])
        shapes["event"] = names["Event"]
    for family, role, text, shape in (
        ("unfinished", "EventSheet", _EVENT_SHEET, "event sheet"),
        ("credits", "FoundSheet", _FOUND_SHEET, "found sheet"),
    ):
        if family in families:
            parts.append(text)
            public.append(names[role])
            shapes[shape] = names[role]
    parts.append(_SESSION)
    parts += [_operation(words, name, sheets) for name in _DOCS if name in operations]
    methods = [method for quirk in quirks for method in quirk.methods if method.role != "finish"]
    parts += [_undocumented(words, method) for method in methods]
    parts.append(_TAIL)
    return words.fill(
        "".join(parts),
        all=repr(sorted(public)),
        Items=names["items"].capitalize(),
        shapes="\n".join(f'        "{role}": {name},' for role, name in shapes.items()),
    )


def _record(words: Words, role: str, doc: str, fields: Sequence[tuple[str, str]]) -> str:
    names = [words.fill(name) for name, _ in fields]
    parameters = ", ".join(words.fill(f"{name}: {kind}") for name, kind in fields)
    slots = "".join(f'"{name}", ' for name in names)
    lines = [
        f"\n\nclass {words.names.get(role, role)}(_Record):",
        f'    """{words.fill(doc)}"""\n',
        f"    __slots__ = ({slots})\n",
        f"    def __init__(self, {parameters}) -> None:",
        *(f"        self.{name} = {name}" for name in names),
    ]
    return "\n".join(lines) + "\n"


def _operation(words: Words, operation: str, sheets: Mapping[str, str]) -> str:
    role, returned, doc = _DOCS[operation]
    items = words.names["items"].capitalize()
    return _method(
        words,
        operation,
        words.names[role],
        ARGUMENTS[operation],
        words.fill(returned, **sheets),
        words.fill(doc, Items=items),
    )


def _undocumented(words: Words, method: Method) -> str:
    returned = words.names["Event"] if method.role == "correction" else "None"
    return _method(words, method.role, words.names[method.role], method.arguments, returned, method.doc)


def _method(
    words: Words, operation: str, method: str, arguments: Mapping[str, str], returned: str, doc: str
) -> str:
    names = [words.names.get(name, name) for name in arguments]
    parameters = "".join(f", {name}: {kind}" for name, kind in zip(names, arguments.values(), strict=True))
    given = "".join(f"{name}, " for name in names)
    return words.fill(
        _METHOD,
        method=method,
        parameters=parameters,
        returned=returned,
        doc=doc,
        operation=operation,
        given=given,
    )
