"""The scripted service: a request in, an answer out, and an account of both."""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from math import ceil
from time import gmtime, strftime
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote, urlencode

from .parsing import Malformed, Request

_SHORT = 500
"""Characters of a text in the account."""
_SHORT_BODY = 2000
_MOST_CREATED = 4 << 20
"""Bytes of bodies that are kept; parsed they take up to fifty times as much of the service's memory."""
Config: TypeAlias = dict[str, Any]
"""`Service` as JSON; the host checked it."""
EPOCH = 1_750_000_000.0
"""What the clock stands at when it begins, in seconds since 1970."""


class Answer(NamedTuple):
    """What to send; `fault` is what befalls it on the way, `told_s` how long it asks to wait."""

    status: int
    why: str
    value: object
    headers: tuple[tuple[str, str], ...] = ()
    fault: str = ""
    told_s: float = 0.0
    said: str = ""


def _refusal(status: int, why: str, error: str) -> Answer:
    return Answer(status, why, {"error": error}, said=error)


class _Resource:
    """One list of items."""

    def __init__(self, given: Config, seed: int) -> None:
        self.given = given
        self.path: str = given["path"]
        self.items: list[Config] = list(given["items"])
        self.first = len(self.items)
        self.served: set[int] = set()
        self.created: list[str] = []
        self.created_bytes = 0
        self.by_key: dict[str, Config] = {}
        self._starts: dict[str, int] = {}
        self._seed = seed

    def list(self, query: dict[str, str], url: str) -> Answer:
        """Return the page that `query` asks for."""
        pages = self.given["pages"]
        if pages is None:
            return self._page(0, len(self.items), None)
        asked = query.get(pages["parameter"])
        start = self._start(pages, asked)
        if start is None:
            return _refusal(400, "refused", f"{pages['parameter']}={asked!r} is unknown")
        following = start + pages["size"]
        return self._page(start, following, self._more(pages, following, url))

    def _start(self, pages: Config, asked: str | None) -> int | None:
        if asked is None:
            return 0
        if pages["style"] == "page":
            number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0  # noqa: PLR2004
            return (number - 1) * int(pages["size"]) if number else None
        return self._starts.get(asked)

    def _more(self, pages: Config, following: int, url: str) -> tuple[str, str] | None:
        """Return the name and value that lead to the next page, if there is one."""
        if following >= len(self.items) or pages["style"] == "page":
            return None
        cursor = _digest(self._seed, self.path, following)[:12]
        self._starts[cursor] = following
        if pages["style"] == "link":
            return "Link", f'<{url}{quote(self.path)}?{pages["parameter"]}={cursor}>; rel="next"'
        return pages["told"], cursor

    def _page(self, start: int, end: int, more: tuple[str, str] | None) -> Answer:
        items, pages = self.items[start:end], self.given["pages"]
        self.served.update(range(start, start + len(items)))
        in_body = pages is not None and pages["style"] == "cursor_body"
        value: object = items
        if pages is not None and pages["items"]:
            value = {pages["items"]: items, **(dict([more]) if more and in_body else {})}
        return Answer(200, "answered", value, (more,) if more and not in_body else ())

    def one(self, name: str) -> Answer:
        """Return the item of this id."""
        for number, item in enumerate(self.items):
            if str(item.get("id")) == name:
                self.served.add(number)
                return Answer(200, "answered", item)
        return _refusal(404, "not_found", f"{self.path} has no item {name[:100]!r}")

    def wrong(self, request: Request) -> Answer | None:
        """Return why a creation is refused, if it is."""
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return _refusal(400, "refused", "the body is no JSON")
        missing = [n for n in self.given["required"] if n not in body] if isinstance(body, dict) else None
        if missing is None:
            return _refusal(400, "refused", "the body is no JSON object")
        if missing:
            return _refusal(400, "refused", f"the body lacks {', '.join(missing)}")
        return None

    def create(self, request: Request) -> Answer:
        """Add an item, or return what its key made before."""
        key = self.key_of(request)
        if key and key in self.by_key:
            return Answer(200, "repeated", self.by_key[key])
        body: Config = json.loads(request.body)
        item = {**body, "id": len(self.items) + 1}
        self.items.append(item)
        self.created_bytes += len(request.body)
        self.created.append(_text(request.body.decode(errors="replace"), _SHORT_BODY))
        if key:
            self.by_key[key] = item
        return Answer(201, "created", item)

    def key_of(self, request: Request) -> str:
        name = self.given["idempotency"]
        return request.headers.get(name.lower(), "") if name else ""

    def account(self) -> Config:
        served = sum(number < self.first for number in self.served)
        return {"path": self.path, "items": self.first, "served": served, "created": self.created}


class Scripted:
    """Answers requests by its script."""

    def __init__(self, given: Config) -> None:
        self.given = given
        self.requests: list[Config] = []
        self._resources = [_Resource(one, given["seed"]) for one in given["resources"]]
        self._faults: dict[int, Config] = {fault["at"]: fault for fault in given["faults"]}
        self._url = f"http://{given['host']}"
        self._answers, self._good, self._ready_at = 0, 0, 0.0

    def answer(self, request: Request | Malformed, now: float) -> Answer:
        """Return the answer to a request that came at `now`, and keep an account of it."""
        if isinstance(request, Malformed):
            answer = _refusal(request.status, "malformed", request.reason)
            request = Request("", "", (), {}, b"")
        else:
            answer = self._judged(request, now)
        self.requests.append(self._account(request, answer, now))
        return answer

    def account(self) -> list[Config]:
        """Return what became of each resource."""
        return [resource.account() for resource in self._resources]

    def _judged(self, request: Request, now: float) -> Answer:
        return self._unauthorized(request) or self._too_many(now) or self._routed(request)

    def _unauthorized(self, request: Request) -> Answer | None:
        auth = self.given["auth"]
        if auth is None:
            return None
        name = auth["name"]
        given = (
            request.headers.get(name.lower()) if auth["place"] == "header" else dict(request.query).get(name)
        )
        if given == auth["prefix"] + auth["credential"]:
            return None
        error = "no credentials" if given is None else "wrong credentials"
        return _refusal(401, "unauthorized", f"{error}; {auth['hint']}".rstrip("; "))

    def _too_many(self, now: float) -> Answer | None:
        limit = self.given["limit"]
        if limit is None:
            return None
        early = now < self._ready_at
        if not early and self._answers >= limit["requests"]:
            self._answers, self._ready_at = 0, now + limit["wait_s"]
        if now >= self._ready_at:
            self._answers += 1
            return None
        headers, told_s = _retry_after(limit["unit"], self._ready_at - now, self._ready_at)
        why = "too_early" if early else "rate_limited"
        return Answer(429, why, {"error": "too many requests"}, headers, told_s=told_s, said="too many")

    def _routed(self, request: Request) -> Answer:
        for resource in self._resources:
            if request.path == resource.path:
                return self._of_list(resource, request)
            if request.path.startswith(resource.path + "/"):
                name = request.path[len(resource.path) + 1 :]
                if request.method != "GET":
                    return _not_allowed(request)
                return self._befallen(partial(resource.one, name))
        return _refusal(404, "not_found", f"no such path: {request.path[:200]}")

    def _of_list(self, resource: _Resource, request: Request) -> Answer:
        if request.method == "GET":
            return self._befallen(partial(resource.list, dict(request.query), self._url))
        if request.method != "POST" or not resource.given["creates"]:
            return _not_allowed(request)
        refusal = self._full(request) or resource.wrong(request)
        return refusal or self._befallen(partial(resource.create, request))

    def _full(self, request: Request) -> Answer | None:
        kept = sum(resource.created_bytes for resource in self._resources)
        if kept + len(request.body) <= _MOST_CREATED:
            return None
        return _refusal(413, "refused", f"more than {_MOST_CREATED} bytes cannot be created here")

    def _befallen(self, act: Callable[[], Answer]) -> Answer:
        """Do what is asked, unless a fault comes before it."""
        self._good += 1
        fault = self._faults.get(self._good)
        if fault is None:
            return act()
        kind = fault["kind"]
        if kind == "lost":
            act()
        told = fault["retry_after_s"]
        headers = (("Retry-After", str(told)),) if told is not None else ()
        status = fault["status"] if kind == "status" else 200 if kind == "truncated" else 0
        value = {"error": "try again later", "padding": "." * 500}
        return Answer(status, "fault", value, headers, kind, float(told or 0))

    def _account(self, request: Request, answer: Answer, now: float) -> Config:
        auth = self.given["auth"] or {"place": "header", "name": ""}
        hidden = auth["name"] if auth["place"] == "query" else None
        query = urlencode([pair for pair in request.query if pair[0] != hidden], errors="replace")
        key = next((r.key_of(request) for r in self._resources if r.path == request.path), "")
        return {
            "at_s": now,
            "method": request.method,
            "path": on_a_line(request.path),
            "query": _text(query),
            "key": on_a_line(key),
            "digest": _digest(request.method, request.path, query, request.body.hex())[:16],
            "status": answer.status,
            "why": answer.why,
            "fault": answer.fault,
            "told_s": answer.told_s,
            "said": on_a_line(answer.said),
        }


def _not_allowed(request: Request) -> Answer:
    return _refusal(405, "not_allowed", f"{request.method} is not allowed here")


def _retry_after(unit: str, left_s: float, ready_at: float) -> tuple[tuple[tuple[str, str], ...], float]:
    """Return the header, rounded up to what its unit can say, and the seconds that it says."""
    if unit == "untold":
        return (), 0.0
    if unit == "date":
        moment = ceil(EPOCH + ready_at)
        return (("Retry-After", _date(moment)),), moment - EPOCH - ready_at + left_s
    per_second = 1000 if unit == "milliseconds" else 1
    told = ceil(round(left_s * per_second, 6))
    return (("Retry-After", str(told)),), told / per_second


def on_a_line(text: str) -> str:
    """Return a text that cannot be taken for several lines of the account, nor steer a terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in _text(text))


def _text(text: str, most: int = _SHORT) -> str:
    return text[:most].encode(errors="replace").decode()


def _date(seconds: float) -> str:
    return strftime("%a, %d %b %Y %H:%M:%S GMT", gmtime(seconds))


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def encoded(answer: Answer, now: float, *, method: str, closes: bool) -> bytes:
    """Return the answer as bytes of HTTP/1.1."""
    body = json.dumps(answer.value).encode()
    reason = {200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
    lines: Sequence[str] = (
        f"HTTP/1.1 {answer.status} {reason.get(answer.status, 'Answer')}",
        f"Date: {_date(EPOCH + now)}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Connection: {'close' if closes else 'keep-alive'}",
        *(f"{name}: {value}" for name, value in answer.headers),
    )
    head = "\r\n".join((*lines, "", "")).encode("latin-1")
    if answer.fault == "truncated":
        return head + body[: len(body) // 2]
    return head if method == "HEAD" else head + body
