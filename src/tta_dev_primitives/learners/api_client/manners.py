"""Judge what a service saw: sentences about what was wrong, each with a name by which lessons are found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pydantic import JsonValue

from ...ace.equality import same_value
from ...sandbox.services import Resource, Seen, SeenRequest
from .scenario import Scenario

_ROUNDING_S: Final = 1e-3
_REFUSED: Final = range(400, 500)
_MAY_BE_SENT_AGAIN: Final = {401, 408, 429}
_SHOWN: Final = 8


class Wrong(NamedTuple):
    """One thing that was wrong."""

    name: str
    sentence: str


def wrongs(seen: Seen, scenario: Scenario) -> tuple[Wrong, ...]:
    """Return what the service saw that must not be: the first of each of `checks()` sorts."""
    found = (next(check(seen, scenario), None) for check in _CHECKS)
    return tuple(wrong for wrong in found if wrong is not None)


def checks() -> int:
    """Return how many sorts of wrong there are."""
    return len(_CHECKS)


def told(seen: Seen) -> str:
    """Return what the service saw in a line: the last requests and the answers to them."""
    shown = [_line(request) for request in seen.requests[-_SHOWN:]]
    before = len(seen.requests) - len(shown)
    if before > 0:
        shown.insert(0, f"{before} more before")
    return f"the service saw: {'; '.join(shown) or 'no request'}"


def _line(request: SeenRequest) -> str:
    query = f"?{request.query}" if request.query else ""
    answer = request.fault if request.status == 0 else str(request.status)
    said = f" ({request.said})" if request.said else ""
    return f"{request.at_s:.1f} s {request.method} {request.path}{query} -> {answer}{said}"


def _unauthorized(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    refused = [request for request in seen.requests if request.why == "unauthorized"]
    if len(refused) > scenario.conduct.most_unauthorized:
        yield Wrong("Unauthorized", f"refused with 401, times {len(refused)}: {refused[-1].said}")


def _too_early(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    del scenario
    ready_at = 0.0
    for request in seen.requests:
        if request.at_s < ready_at - _ROUNDING_S:
            left = f"{ready_at - request.at_s:.1f} s before the time that an answer told to wait was over"
            yield Wrong("TooEarly", f"a request came {left}")
        ready_at = max(ready_at, request.at_s + request.told_s)


def _sent_again(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    del scenario
    refused: set[str] = set()
    for request in seen.requests:
        if request.digest in refused:
            what = f"{request.method} {request.path} was sent again after {request.status}"
            yield Wrong("SentAgain", f"{what}, which does not change by that")
        if request.status in _REFUSED and request.status not in _MAY_BE_SENT_AGAIN:
            refused.add(request.digest)


def _hung(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    del scenario
    if seen.hung:
        yield Wrong("NoTimeout", "the client waited without a timeout for an answer that never came")


def _without_key(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    wanted = {resource.path: resource for resource in scenario.service.resources if resource.idempotency}
    for request in seen.requests:
        if request.method == "POST" and request.path in wanted and not request.key:
            name = wanted[request.path].idempotency
            yield Wrong("NoIdempotencyKey", f"a POST to {request.path} came without the header {name}")


def _elsewhere(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    if seen.elsewhere:
        there = f"{seen.elsewhere[0]} was asked for; there is only {scenario.service.url}"
        yield Wrong("OtherHost", there)


def _not_whole(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    for resource in seen.resources:
        if resource.path in scenario.conduct.whole and resource.served < resource.items:
            got = f"{resource.served} of the {resource.items} items of {resource.path} were fetched"
            yield Wrong("ItemsMissing", got)


def _created(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    by_path = {resource.path: resource.created for resource in seen.resources}
    for resource in scenario.service.resources:
        wanted = scenario.conduct.created.get(resource.path, ())
        yield from _wrongly_created(resource, by_path.get(resource.path, ()), wanted)


def _wrongly_created(
    resource: Resource, created: tuple[str, ...], wanted: tuple[JsonValue, ...]
) -> Iterator[Wrong]:
    if len(created) != len(wanted):
        counts = f"created at {resource.path}: {len(created)} items, but wanted: {len(wanted)}"
        yield Wrong("CreatedWrongly", counts)
        return
    left = [_value(text) for text in created]
    for value in wanted:
        at = next((n for n, other in enumerate(left) if same_value(value, other)), None)
        if at is None:
            yield Wrong("CreatedWrongly", f"{json.dumps(value)[:300]} was not created at {resource.path}")
            return
        del left[at]


def _value(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _too_many(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    most = scenario.conduct.most_requests
    if len(seen.requests) > most:
        path, count = Counter(request.path for request in seen.requests).most_common(1)[0]
        yield Wrong("TooManyRequests", f"{len(seen.requests)} requests, {count} of {path}; {most} are enough")


def _too_slow(seen: Seen, scenario: Scenario) -> Iterator[Wrong]:
    most = scenario.conduct.most_s
    if seen.clock_s > most:
        asked = sum(request.told_s for request in seen.requests)
        waited = f"the client waited {seen.waited_s:.1f} s, of which answers asked for {asked:.1f} s"
        yield Wrong("WaitedTooLong", f"{waited}; {most:g} s are enough in all")


_CHECKS: Final[tuple[Callable[[Seen, Scenario], Iterator[Wrong]], ...]] = (
    *(_elsewhere, _unauthorized, _hung, _too_early, _too_slow),
    *(_sent_again, _without_key, _created, _not_whole, _too_many),
)
