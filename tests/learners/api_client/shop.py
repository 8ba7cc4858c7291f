"""A shop's service and its client, which these tests make worse in one way each."""

from __future__ import annotations

from typing import Final

from pydantic import JsonValue

from tta_dev_primitives.learners.api_client import ApiClientTask, Conduct, Scenario
from tta_dev_primitives.sandbox.services import Auth, Fault, Pages, RateLimit, Resource, Service

ITEMS: Final[tuple[dict[str, JsonValue], ...]] = tuple({"id": n, "grams": 100 * n} for n in range(1, 8))
SERVICE: Final = Service(
    resources=(
        Resource(path="/parcels", items=ITEMS, pages=Pages(size=3)),
        Resource(path="/orders", creates=True, required=("sku",), idempotency="Idempotency-Key"),
    ),
    auth=Auth(credential="s3cret", prefix="Token ", hint="the scheme is Token"),
    limit=RateLimit(requests=2, wait_s=2.5),
    faults=(Fault(at=2, status=503, retry_after_s=4), Fault(at=5, kind="lost")),
)
ORDERED: Final[JsonValue] = {"sku": "A1"}
SCENARIO: Final = Scenario(
    service=SERVICE,
    args=(SERVICE.url, "s3cret"),
    returns=[100, 200, 300, 400, 500, 600, 700, 1],
    conduct=Conduct(whole=("/parcels",), created={"/orders": (ORDERED,)}, most_requests=12, most_s=30),
)
REFUSED: Final = Scenario(
    service=SERVICE,
    args=(SERVICE.url, "wrong"),
    raises="PermissionError",
    conduct=Conduct(most_unauthorized=1),
)
CLIENT: Final = """
import json, time, urllib.error, urllib.request

def ask(url, token, body=None, key=None):
    headers = {"Authorization": f"Token {token}"}
    if key:
        headers["Idempotency-Key"] = key
    data = None if body is None else json.dumps(body).encode()
    for left in range(5, -1, -1):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=5) as answer:
                return answer.headers, json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 401:
                raise PermissionError(json.load(error)["error"])
            if error.code not in (429, 503) or not left:
                raise
            time.sleep(float(error.headers["Retry-After"]))
        except (ConnectionError, TimeoutError):
            if not left:
                raise

def main(url, token):
    grams, query = [], ""
    while True:
        headers, items = ask(url + "/parcels" + query, token)
        grams += [item["grams"] for item in items]
        if "X-Next-Cursor" not in headers:
            break
        query = "?cursor=" + headers["X-Next-Cursor"]
    return [*grams, ask(url + "/orders", token, {"sku": "A1"}, "order-1")[1]["id"]]
"""
TASK: Final = ApiClientTask(
    task="Return the grams of all parcels, then order A1 and return its id. Define main(url, token).",
    documentation="GET /parcels comes in pages. POST /orders takes a JSON object with a sku.",
    entry_point="main",
    scenarios=(SCENARIO, REFUSED),
    max_iterations=1,
)
