"""What a client of a scripted service meets, through the standard library."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from pydantic import ValidationError
from tests.sandbox.services.calls import ITEMS, PARCELS, PLAIN, SERVICE, call

from tta_dev_primitives.sandbox import LocalSandbox
from tta_dev_primitives.sandbox.services import (
    Auth,
    Fault,
    Pages,
    Program,
    RateLimit,
    Resource,
    Seen,
    Service,
    ServiceBeside,
)

CLIENT = """
import json, time, urllib.error, urllib.request

def ask(url, token="s3cret", body=None, **headers):
    headers = {"Authorization": f"Bearer {token}", **headers}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), json.load(error)
"""


async def _client(sandbox: LocalSandbox, service: Service, body: str) -> tuple[object, Seen]:
    served = await call(sandbox, service, CLIENT + "\ndef main(url):\n" + body, service.url)
    assert served.execution.success, served.execution
    assert served.seen.raised is None, served.seen.raised
    return json.loads(served.seen.returned or "null"), served.seen


async def test_a_cursor_in_a_header_leads_through_all_pages(only_namespaces: LocalSandbox) -> None:
    body = """    found, query = [], ""
    while True:
        status, headers, items = ask(url + "/parcels" + query)
        found += items
        if "X-Next-Cursor" not in headers:
            return found
        query = "?cursor=" + headers["X-Next-Cursor"]"""
    value, seen = await _client(only_namespaces, SERVICE, body)
    assert value == list(ITEMS)
    assert [request.why for request in seen.requests] == ["answered"] * 3
    assert (seen.resources[0].items, seen.resources[0].served) == (7, 7)


async def test_a_cursor_in_the_body(only_namespaces: LocalSandbox) -> None:
    pages = Pages(style="cursor_body", size=4, items="parcels", told="next", parameter="after")
    service = Service(resources=(Resource(path="/parcels", items=ITEMS, pages=pages),))
    body = """    first = ask(url + "/parcels")[2]
    second = ask(url + "/parcels?after=" + first["next"])[2]
    return [len(first["parcels"]), sorted(first), len(second["parcels"]), sorted(second)]"""
    value, _ = await _client(only_namespaces, service, body)
    assert value == [4, ["next", "parcels"], 3, ["parcels"]]


async def test_a_link_to_the_next_page(only_namespaces: LocalSandbox) -> None:
    pages = Pages(style="link", size=4)
    service = Service(resources=(Resource(path="/parcels", items=ITEMS, pages=pages),))
    body = """    _, headers, first = ask(url + "/parcels")
    link, _, rel = headers["Link"].partition("; ")
    _, headers, second = ask(link.strip("<>"))
    return [rel, len(first) + len(second), "Link" in headers]"""
    value, _ = await _client(only_namespaces, service, body)
    assert value == ['rel="next"', 7, False]


async def test_pages_by_number_end_with_an_empty_one(only_namespaces: LocalSandbox) -> None:
    pages = Pages(style="page", size=4, parameter="page", items="data")
    service = Service(resources=(Resource(path="/parcels", items=ITEMS, pages=pages),))
    body = '    return [len(ask(f"{url}/parcels?page={n}")[2].get("data", "?")) for n in (1, 2, 3, 0, "x")]'
    value, _ = await _client(only_namespaces, service, body)
    assert value == [4, 3, 0, 1, 1]


async def test_unknown_cursors_paths_and_methods_are_refused(only_namespaces: LocalSandbox) -> None:
    body = """    return [
        ask(url + "/parcels?cursor=abc")[0], ask(url + "/other")[0], ask(url + "/parcels", body={})[0],
        ask(url + "/parcels/3")[::2], ask(url + "/parcels/99")[0],
    ]"""
    value, seen = await _client(only_namespaces, SERVICE, body)
    assert value == [400, 404, 405, [200, ITEMS[2]], 404]
    assert [r.why for r in seen.requests] == ["refused", "not_found", "not_allowed", "answered", "not_found"]


@pytest.mark.parametrize(
    ("auth", "headers", "query", "status"),
    [
        (Auth(credential="k"), {"Authorization": "Bearer k"}, "", 200),
        (Auth(credential="k"), {"Authorization": "Token k"}, "", 401),
        (Auth(credential="k", prefix="Token "), {"Authorization": "Token k"}, "", 200),
        (Auth(credential="k", prefix="", name="X-Api-Key"), {"X-API-KEY": "k"}, "", 200),
        (Auth(credential="k", prefix="", name="X-Api-Key"), {}, "", 401),
        (Auth(credential="k", prefix="", name="key", place="query"), {}, "?key=k", 200),
        (Auth(credential="k", prefix="", name="key", place="query"), {"Key": "k"}, "?key=K", 401),
    ],
)
async def test_credentials_belong_where_the_service_wants_them(
    only_namespaces: LocalSandbox, auth: Auth, headers: dict[str, str], query: str, status: int
) -> None:
    service = Service(resources=(PARCELS,), auth=auth)
    code = (
        "import http.client\ndef main(headers, query):\n"
        "    connection = http.client.HTTPConnection('api.test')\n"
        "    connection.request('GET', '/parcels' + query, headers=headers)\n"
        "    return connection.getresponse().status"
    )
    given: dict[str, object] = dict(headers)
    served = await call(only_namespaces, service, code, json.loads(json.dumps(given)), query)
    assert served.seen.returned == str(status)
    assert all("k" not in request.query for request in served.seen.requests if status == 200)


@pytest.mark.parametrize(
    ("unit", "told"),
    [("seconds", "2"), ("milliseconds", "1500"), ("untold", None), ("date", "Sun, 15 Jun 2025 15:06:42 GMT")],
)
async def test_a_rate_limit_and_its_units(
    only_namespaces: LocalSandbox,
    unit: Literal["seconds", "milliseconds", "date", "untold"],
    told: str | None,
) -> None:
    limit = RateLimit(requests=2, wait_s=1.5, unit=unit)
    service = Service(resources=(PARCELS,), limit=limit)
    body = """    seen = [ask(url + "/parcels")[:2] for _ in range(3)]
    early = ask(url + "/parcels")[0]
    time.sleep(1.6)
    told = seen[2][1].get("Retry-After")
    return [[s for s, _ in seen], early, ask(url + "/parcels")[0], told]"""
    value, seen = await _client(only_namespaces, service, body)
    assert value == [[200, 200, 429], 429, 200, told]
    assert [r.why for r in seen.requests][2:] == ["rate_limited", "too_early", "answered"]
    assert seen.waited_s == pytest.approx(1.6, abs=0.01)


async def test_dates_in_retry_after_agree_with_the_programs_clocks(only_namespaces: LocalSandbox) -> None:
    service = Service(resources=(PARCELS,), limit=RateLimit(requests=1, wait_s=30, unit="date"))
    body = """    import datetime, email.utils
    ask(url + "/parcels")
    at = email.utils.parsedate_to_datetime(ask(url + "/parcels")[1]["Retry-After"])
    by_datetime = (at - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    by_time = at.timestamp() - time.time()
    time.sleep(by_datetime)
    return [by_datetime, by_time, ask(url + "/parcels")[0]]"""
    value, _ = await _client(only_namespaces, service, body)
    assert value == [pytest.approx(30.5, abs=0.6), pytest.approx(30.5, abs=0.6), 200]


async def test_who_waits_by_looking_at_the_clock_gets_on(only_namespaces: LocalSandbox) -> None:
    service = Service(resources=(PARCELS,), limit=RateLimit(requests=1, wait_s=0.5))
    body = """    ask(url + "/parcels")
    ask(url + "/parcels")
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        pass
    return ask(url + "/parcels")[0]"""
    assert (await _client(only_namespaces, service, body))[0] == 200


@pytest.mark.parametrize(
    ("fault", "outcome", "waited_s"),
    [
        (Fault(at=1, status=503, retry_after_s=7), "503 7", 0.0),
        (Fault(at=1, kind="reset"), "ConnectionResetError", 0.0),
        (Fault(at=1, kind="lost"), "ConnectionResetError", 0.0),
        (Fault(at=1, kind="stall"), "TimeoutError", 5.0),
        (Fault(at=1, kind="truncated"), "IncompleteRead", 0.0),
    ],
)
async def test_faults(only_namespaces: LocalSandbox, fault: Fault, outcome: str, waited_s: float) -> None:
    service = Service(resources=(PARCELS,), faults=(fault,))
    body = """    try:
        status, headers, _ = ask(url + "/parcels")
        first = f"{status} {headers.get('Retry-After')}"
    except urllib.error.URLError as error:
        first = type(error.reason).__name__
    except Exception as error:
        first = type(error).__name__
    return [first, ask(url + "/parcels")[0]]"""
    value, seen = await _client(only_namespaces, service, body)
    assert value == [outcome, 200]
    assert [request.fault for request in seen.requests] == [fault.kind, ""]
    assert seen.waited_s == waited_s


async def test_who_waits_without_a_timeout_waits_an_hour(only_namespaces: LocalSandbox) -> None:
    service = Service(resources=(PARCELS,), faults=(Fault(at=1, kind="stall"),))
    code = "import urllib.request\ndef main(url):\n    urllib.request.urlopen(url + '/parcels')"
    seen = (await call(only_namespaces, service, code, service.url)).seen
    assert (seen.hung, seen.waited_s) == (1, 3600.0)
    assert seen.raised is not None


async def test_a_key_makes_a_creation_happen_once(only_namespaces: LocalSandbox) -> None:
    orders = Resource(path="/orders", creates=True, required=("sku",), idempotency="Idempotency-Key")
    service = Service(resources=(orders,), faults=(Fault(at=1, kind="lost"),))
    body = """    try:
        ask(url + "/orders", body={"sku": 7}, **{"Idempotency-Key": "a"})
    except ConnectionResetError:
        pass
    again = ask(url + "/orders", body={"sku": 7}, **{"Idempotency-Key": "a"})
    other = ask(url + "/orders", body={"sku": 7})
    bad = ask(url + "/orders", body={"name": 7})
    return [again[0], again[2], other[0], bad[0], bad[2]["error"]]"""
    value, seen = await _client(only_namespaces, service, body)
    assert value == [200, {"sku": 7, "id": 1}, 201, 400, "the body lacks sku"]
    assert seen.resources[0].created == ('{"sku": 7}', '{"sku": 7}')
    assert [request.key for request in seen.requests] == ["a", "a", "", ""]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Content-Length: 2000000", 413),
        ("Content-Length: x", 400),
        ("Transfer-Encoding: chunked", 411),
        ("X: " + "y" * 70_000, 431),
        ("no header", 400),
    ],
)
async def test_requests_that_cannot_be_taken(only_namespaces: LocalSandbox, head: str, status: int) -> None:
    code = """
import socket
def main(head):
    with socket.create_connection(("api.test", 80), timeout=3) as connection:
        connection.sendall(f"GET /parcels HTTP/1.1\\r\\n{head}\\r\\n\\r\\n".encode())
        with connection.makefile("r", encoding="ascii", newline="") as answer:
            return [answer.readline(), answer.read().endswith("}"), connection.recv(1).decode()]
"""
    served = await call(only_namespaces, PLAIN, code, head)
    line, whole, rest = json.loads(served.seen.returned or "")
    assert line.startswith(f"HTTP/1.1 {status} ")
    assert (whole, rest) == (True, "")
    assert [request.why for request in served.seen.requests] == ["malformed"]


async def test_one_connection_can_serve_many_requests(only_namespaces: LocalSandbox) -> None:
    code = """
import http.client
def main():
    connection = http.client.HTTPConnection("api.test", timeout=3)
    sizes = []
    for _ in range(3):
        connection.request("GET", "/parcels")
        sizes.append(len(connection.getresponse().read()))
    return sizes
"""
    served = await call(only_namespaces, PLAIN, code)
    assert len(set(json.loads(served.seen.returned or ""))) == 1
    assert len(served.seen.requests) == 3


async def test_threads_share_the_channel(only_namespaces: LocalSandbox) -> None:
    body = """    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as pool:
        return [len(answer[2]) for answer in pool.map(lambda _: ask(url + "/parcels"), range(40))]"""
    value, seen = await _client(only_namespaces, PLAIN, body)
    assert value == [7] * 40
    assert len(seen.requests) == 40


async def test_an_asynchronous_program_waits_by_the_same_clock(only_namespaces: LocalSandbox) -> None:
    code = (
        CLIENT
        + """
import asyncio
async def main(url):
    await asyncio.sleep(100)
    answers = await asyncio.gather(*(asyncio.to_thread(ask, url + "/parcels") for _ in range(3)))
    async with asyncio.timeout(5):
        await asyncio.sleep(1)
    return len(answers)
"""
    )
    served = await call(only_namespaces, PLAIN, code, PLAIN.url)
    assert served.seen.raised is None
    assert served.seen.waited_s == pytest.approx(101, abs=0.1)
    assert served.execution.usage.wall_s < 10


async def test_waits_of_other_kinds_end_as_well(only_namespaces: LocalSandbox) -> None:
    program = Program(
        code="""
import queue, threading, waiting
def main():
    waiting.run()
    try:
        queue.Queue().get(timeout=0.01)
    except queue.Empty:
        return threading.Event().wait(0.01)
""",
        entry_point="main",
        files={"waiting.py": b"import asyncio\ndef run():\n    asyncio.run(asyncio.sleep(50))"},
    )
    served = await ServiceBeside(sandbox=only_namespaces).run(PLAIN, program)
    assert served.seen.returned == "false"
    assert served.seen.waited_s == pytest.approx(50, abs=0.1)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://api.test/parcels", "TLS is not offered"),
        ("https://api.test:8443/parcels", "there is only http://api.test"),
        ("http://example.org/", "there is only http://api.test"),
        ("http://127.0.0.1:8080/", "there is only http://api.test"),
    ],
)
async def test_other_places_are_told_apart_with_the_remedy(
    only_namespaces: LocalSandbox, url: str, words: str
) -> None:
    code = "import urllib.request\ndef main(url):\n    urllib.request.urlopen(url)"
    served = await call(only_namespaces, PLAIN, code, url)
    assert served.seen.raised is not None
    assert words in served.seen.raised.value
    assert served.seen.requests == ()


async def test_what_a_program_raises_prints_and_exits_with_is_told(only_namespaces: LocalSandbox) -> None:
    served = await call(only_namespaces, PLAIN, "def main():\n    print('so far')\n    return {}['x']")
    assert served.seen.raised is not None
    assert (served.seen.raised.name, served.seen.raised.line) == ("KeyError", 3)
    assert served.execution.stdout == "so far\n"
    assert (await call(only_namespaces, PLAIN, "def main(:")).seen.raised is not None
    assert (await call(only_namespaces, PLAIN, "main = 3")).seen.raised is not None
    assert (
        await call(only_namespaces, PLAIN, "def main():\n    raise SystemExit(3)")
    ).execution.exit_code == 3
    assert (await call(only_namespaces, PLAIN, "def main():\n    return object()")).seen.raised is not None


async def test_files_lie_beside_the_program(only_namespaces: LocalSandbox) -> None:
    program = Program(
        code="import mine\ndef main():\n    return [mine.X, list(open('data/raw', 'rb').read())]",
        entry_point="main",
        files={"mine.py": b"X = 'ok'", "data/raw": bytes([0, 13, 10, 255])},
    )
    served = await ServiceBeside(sandbox=only_namespaces).run(PLAIN, program)
    assert served.seen.returned == '["ok", [0, 13, 10, 255]]'


async def test_equal_services_answer_equally(only_namespaces: LocalSandbox) -> None:
    body = '    return [ask(url + "/parcels")[1]["X-Next-Cursor"]]'
    first = await _client(only_namespaces, SERVICE, body)
    again = await _client(only_namespaces, SERVICE, body)
    other = await _client(only_namespaces, SERVICE.model_copy(update={"seed": 1}), body)
    assert first == again
    assert first[0] != other[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"resources": ()},
        {"resources": (PARCELS, PARCELS)},
        {"resources": (PARCELS,), "host": "http://api.test"},
        {"resources": (PARCELS,), "faults": (Fault(at=1), Fault(at=1))},
        {"resources": (PARCELS,), "latency_s": float("nan")},
    ],
)
def test_a_service_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Service.model_validate(wrong)


def test_pages_with_a_cursor_in_the_body_need_a_field_for_the_list() -> None:
    with pytest.raises(ValidationError, match="needs items"):
        Pages(style="cursor_body")
