"""Requests come out of bytes the same way however the bytes are cut, and nonsense is told, not raised."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.sandbox.services.guest.frames import Frames
from tta_dev_primitives.sandbox.services.guest.parsing import Malformed, Request, Requests

WHOLE = (
    b"GET /a%20b?x=1&y=%C3%A4 HTTP/1.1\r\nHost: api.test\r\nX-Y: 1\r\nx-y:  2 \r\n\r\n"
    b"POST /b HTTP/1.1\r\nContent-Length: 5\r\n\r\nab\r\n\r"
    b"DELETE /c HTTP/1.0\r\n\r\n"
)
EXPECTED = [
    Request("GET", "/a b", (("x", "1"), ("y", "ä")), {"host": "api.test", "x-y": "1, 2"}, b""),
    Request("POST", "/b", (), {"content-length": "5"}, b"ab\r\n\r"),
    Request("DELETE", "/c", (), {"connection": "close"}, b""),
]
LIKE_A_REQUEST = st.lists(
    st.sampled_from(
        [b"GET ", b"/", b" HTTP/1.1", b"\r\n", b"\r\n\r\n", b":", b"a", b"Content-Length: 3", b"\0"]
    )
    | st.binary(max_size=5),
    max_size=30,
).map(b"".join)


def _taken(pieces: Sequence[bytes]) -> list[Request | Malformed]:
    requests, taken = Requests(), list[Request | Malformed]()
    for piece in pieces:
        requests.feed(piece)
        while (one := requests.next()) is not None:
            taken.append(one)
    return taken


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted(place % (len(data) + 1) for place in places)
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]


@given(st.lists(st.integers(0, 10_000), max_size=20))
def test_requests_do_not_depend_on_how_they_are_cut(places: list[int]) -> None:
    assert _taken(_cut(WHOLE, places)) == EXPECTED


@given(LIKE_A_REQUEST, st.lists(st.integers(0, 10_000), max_size=10))
def test_nonsense_is_told_once_and_the_same_way(data: bytes, places: list[int]) -> None:
    taken = _taken([data])
    assert _taken(_cut(data, places)) == taken
    assert sum(isinstance(one, Malformed) for one in taken) <= 1
    assert not any(isinstance(one, Malformed) for one in taken[:-1])


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=1), st.binary(max_size=300)), max_size=20))
def test_frames_come_as_they_were_sent(sent: list[tuple[bytes, bytes]]) -> None:
    source, sink = os.pipe()
    try:
        frames = Frames(source, sink)
        for letter, content in sent:
            frames.send(letter, content)
        assert [frames.receive() for _ in sent] == sent
    finally:
        os.close(source)
        os.close(sink)
