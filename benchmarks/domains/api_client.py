"""Clients of the HTTP services of four houses, each with its own way with keys, times, pages and mishaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from tta_dev_primitives.learners.api_client import ApiClientLearner

from .client_orders import orders
from .houses import GENERAL, HOUSES, PLAIN, House
from .world import Quirk, World, craftsman

_PROGRAM: Final = """import email.utils, http.client, json, time, urllib.error, urllib.request, uuid

PLACE, NAME, PREFIX, UNIT = {place!r}, {header!r}, {prefix!r}, {unit!r}
TIMEOUT = {timeout}
AGAIN = ({again})

def wait_of(told):
    if UNIT == "date":
        return email.utils.parsedate_to_datetime(told).timestamp() - time.time()
    return float(told) / (1000 if UNIT == "milliseconds" else 1)

def ask(url, key, body=None, **headers):
    if PLACE == "query":
        url += ("&" if "?" in url else "?") + NAME + "=" + key
    else:
        headers[NAME] = PREFIX + key
    data = None if body is None else json.dumps(body).encode()
    for left in range(9, -1, -1):
        try:
            request = urllib.request.Request(url, data, headers)
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.headers, json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 429:
                time.sleep(wait_of(error.headers["Retry-After"]))
            elif {passing} and error.code >= 500 and left:
                time.sleep(1)
            else:
                raise
        except AGAIN:
            if not left:
                raise

def pages(url, thing, key):
    place = f"{{url}}/{{thing}}"
    while place:
        headers, value = ask(place, key)
        yield value["items"] if isinstance(value, dict) else value
        place = following(f"{{url}}/{{thing}}", headers, value)

def following(base, headers, value):
    if {header_known} and "X-Next-Cursor" in headers:
        return f"{{base}}?cursor={{headers['X-Next-Cursor']}}"
    if {body_known} and isinstance(value, dict) and "next" in value:
        return f"{{base}}?after={{value['next']}}"
    if {link_known} and "Link" in headers:
        return headers["Link"].partition(">")[0].strip("<")
    if not ({header_known} and {body_known} and {link_known}):
        told = [name for name in ("X-Next-Cursor", "Link") if name in headers]
        print("first page:", *told, *(name for name in value if isinstance(value, dict) and name != "items"))

def fetch_all(url, thing, key):
    return [item for page in pages(url, thing, key) for item in page]

def total(url, thing, key):
    return sum(item["grams"] for item in fetch_all(url, thing, key))

def create_all(url, thing, key, bodies):
    made = []
    for body in bodies:
        headers = {{"Idempotency-Key": str(uuid.UUID(int=len(made)))}} if {key_known} else {{}}
        made.append(ask(f"{{url}}/{{thing}}", key, body, **headers)[1]["id"])
    return made
"""
_ERRORS: Final = {"reset": "ConnectionError", "stall": "TimeoutError", "broken": "http.client.IncompleteRead"}


@dataclass(frozen=True, slots=True)
class _Craft:
    quirks: Sequence[Quirk] = (*(quirk for house in HOUSES for quirk in house.quirks), *GENERAL)

    def program(self, task: str, known: frozenset[str]) -> str:
        house = _house(task)
        told = house if house.auth in known else PLAIN
        return _PROGRAM.format(
            place=told.place,
            header=told.header,
            prefix=told.prefix,
            unit=house.unit if house.time in known else "seconds",
            timeout=10 if "stall" in known else None,
            again="".join(f"{error}, " for name, error in _ERRORS.items() if name in known),
            passing="5xx" in known,
            header_known="header" in known,
            body_known="body" in known,
            link_known="link" in known,
            key_known="key" in known,
        )

    def concerns(self, quirk: Quirk, task: str) -> bool:
        return quirk in GENERAL or quirk in _house(task).quirks


def _house(task: str) -> House:
    """Return the house that the task names."""
    return next((house for house in HOUSES if f"{house.name}: " in task), PLAIN)


WORLD = World(name="API clients", model=partial(craftsman, _Craft()), tasks=orders, learner=ApiClientLearner)
