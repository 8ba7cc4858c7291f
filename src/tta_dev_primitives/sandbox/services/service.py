"""Service: what a scripted HTTP service offers, and how it misbehaves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

Header = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,99}$", strict=True)]
Parameter = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$", strict=True)]
Path = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._-]{1,100}){1,10}$", strict=True)]
Line = Annotated[str, Field(pattern=r"^[ -~]{0,500}$", strict=True)]
Item = Mapping[str, JsonValue]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
MOST_ITEMS: Final = 10_000
_HOST: Final = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)*$")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Auth(_Value):
    """Where the credential belongs: the header or query parameter `name`, with `prefix` before it.

    `hint` is what a refusal says besides that it is one.
    """

    place: Literal["header", "query"] = "header"
    name: Header = "Authorization"
    prefix: Line = "Bearer "
    credential: Annotated[str, Field(pattern=r"^[!-~]{1,200}$", strict=True)]
    hint: Line = ""


class Pages(_Value):
    """How a list comes in pages of `size`.

    Args:
        style: `cursor_header` and `cursor_body` tell an opaque cursor, in the header or body field `told`,
            that goes into the query as `parameter`; `link` tells the next URL in the header Link; `page`
            counts pages from 1 in `parameter`, and the one after the last is empty.
        items: the field of the body that holds the items; without it the body is the list. `cursor_body`
            needs one.
    """

    style: Literal["cursor_header", "cursor_body", "link", "page"] = "cursor_header"
    size: Annotated[int, Field(ge=1, le=1000, strict=True)] = 10
    parameter: Parameter = "cursor"
    told: Header = "X-Next-Cursor"
    items: Parameter | None = None

    @model_validator(mode="after")
    def _has_room_for_a_cursor(self) -> Self:
        if self.style == "cursor_body" and self.items is None:
            raise ValueError("style 'cursor_body' needs items, the field of the body that holds the list")
        return self


class Resource(_Value):
    """A list at `path`, each item with an `id` of its own at `path/ID`.

    With `creates` a POST of a JSON object that has all of `required` adds an item, once for each value of
    the header `idempotency`, if that is named.
    """

    path: Path
    items: Annotated[tuple[Item, ...], Field(max_length=MOST_ITEMS)] = ()
    pages: Pages | None = None
    creates: bool = False
    required: tuple[Parameter, ...] = ()
    idempotency: Header | None = None


class RateLimit(_Value):
    """After `requests` answers come 429s until `wait_s` have passed; Retry-After tells that in `unit`."""

    requests: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    wait_s: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 1.0
    unit: Literal["seconds", "milliseconds", "date", "untold"] = "seconds"


class Fault(_Value):
    """What happens to the request number `at` of those that are authorised, within the limit and well formed.

    `status` answers with that status and `retry_after_s`, `reset` cuts the connection, `stall` never answers,
    `truncated` breaks off in the body, `lost` does what was asked and then cuts the connection.
    """

    at: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    kind: Literal["status", "reset", "stall", "truncated", "lost"] = "status"
    status: Annotated[int, Field(ge=500, le=599, strict=True)] = 503
    retry_after_s: Annotated[int, Field(ge=0, le=3600, strict=True)] | None = None


class Service(_Value):
    """A scripted HTTP service at `http://HOST`. Equal values answer equal requests equally.

    Its clock stands still but for `latency_s` a request and the seconds that its client waits, so that nobody
    waits in truth. `seed` makes the cursors.
    """

    resources: Annotated[tuple[Resource, ...], Field(min_length=1, max_length=100)]
    host: Annotated[str, Field(max_length=200, strict=True)] = "api.test"
    auth: Auth | None = None
    limit: RateLimit | None = None
    faults: tuple[Fault, ...] = ()
    latency_s: Seconds = 0.01
    most_requests: Annotated[int, Field(ge=1, le=2000, strict=True)] = 1000
    seed: Annotated[int, Field(strict=True)] = 0

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://{self.host}"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not _HOST.match(self.host):
            raise ValueError(f"host {self.host!r} must be a name such as 'api.test', without scheme and port")
        paths = [resource.path for resource in self.resources]
        if len(set(paths)) < len(paths):
            raise ValueError(f"paths {paths!r} must differ")
        places = [fault.at for fault in self.faults]
        if len(set(places)) < len(places):
            raise ValueError(f"faults at {places!r} must be at different requests")
        return self
