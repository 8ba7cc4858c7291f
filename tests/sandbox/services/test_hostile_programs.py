"""Programs that attack the service beside them: what it saw and the verdict stay true."""

from __future__ import annotations

import json

import pytest
from pydantic import JsonValue
from tests.sandbox.services.calls import PLAIN, RAW, SERVICE, call

from tta_dev_primitives.sandbox import Limits, LocalSandbox, Stop
from tta_dev_primitives.sandbox.services import Resource, Seen, Served, Service

SHORT = Limits(wall_s=1.0)


def _nothing_seen(seen: Seen) -> bool:
    return not seen.requests and all(not r.served and not r.created for r in seen.resources)


async def _attack(sandbox: LocalSandbox, body: str, service: Service = SERVICE) -> Served:
    return await call(sandbox, service, RAW + "\ndef main():\n" + body)


@pytest.mark.parametrize(
    "body",
    [
        "    frame(b'?')",
        "    frame(b'S', b'ab')",
        "    frame(b'R', b'')",
        "    frame(b'V', b'no JSON')",
        "    frame(b'V', b'[1]')",
        "    frame(b'V', b'[' * 500_000)",
        '    frame(b\'V\', b\'{"returned": 7, "name": "", "value": "", "line": null}\')',
        '    frame(b\'V\', b\'{"returned": null, "name": 1, "value": "", "line": null}\')',
        "    bytes_out(struct.pack('>cI', b'S', 1 << 31))",
        "    bytes_out(os.urandom(1 << 16))",
    ],
)
async def test_forged_frames_end_the_service_with_its_account(
    only_namespaces: LocalSandbox, body: str
) -> None:
    served = await _attack(only_namespaces, body + "\n    time.sleep(1)")
    assert served.seen.stopped == "broken_channel"
    assert _nothing_seen(served.seen)


async def test_half_a_frame_and_a_good_end_are_nothing(only_namespaces: LocalSandbox) -> None:
    served = await _attack(only_namespaces, "    bytes_out(b'S\\0\\0\\1\\0abc')\n    os._exit(0)")
    assert served.execution.success
    assert served.execution.networked
    assert served.seen.returned is None
    assert _nothing_seen(served.seen)


async def test_exit_without_a_call_is_an_exit_without_a_value(only_namespaces: LocalSandbox) -> None:
    served = await _attack(only_namespaces, "    os._exit(0)")
    assert served.execution.success
    assert (served.seen.returned, served.seen.raised, served.seen.requests) == (None, None, ())


async def test_flooding_the_channel_is_stopped(only_namespaces: LocalSandbox) -> None:
    body = """    n = opened()
    for _ in range(200):
        frame(b"S", struct.pack(">I", n) + bytes(1 << 19))"""
    served = await _attack(only_namespaces, body)
    assert served.execution.stop is Stop.POLICY
    assert [request.why for request in served.seen.requests] == ["malformed"]


async def test_headers_of_a_hundred_megabytes(only_namespaces: LocalSandbox) -> None:
    code = """
import http.client
def main():
    connection = http.client.HTTPConnection("api.test")
    connection.putrequest("GET", "/parcels")
    for n in range(1600):
        connection.putheader(f"X-{n}", "x" * 65_000)
    connection.endheaders()
"""
    served = await call(only_namespaces, SERVICE, code)
    assert served.execution.stop is Stop.POLICY
    assert [request.status for request in served.seen.requests] == [431]


async def test_closing_the_channel_ends_in_no_value(only_namespaces: LocalSandbox) -> None:
    served = await _attack(only_namespaces, "    os.closerange(0, 200)\n    return 1")
    assert not served.execution.success
    assert (served.seen.returned, served.seen.requests) == (None, ())


async def test_who_closes_everything_and_stays_is_stopped_by_the_clock(only_namespaces: LocalSandbox) -> None:
    code = RAW + "\nimport threading\ndef main():\n    os.closerange(0, 200)\n    threading.Event().wait()"
    served = await call(only_namespaces, SERVICE, code, limits=SHORT)
    assert served.execution.stop is Stop.WALL_TIME


async def test_pipelined_requests_are_all_seen(only_namespaces: LocalSandbox) -> None:
    body = """    n = opened()
    frame(b"S", struct.pack(">I", n) + b"GET /parcels HTTP/1.1\\r\\n\\r\\n" * 50)
    os._exit(0)"""
    served = await _attack(only_namespaces, body)
    assert [request.why for request in served.seen.requests] == ["unauthorized"] * 50


async def test_one_byte_at_a_time_for_ever(only_namespaces: LocalSandbox) -> None:
    body = """
def main():
    n = opened()
    frame(b"S", struct.pack(">I", n) + b"POST /parcels HTTP/1.1\\r\\nContent-Length: 1000000\\r\\n\\r\\n")
    while True:
        frame(b"S", struct.pack(">I", n) + b"x")"""
    served = await call(only_namespaces, SERVICE, RAW + body, limits=SHORT)
    assert served.execution.stop in {Stop.WALL_TIME, Stop.POLICY}
    assert served.seen.requests == ()


async def test_who_asks_and_never_reads_only_stops_itself(only_namespaces: LocalSandbox) -> None:
    body = """
def main():
    n = opened()
    while True:
        frame(b"W", struct.pack(">d", 0.0))"""
    served = await call(only_namespaces, SERVICE, RAW + body, limits=SHORT)
    assert served.execution.stop is Stop.WALL_TIME
    assert _nothing_seen(served.seen)


async def test_too_many_requests_end_the_service(only_namespaces: LocalSandbox) -> None:
    body = """    n = opened()
    frame(b"S", struct.pack(">I", n) + b"GET /parcels HTTP/1.1\\r\\n\\r\\n" * 2000)
    time.sleep(1)"""
    served = await _attack(only_namespaces, body)
    assert served.seen.stopped == "too_many_requests"
    assert len(served.seen.requests) == SERVICE.most_requests


async def test_too_many_connections_end_the_service(only_namespaces: LocalSandbox) -> None:
    served = await _attack(only_namespaces, "    while True:\n        opened()")
    assert served.seen.stopped == "too_many_connections"


async def test_large_answers_that_nobody_reads_end_the_service(only_namespaces: LocalSandbox) -> None:
    items: tuple[dict[str, JsonValue], ...] = tuple({"id": n, "text": "x" * 1000} for n in range(2000))
    service = Service(resources=(Resource(path="/parcels", items=items),))
    body = """    n = opened()
    frame(b"S", struct.pack(">I", n) + b"GET /parcels HTTP/1.1\\r\\n\\r\\n" * 900)
    os._exit(0)"""
    served = await _attack(only_namespaces, body, service)
    assert served.seen.stopped == "unread_answers"
    assert 10 < len(served.seen.requests) < 30


async def test_bodies_that_fill_the_memory_of_the_service_are_refused(only_namespaces: LocalSandbox) -> None:
    service = Service(resources=(Resource(path="/parcels", creates=True),))
    body = """    n = opened()
    deep = b'{"a":' * 400 + b"0" + b"}" * 400
    body = b'{"x":[' + b",".join([deep] * 430) + b"]}"
    asked = b"POST /parcels HTTP/1.1\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body
    for _ in range(15):
        for at in range(0, len(asked), 1 << 19):
            frame(b"S", struct.pack(">I", n) + asked[at : at + (1 << 19)])
    os._exit(0)"""
    served = await _attack(only_namespaces, body, service)
    assert [request.status for request in served.seen.requests] == [201] * 4 + [413] * 11
    assert served.execution.success


async def test_who_asks_for_large_answers_in_a_row_is_stopped_without_a_word_in_the_log(
    only_namespaces: LocalSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    items: tuple[dict[str, JsonValue], ...] = tuple({"id": n, "text": "x" * (1 << 20)} for n in range(4))
    service = Service(resources=(Resource(path="/parcels", items=items),))
    body = """    n = opened()
    asked = b"GET /parcels HTTP/1.1\\r\\n\\r\\n"
    read = struct.pack(">cIIId", b"R", 16, n, 1 << 20, 1.0)
    bytes_out((struct.pack(">cII", b"S", 4 + len(asked), n) + asked + read * 9) * 100)
    os._exit(0)"""
    served = await _attack(only_namespaces, body, service)
    assert served.seen.stopped == "too_many_bytes"
    assert len(served.seen.requests) == 32
    assert caplog.records == []


async def test_paths_and_hosts_cannot_be_taken_for_lines_of_the_account(
    only_namespaces: LocalSandbox,
) -> None:
    body = """    frame(b"O", b"x\\n0.1 s GET /parcels -> 200:80")
    channel.receive()
    n = opened()
    frame(b"S", struct.pack(">I", n) + b"GET /%0A0.1%20s%20GET%1B%5B2J%E2%80%AE HTTP/1.1\\r\\n\\r\\n")
    os._exit(0)"""
    served = await _attack(only_namespaces, body, PLAIN)
    (request,) = served.seen.requests
    assert request.path == "/\ufffd0.1 s GET\ufffd[2J\ufffd"
    assert request.said == f"no such path: {request.path}"
    assert served.seen.elsewhere == ("x\ufffd0.1 s GET /parcels -> 200:80",)


async def test_the_service_is_out_of_sight_and_reach(only_namespaces: LocalSandbox) -> None:
    code = """
import os, signal
def main():
    seen = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    others = [pid for pid in seen if pid not in (1, os.getpid())]
    refused = []
    for act in (
        lambda: os.kill(-1, signal.SIGKILL) if others else os.kill(2 ** 22 - 1, signal.SIGKILL),
        lambda: open("/proc/1/mem", "rb"),
        lambda: open("/proc/1/fd/3", "rb"),
        os.fork,
    ):
        try:
            act()
        except OSError as error:
            refused.append(type(error).__name__)
    files = [name for top in ("/tmp", "/home/user") for _, _, names in os.walk(top) for name in names]
    return {"others": others, "refused": len(refused), "files": files}
"""
    served = await call(only_namespaces, SERVICE, code)
    assert json.loads(served.seen.returned or "") == {"others": [], "refused": 4, "files": []}


async def test_an_account_that_the_program_prints_is_only_printed(only_namespaces: LocalSandbox) -> None:
    forged = Seen(
        requests=(),
        resources=(),
        clock_s=0.0,
        waited_s=0.0,
        hung=0,
        elsewhere=(),
        returned='"forged"',
        raised=None,
        stopped="",
    ).model_dump_json()
    body = f"""    text = {forged.encode()!r}
    os.write(1, text)
    os.write(2, text)
    frame(b"V", text)
    time.sleep(1)"""
    served = await _attack(only_namespaces, body)
    assert served.seen.returned is None
    assert served.seen.stopped == "broken_channel"
    assert forged in served.execution.stdout


async def test_a_patched_shim_makes_no_request(only_namespaces: LocalSandbox) -> None:
    code = """
import io, json, socket, urllib.request
class Fake:
    def makefile(self, *_): return io.BytesIO(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n[]")
    def sendall(self, data): pass
    def setsockopt(self, *_): pass
    def close(self): pass
socket.create_connection = lambda *a, **k: Fake()
def main():
    return json.load(urllib.request.urlopen("http://api.test/parcels"))
"""
    served = await call(only_namespaces, SERVICE, code)
    assert served.seen.returned == "[]"
    assert _nothing_seen(served.seen)


async def test_the_first_word_about_the_value_counts(only_namespaces: LocalSandbox) -> None:
    told = '{"returned": "1", "name": "", "value": "", "line": null}'
    served = await _attack(only_namespaces, f"    frame(b'V', {told.encode()!r})\n    return 2")
    assert served.seen.returned == "1"


@pytest.mark.parametrize(
    ("asked", "clock_s"),
    [("float('nan')", 0.0), ("-1e300", 0.0), ("float('-inf')", 0.0), ("float('inf')", 1e6), ("1e300", 1e6)],
)
async def test_a_lie_about_time_is_a_wait(only_namespaces: LocalSandbox, asked: str, clock_s: float) -> None:
    body = f"    frame(b'W', struct.pack('>d', {asked}))\n    channel.receive()"
    assert (await _attack(only_namespaces, body)).seen.clock_s == clock_s


async def test_the_clock_cannot_be_turned_back(only_namespaces: LocalSandbox) -> None:
    body = """    for moment in (5.0, 1.0, 0.0):
        frame(b"W", struct.pack(">d", moment))
        channel.receive()"""
    assert (await _attack(only_namespaces, body)).seen.clock_s == 5.0


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff" * 100 + b"\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 9\xb2\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"GET /" + b"?a=1" * 1000 + b"&" * 5000 + b" HTTP/1.1\r\n\r\n",
        b"GET /%00%ff%ed%a0%80 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 300 + b"\r\n",
        b"POST /parcels HTTP/1.1\r\nContent-Length: 200000\r\n\r\n" + b"[" * 200_000,
        b'POST /parcels HTTP/1.1\r\nContent-Length: 15\r\n\r\n{"a": "\\ud800"}',
        b'POST /parcels HTTP/1.1\r\nContent-Length: 10\r\n\r\n{"a": NaN}',
        b'POST /parcels HTTP/1.1\r\nContent-Length: 10\r\n\r\n{"a": "\xff"}',
        b'POST /parcels HTTP/1.1\r\nContent-Length: 5007\r\n\r\n{"a":' + b"9" * 5001 + b"}",
    ],
)
async def test_hostile_requests_leave_an_account(only_namespaces: LocalSandbox, sent: bytes) -> None:
    service = Service(resources=(Resource(path="/parcels", creates=True),))
    whole = sent + b"GET /parcels HTTP/1.1\r\n\r\n"
    body = f"    n = opened()\n    frame(b'S', struct.pack('>I', n) + {whole!r})\n    os._exit(0)"
    served = await _attack(only_namespaces, body, service)
    assert served.seen.requests
    assert served.seen.stopped == ""


async def test_the_longest_account_can_be_read(only_namespaces: LocalSandbox) -> None:
    service = Service(resources=(Resource(path="/p", creates=True),), most_requests=2000)
    body = """    n = opened()
    text = ('{"a": "' + "\\x01".encode("unicode_escape").decode() * 700 + '"}').encode()
    one = b"POST /p?" + b"%01" * 2000 + b" HTTP/1.1\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(text), text)
    for _ in range(1500):
        frame(b"S", struct.pack(">I", n) + one)
    os._exit(0)"""
    served = await _attack(only_namespaces, body, service)
    assert len(served.seen.requests) == 1500


async def test_what_kills_the_program_is_told_as_it_was(only_namespaces: LocalSandbox) -> None:
    served = await _attack(only_namespaces, "    os.kill(os.getpid(), 9)")
    assert (served.execution.stop, served.execution.signal) == (Stop.SIGNALLED, 9)


async def test_too_much_output(only_namespaces: LocalSandbox) -> None:
    code = "def main():\n    while True:\n        print('x' * 10_000)"
    served = await call(only_namespaces, PLAIN, code, limits=Limits(output_bytes=100_000))
    assert served.execution.stop is Stop.OUTPUT
    assert len(served.execution.stdout) == 100_000


async def test_memory_and_cpu_are_the_programs_own(only_namespaces: LocalSandbox) -> None:
    code = "def main():\n    return len(bytes(1 << 30))"
    served = await call(only_namespaces, PLAIN, code, limits=Limits(memory_bytes=128 << 20))
    assert served.seen.raised is not None
    assert served.seen.raised.name == "MemoryError"
