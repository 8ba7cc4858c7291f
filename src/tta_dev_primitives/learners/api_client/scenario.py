"""Scenario: one call of a client beside one service, and what must come out and have been seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, JsonValue, model_validator

from ...ace.value import Value
from ...sandbox.services import Service

Count = Annotated[int, Field(ge=0, strict=True)]


class Conduct(Value):
    """What the service must have seen, whatever the client returned.

    These always hold: nothing was asked for before the time was over that an answer told to wait; what was
    refused (400 to 499, but for 401, 408 and 429) was not sent again; nobody waited without a timeout; each
    creation has an idempotency key where the service takes one; no other host was asked for.

    Args:
        whole: paths of resources of which every item was fetched.
        created: path -> bodies of what exactly was created there, in any order; nothing elsewhere.
        most_unauthorized: how often the credentials may be wrong.
        most_requests: how many requests are enough.
        most_s: how long it may take by the service's clock.
    """

    whole: tuple[str, ...] = ()
    created: Mapping[str, tuple[JsonValue, ...]] = Field(default_factory=dict)
    most_unauthorized: Count = 0
    most_requests: Annotated[int, Field(ge=1, strict=True)] = 200
    most_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 120.0


class Scenario(Value):
    """Calls the entry point with `args` and `kwargs`, which returns `returns` (JSON) or raises `raises`."""

    service: Service
    args: tuple[JsonValue, ...] = ()
    kwargs: Mapping[str, JsonValue] = Field(default_factory=dict)
    returns: JsonValue = None
    raises: str | None = None
    conduct: Conduct = Conduct()

    @model_validator(mode="after")
    def _is_about_its_service(self) -> Scenario:
        known = {resource.path for resource in self.service.resources}
        strange = sorted({*self.conduct.whole, *self.conduct.created} - known)
        if strange:
            raise ValueError(f"path {strange[0]!r} is not one of the service's: {', '.join(sorted(known))}")
        if self.raises is not None and self.returns is not None:
            raise ValueError(f"a call that raises {self.raises!r} returns nothing; give returns or raises")
        return self
