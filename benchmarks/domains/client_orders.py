"""Tasks about the services of houses: seeded draws of a house, a way to list or create, and a mishap."""

from __future__ import annotations

import random
from typing import Final

from pydantic import JsonValue

from tta_dev_primitives.learners.api_client import ApiClientTask, Conduct, Scenario
from tta_dev_primitives.sandbox.services import Auth, Fault, Pages, RateLimit, Resource, Service

from .houses import HOUSES, PLAIN, House
from .world import TASKS

KEY: Final = "k-1931"
_BLOCK, _EASY = 10, 2
"""Of each ten tasks, two for which the usual way is right, so that all parts of a curve are equally hard."""
_THINGS: Final = ("parcels", "invoices", "tickets", "readings", "members", "orders")
_PAGES: Final = {
    "header": Pages(style="cursor_header", size=4),
    "body": Pages(style="cursor_body", size=4, items="items", told="next", parameter="after"),
    "link": Pages(style="link", size=4),
}
_FAULTS: Final = {
    "5xx": Fault(at=2, status=503),
    "reset": Fault(at=2, kind="reset"),
    "stall": Fault(at=2, kind="stall"),
    "broken": Fault(at=2, kind="truncated"),
}


def orders(seed: int, count: int = TASKS) -> tuple[ApiClientTask, ...]:
    """Return `count` tasks; equal seeds give equal ones."""
    draw = random.Random(seed)  # noqa: S311  # no secret
    easy = {first + place for first in range(0, count, _BLOCK) for place in draw.sample(range(_BLOCK), _EASY)}
    return tuple(_order(draw, number, easy=number in easy) for number in range(count))


def _order(draw: random.Random, number: int, *, easy: bool) -> ApiClientTask:
    thing = draw.choice(_THINGS)
    if easy:
        return _listing(draw, PLAIN, thing, None, f"list-{number}")
    house = draw.choice(HOUSES)
    limit = RateLimit(requests=2, wait_s=1.5, unit=house.unit) if draw.random() < 0.5 else None  # noqa: PLR2004
    kind = draw.choice(("list", "list", "sum", "create"))
    make = _creating if kind == "create" else _listing
    return make(draw, house, thing, limit, f"{kind}-{number}")


def _auth(house: House) -> Auth:
    return Auth(place=house.place, name=house.header, prefix=house.prefix, credential=KEY, hint=house.hint)


def _listing(
    draw: random.Random, house: House, thing: str, limit: RateLimit | None, name: str
) -> ApiClientTask:
    items: list[dict[str, JsonValue]] = [
        {"id": n, "grams": draw.randrange(100, 999)} for n in range(1, draw.randrange(7, 12))
    ]
    pages, fault = _PAGES[draw.choice(list(_PAGES))], _FAULTS[draw.choice(list(_FAULTS))]
    easy = house is PLAIN
    service = Service(
        resources=(Resource(path=f"/{thing}", items=tuple(items), pages=None if easy else pages),),
        auth=_auth(house),
        limit=limit,
        faults=() if easy else (fault,),
        seed=draw.randrange(1 << 30),
    )
    summing = name.startswith("sum")
    total: JsonValue = sum(int(str(item["grams"])) for item in items)
    what = f"Return the grams of all {thing} together." if summing else f"Return the list of all {thing}."
    return _task(
        house,
        f"{what} GET /{thing}.",
        "total" if summing else "fetch_all",
        Scenario(
            service=service,
            args=(service.url, thing, KEY),
            returns=total if summing else [dict(item) for item in items],
            conduct=Conduct(whole=(f"/{thing}",), most_s=60),
        ),
        name,
    )


def _creating(
    draw: random.Random, house: House, thing: str, limit: RateLimit | None, name: str
) -> ApiClientTask:
    bodies: list[JsonValue] = [{"grams": draw.randrange(100, 999)} for _ in range(3)]
    service = Service(
        resources=(
            Resource(path=f"/{thing}", creates=True, required=("grams",), idempotency="Idempotency-Key"),
        ),
        auth=_auth(house),
        limit=limit,
        faults=(Fault(at=2, kind="lost"),),
        seed=draw.randrange(1 << 30),
    )
    conduct = Conduct(created={f"/{thing}": tuple(bodies)}, most_s=60)
    scenario = Scenario(
        service=service, args=(service.url, thing, KEY, bodies), returns=[1, 2, 3], conduct=conduct
    )
    return _task(house, f"Create {thing} by POST /{thing}; return their ids.", "create_all", scenario, name)


def _task(house: House, what: str, entry_point: str, scenario: Scenario, name: str) -> ApiClientTask:
    return ApiClientTask(
        task=f"{house.name}: {what} Define {entry_point}{_PARAMETERS[entry_point]}.",
        documentation="HTTP services of some houses. They want your key. Lists come in pages.",
        entry_point=entry_point,
        max_iterations=6,
        scenarios=(scenario,),
        family=house.name,
        id=name,
    )


_PARAMETERS: Final = {
    "fetch_all": "(url, thing, key)",
    "total": "(url, thing, key)",
    "create_all": "(url, thing, key, bodies)",
}
