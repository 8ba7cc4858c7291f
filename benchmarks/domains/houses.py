"""Houses whose HTTP services want things their own way, and what a run shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from .world import Quirk


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Its services want their key in one place, and tell times in one unit; `hint` is what a 401 says."""

    name: str
    place: Literal["header", "query"] = "header"
    header: str = "Authorization"
    prefix: str = ""
    unit: Literal["seconds", "milliseconds", "date"] = "seconds"
    hint: str = ""

    @property
    def auth(self) -> str:
        """The name of the quirk about its key."""
        return f"auth {self.name}"

    @property
    def time(self) -> str:
        """The name of the quirk about its unit."""
        return f"unit {self.name}"

    @property
    def quirks(self) -> tuple[Quirk, ...]:
        """What one has to know of it."""
        where = f"{self.place} {self.header}" + (f" after {self.prefix!r}" if self.prefix else "")
        auth = Quirk(name=self.auth, lesson=f"{self.name} wants the key in the {where}.", sign=self.hint)
        if self.unit == "milliseconds":
            lesson = f"Retry-After of {self.name} is in milliseconds: divide it by 1000."
            return auth, Quirk(name=self.time, lesson=lesson, sign="of which answers asked for")
        if self.unit == "date":
            lesson = f"Retry-After of {self.name} is an HTTP date: wait until then."
            return auth, Quirk(name=self.time, lesson=lesson, sign="could not convert string to float")
        return (auth,)


PLAIN: Final = House(name="Forley", prefix="Bearer ", hint="the scheme is Bearer")
"""Its services are as everybody expects."""
HOUSES: Final = (
    House(name="Ashby", prefix="Token ", unit="milliseconds", hint="the scheme is Token"),
    House(name="Corby", header="X-Api-Key", unit="date", hint="the key goes into the header X-Api-Key"),
    House(name="Dunmow", place="query", header="api_key", hint="the key goes into the query as api_key"),
    House(name="Elsted", prefix="ApiKey ", hint="the scheme is ApiKey"),
)
GENERAL: Final = (
    Quirk(name="5xx", lesson="Answers 500 to 599 pass: wait, and ask again.", sign="HTTP Error 503"),
    Quirk(name="reset", lesson="Where a connection is reset, open another.", sign="ConnectionResetError"),
    Quirk(name="stall", lesson="Give urlopen a timeout, and be ready for it.", sign="without a timeout"),
    Quirk(name="broken", lesson="A body that breaks off is asked for anew.", sign="raised IncompleteRead"),
    Quirk(name="key", lesson="Each creation bears an Idempotency-Key.", sign="header Idempotency-Key"),
    Quirk(name="header", lesson="X-Next-Cursor goes into cursor.", sign="first page: X-Next-Cursor"),
    Quirk(name="body", lesson="A field called next goes into after.", sign="first page: next"),
    Quirk(name="link", lesson="The Link with rel=next is the next page.", sign="first page: Link"),
)
