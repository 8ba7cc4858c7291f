"""The text that the public half of a library is made of; `$role` stands for a name of the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

ARGUMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "list": {"page": "int"},
    "look": {"code": "str"},
    "ratings": {"codes": "list[str]"},
    "events": {"since": "str", "until": "str"},
    "find": {"zone": "str"},
    "readings": {"code": "str"},
    "withdraw": {"code": "str", "amount": "float"},
    "post": {"text": "str"},
    "close": {},
    "amount": {"number": "int"},
}
"""Operation -> its arguments by their internal names, with their types."""

DOCUMENTED: Final[Mapping[str, tuple[str, str, str]]] = {
    "list": ("list", "Page", "One page of the list of $items."),
    "look": ("look", "$Item", "Look one $item up."),
    "ratings": ("list_ratings", "list[int]", "The $ratings of $items."),
    "events": ("list_events", "$event_type", "The $events of a period."),
    "find": ("find", "$found_type", "$Items by $zone."),
    "readings": ("readings", "list[int]", "The $reading readings of a $item."),
    "withdraw": ("withdraw", "Receipt", "Withdraw from a $item."),
    "post": ("post", "Receipt", "Leave a note."),
}
"""Operation -> role of its method, type that it returns, docstring."""

RECORDS: Final[Mapping[str, tuple[str, Sequence[tuple[str, str]]]]] = {
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
"""Class -> its docstring, and its fields with their types."""

HEAD: Final = '''\
"""Client of the $Library $sites."""

from __future__ import annotations

__all__ = $all


class _Record:
    __slots__ = ()

    def __repr__(self):
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({fields})"

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
ERROR: Final = '''

class $name($Error):
    """The $site refuses."""
'''
EVENT: Final = '''

class $Event(_Record):
    """One $event."""

    __slots__ = ("_session", "number", "$item", "day", "way", "_amount")

    def __init__(self, session, number, item, day, way, amount):
        self._session, self.number, self.$item = session, number, item
        self.day, self.way, self._amount = day, way, amount

    @property
    def $amount(self) -> int:
        """How much was moved."""
        if self._amount is not None:
            return self._amount
        return _told(_ask($ask_amount, self._session, (self.number,)))

    def __repr__(self):
        return f"$Event(number={self.number}, $item={self.$item!r}, day={self.day!r}, way={self.way!r})"
'''
EVENT_SHEET: Final = '''

class $EventSheet(list):
    """The $events of a period."""

    __slots__ = ("_number", "_session")

    def __init__(self, rows, session, number):
        super().__init__(rows)
        self._session, self._number = session, number

    def $finish(self) -> None:
        """Be done with the sheet."""
        _told(_ask($ask_finish, self._session, (self._number,)))
'''
FOUND_SHEET: Final = '''

class $FoundSheet(list):
    """$Items by $zone."""

    __slots__ = ("$credit",)

    def __init__(self, rows, credit):
        super().__init__(rows)
        self.$credit = credit
'''
SESSION: Final = '''

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
        _told(_ask($ask_close, self._number, ()))
'''
METHOD: Final = '''
    def $method(self$parameters) -> $returned:
        """$doc"""
        return _told(_ask($operation, self._number, ($given)))
'''
TAIL: Final = '''

def connect($site: str) -> Session:
    """Open a session with a $site."""
    return Session(_told(_ask($ask_connect, 0, ($site,))))


_ask = _open(
    {
$shapes
    }
)
'''
