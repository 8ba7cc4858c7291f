"""What there is to learn about the services of this benchmark, and by which real words a run shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Lesson:
    """`words` is what a reflection writes of it; `shown` stands in the feedback of a run that shows it."""

    name: str
    words: str
    shown: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """A house whose services want their key in one place, and tell times in one unit."""

    name: str
    place: Literal["header", "query"]
    header: str
    prefix: str
    unit: Literal["seconds", "milliseconds", "date"]
    hint: str

    @property
    def auth(self) -> Lesson:
        """The lesson about the key."""
        where = f"{self.place} {self.header!r} after {self.prefix!r}" if self.prefix else self.header
        return Lesson(f"auth {self.name}", f"Services of {self.name} want the key in {where}.", self.hint)

    @property
    def time(self) -> Lesson | None:
        """The lesson about the unit, if it is not the usual one."""
        if self.unit == "milliseconds":
            words = f"Retry-After of {self.name} is in milliseconds: divide it by 1000."
            return Lesson(f"unit {self.name}", words, "of which answers asked for")
        if self.unit == "date":
            words = f"Retry-After of {self.name} is an HTTP date: wait until then."
            return Lesson(f"unit {self.name}", words, "could not convert string to float")
        return None


VENDORS: Final = (
    Vendor("Ashby", "header", "Authorization", "Token ", "milliseconds", "the scheme is Token"),
    Vendor("Corby", "header", "X-Api-Key", "", "date", "the key goes into the header X-Api-Key"),
    Vendor("Dunmow", "query", "api_key", "", "seconds", "the key goes into the query as api_key"),
    Vendor("Elsted", "header", "Authorization", "ApiKey ", "seconds", "the scheme is ApiKey"),
)
PLAIN: Final = Vendor("Forley", "header", "Authorization", "Bearer ", "seconds", "the scheme is Bearer")
"""Its services are as everybody expects."""
GENERAL: Final = (
    Lesson("5xx", "Answers 500 to 599 pass: wait a second and ask again.", "HTTP Error 503"),
    Lesson("reset", "A connection that is reset is opened anew and asked again.", "ConnectionResetError"),
    Lesson("stall", "Give urlopen a timeout and ask again after TimeoutError.", "without a timeout"),
    Lesson("broken", "A body that breaks off (IncompleteRead) is asked for again.", "IncompleteRead"),
    Lesson("key", "Send each creation with one Idempotency-Key, also again.", "header Idempotency-Key"),
    Lesson("header", "A header X-Next-Cursor leads on: send it as cursor.", "first page: X-Next-Cursor"),
    Lesson("body", "A field next beside the items leads on: send it as after.", "first page: next"),
    Lesson("link", "A header Link with rel=next is the URL of the next page.", "first page: Link"),
)
