"""Use case 1: an API client that learns authentication, pagination and rate limits from real answers.

    python examples/api_client.py [--model MODEL | --scripted]

The service is a scripted one that runs beside the program, in a jail of its own. Its short documentation does
not say how it wants its token, nor in which unit it asks to wait; running the client does.
"""

from __future__ import annotations

from dataclasses import replace

from _show import Answers, start, tell, watched
from tta_dev_primitives.learners.api_client import ApiClientLearner, ApiClientTask, Conduct, Scenario
from tta_dev_primitives.llm import Role
from tta_dev_primitives.sandbox.services import Auth, Fault, Pages, RateLimit, Resource, Service

PARCELS = tuple({"id": n, "grams": 100 * n} for n in range(1, 15))
SERVICE = Service(
    host="parcels.test",
    resources=(Resource(path="/parcels", items=PARCELS, pages=Pages(size=3)),),
    auth=Auth(credential="s3cret", prefix="Token ", hint="the scheme is Token"),
    limit=RateLimit(requests=2, wait_s=1.5, unit="milliseconds"),
    faults=(Fault(at=4, kind="reset"),),
)
WRONG_TOKEN = Scenario(
    service=SERVICE,
    args=(SERVICE.url, "wrong"),
    raises="PermissionError",
    conduct=Conduct(most_unauthorized=1),
)
FETCH = ApiClientTask(
    task="Create a robust client that returns all parcels. Define `fetch_parcels(url, token)`; raise"
    " PermissionError if the token is refused.",
    documentation="""
GET /parcels of the parcel service returns a list of parcels such as {"id": 1, "grams": 250}, one page at a
time; while there are more, the answer has the header X-Next-Cursor, which goes into the next query as
`cursor`. The token belongs into the header Authorization. Too many requests are answered with 429 and
Retry-After. Connections are lost now and then.
""",
    entry_point="fetch_parcels",
    scenarios=(
        Scenario(
            service=SERVICE,
            args=(SERVICE.url, "s3cret"),
            returns=[dict(parcel) for parcel in PARCELS],
            conduct=Conduct(whole=("/parcels",), most_s=60),
        ),
        WRONG_TOKEN,
    ),
    family="parcel service",
)
WEIGH = replace(
    FETCH,
    task="Add up the grams of all parcels of the service. Define `total_grams(url, token)`; raise"
    " PermissionError if the token is refused.",
    entry_point="total_grams",
    scenarios=(FETCH.scenarios[0].model_copy(update={"returns": 10_500}), WRONG_TOKEN),
)


async def main(learner: ApiClientLearner) -> None:
    """Write two clients; what the first one ran into is known to the second."""
    for task in (FETCH, WEIGH):
        print(task.task)
        tell(await learner.execute(task, watched("api-client")))


CLIENT = """
import json, time, urllib.error, urllib.request

def page(url, token):
    request = urllib.request.Request(url, headers={"Authorization": f"Token {token}"})
    for _ in range(9):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer), answer.headers.get("X-Next-Cursor")
        except urllib.error.HTTPError as error:
            if error.code == 401:
                raise PermissionError(json.load(error)["error"]) from None
            if error.code != 429:
                raise
            time.sleep(float(error.headers["Retry-After"]) / 1000)
        except (ConnectionError, TimeoutError):
            time.sleep(1)
    raise TimeoutError("the service does not answer")

def fetch_parcels(url, token):
    parcels, cursor = page(f"{url}/parcels", token)
    while cursor:
        more, cursor = page(f"{url}/parcels?cursor={cursor}", token)
        parcels += more
    return parcels
"""
TOTAL = "\ndef total_grams(url, token):\n    return sum(p['grams'] for p in fetch_parcels(url, token))\n"
SCHEME = (
    "The parcel service takes its token only as `Authorization: Token ...`; `Bearer` is answered with 401."
)
UNIT = "Retry-After of the parcel service is in milliseconds: divide it by 1000 before you sleep."
BEARER = CLIENT.replace("Token {", "Bearer {").replace(" / 1000", "")

ANSWERS: Answers = {
    Role.GENERATOR: (
        {"plan": "The usual way.", "code": BEARER},
        {"plan": "Use the scheme that the 401 names.", "code": CLIENT.replace(" / 1000", "")},
        {"plan": "Retry-After is in milliseconds.", "code": CLIENT},
        {"plan": "As learned.", "code": CLIENT + TOTAL, "strategies": ["str-00001", "str-00002"]},
    ),
    Role.REFLECTOR: (
        {
            "diagnosis": "Bearer was refused; 1500 was taken for seconds.",
            "insights": [
                {"kind": "api_fact", "content": SCHEME, "keywords": ["parcel service", "token"]},
                {"kind": "api_fact", "content": UNIT, "keywords": ["parcel service", "Retry-After"]},
            ],
        },
    ),
}

if __name__ == "__main__":
    start(ApiClientLearner, main, __doc__, ANSWERS)
