"""Take bytes apart into HTTP/1.1 requests. After what is too large or no request, nothing more is read."""

from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

MOST_HEAD = 1 << 16
MOST_BODY = 1 << 20
_MOST_HEADERS = 200
_END_OF_HEAD = b"\r\n\r\n"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")


class Request(NamedTuple):
    """One request; names of headers in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes

    @property
    def closes(self) -> bool:
        """Whether no other one will follow on this connection."""
        return "close" in self.headers.get("connection", "").lower()


class Malformed(NamedTuple):
    """Why it cannot be answered."""

    status: int
    reason: str


class Requests:
    """The requests of one connection."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._head: _Head | None = None
        self._broken = False

    def feed(self, data: bytes) -> None:
        """Take more bytes; after nonsense they are dropped."""
        if not self._broken:
            self._buffer += data

    def next(self) -> Request | Malformed | None:
        """Return the next one if it is complete."""
        if self._broken:
            return None
        head = self._head or self._next_head()
        if isinstance(head, Malformed):
            self._broken = True
            self._buffer.clear()
        if not isinstance(head, _Head):
            return head
        self._head = head  # so that one that comes byte by byte is parsed once
        if len(self._buffer) < head.size:
            return None
        body = bytes(self._buffer[: head.size])
        del self._buffer[: head.size]
        self._head = None
        return head.request._replace(body=body)

    def _next_head(self) -> "_Head | Malformed | None":
        end = self._buffer.find(_END_OF_HEAD, max(0, self._searched - 3))
        self._searched = len(self._buffer) if end < 0 else 0
        if (self._searched or end) > MOST_HEAD:
            return Malformed(431, "the head is too large")
        if end < 0:
            return None
        request = _parsed(bytes(self._buffer[:end]).decode("latin-1"))
        if isinstance(request, Malformed):
            return request
        del self._buffer[: end + len(_END_OF_HEAD)]
        size = _size_of_body(request)
        return size if isinstance(size, Malformed) else _Head(request, size)


class _Head(NamedTuple):
    """A request whose body, of `size` bytes, is still to come."""

    request: Request
    size: int


def _parsed(head: str) -> Request | Malformed:
    first, *lines = head.split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or words[0] not in _METHODS or words[2] not in {"HTTP/1.0", "HTTP/1.1"}:  # noqa: PLR2004
        return Malformed(400, "the first line is not that of an HTTP/1.1 request")
    headers = _headers(lines)
    if isinstance(headers, Malformed):
        return headers
    try:
        url = urlsplit(words[1])
        query = tuple(parse_qsl(url.query, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return Malformed(400, "the URL cannot be read")
    if words[2] == "HTTP/1.0":
        headers.setdefault("connection", "close")
    return Request(words[0], unquote(url.path, errors="replace"), query, headers, b"")


def _headers(lines: list[str]) -> dict[str, str] | Malformed:
    if len(lines) > _MOST_HEADERS:
        return Malformed(431, f"more than {_MOST_HEADERS} headers")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not name or not _WORD.issuperset(name):
            return Malformed(400, "a header cannot be read")
        if name in headers and name in {"content-length", "host", "authorization"}:
            return Malformed(400, f"the header {name} is there twice")
        value = value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _size_of_body(request: Request) -> int | Malformed:
    if "transfer-encoding" in request.headers:
        return Malformed(411, "send the body with Content-Length, not in chunks")
    told = request.headers.get("content-length", "0")
    if not (told.isascii() and told.isdigit() and len(told) < 20):  # noqa: PLR2004  # digits of 64 bits
        return Malformed(400, "Content-Length is no number")
    if int(told) > MOST_BODY:
        return Malformed(413, f"the body is larger than {MOST_BODY} bytes")
    return int(told)
