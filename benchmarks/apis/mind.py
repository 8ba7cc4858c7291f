"""The simulated model: it knows a lesson if the prompt says it, or holds a real result that shows it.

Nothing else is known: no task is told from another but by the words of its prompt, and nothing is remembered
between two requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from apis.lessons import GENERAL, PLAIN, VENDORS, Lesson, Vendor
from pydantic import BaseModel

from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.testing import Answer, ScriptedModel

_RESULT: Final = re.compile(r"<data result (?=(\w+))\w+>(.*?)</data \1>", re.DOTALL)
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


def simulated_model() -> ScriptedModel:
    """Return a model that answers every role from its prompt alone."""
    return ScriptedModel(_answer, name="simulated")


def _answer(request: Request[BaseModel]) -> Answer:
    if request.role is Role.GENERATOR:
        return _program(request.prompt)
    if request.role is Role.REFLECTOR:
        return _reflection(request.prompt)
    numbers = re.findall(r"# Insight (\d+)", request.prompt)
    return {"decisions": [{"insight": int(number), "action": "add"} for number in numbers]}


def _vendor(prompt: str) -> Vendor:
    """Return the house that the documentation in the prompt names."""
    return next(vendor for vendor in (*VENDORS, PLAIN) if f"{vendor.name} offers HTTP services" in prompt)


def _lessons(vendor: Vendor) -> tuple[Lesson, ...]:
    """Return what could be known about a service of this house."""
    return (vendor.auth, *((vendor.time,) if vendor.time else ()), *GENERAL)


def _known(prompt: str) -> Iterator[str]:
    """Yield the names of the lessons that the prompt says or shows."""
    results = "\n".join(found for _, found in _RESULT.findall(prompt))
    for lesson in _lessons(_vendor(prompt)):
        if lesson.words in prompt or lesson.shown in results:
            yield lesson.name


def _program(prompt: str) -> Mapping[str, object]:
    vendor, known = _vendor(prompt), set(_known(prompt))
    told = f"auth {vendor.name}" in known
    errors = {"reset": "ConnectionError", "stall": "TimeoutError", "broken": "http.client.IncompleteRead"}
    code = _PROGRAM.format(
        place=vendor.place if told else "header",
        header=vendor.header if told else "Authorization",
        prefix=vendor.prefix if told else "Bearer ",
        unit=vendor.unit if f"unit {vendor.name}" in known else "seconds",
        timeout=10 if "stall" in known else None,
        again="".join(f"{error}, " for name, error in errors.items() if name in known),
        passing="5xx" in known,
        header_known="header" in known,
        body_known="body" in known,
        link_known="link" in known,
        key_known="key" in known,
    )
    return {"plan": "As far as known.", "code": code, "strategies": _cited(prompt)}


def _cited(prompt: str) -> list[str]:
    return [name for name, words in re.findall(r"\[(\S+)\] \(\w+\) (.*)", prompt) if words in _sentences()]


def _sentences() -> set[str]:
    return {lesson.words for vendor in VENDORS for lesson in _lessons(vendor)}


def _reflection(prompt: str) -> Mapping[str, object]:
    vendor = _vendor(prompt)
    known = set(_known(prompt))
    news = [one for one in _lessons(vendor) if one.name in known and one.words not in prompt]
    insights = [{"kind": "api_fact", "content": lesson.words} for lesson in news[:8]]
    return {"diagnosis": "The service's answers say so.", "insights": insights}
