"""Use case 1: an API client that learns authentication, pagination and rate limits from real answers.

    python examples/api_client.py [--model MODEL | --scripted]

The service is a Python object that is put beside the program, as the sandbox has no network. Its short
documentation does not say how it wants its token, nor in which unit it asks to wait; running code does.
"""

from __future__ import annotations

from _show import Answers, start, tell, watched
from tta_dev_primitives.ace import CodeTask, SelfLearningCodePrimitive
from tta_dev_primitives.llm import Role

SERVICE = '''
"""A parcel service with its own clock, so that nobody really waits."""


class Service:
    def __init__(self, token, parcels):
        self.token, self.parcels = token, parcels
        self.now, self.ready_at, self.answers, self.too_early = 0.0, 0.0, 0, 0

    def sleep(self, seconds):
        self.now += seconds

    def get(self, path, headers, query):
        """Return (status, headers, JSON value)."""
        if headers.get("Authorization") != f"Token {self.token}":
            given = headers.get("Authorization", "").split(" ")[0]
            return 401, {}, {"error": f"wrong scheme or token: {given!r}; the scheme is 'Token'"}
        if path != "/parcels":
            return 404, {}, {"error": f"no such path: {path}"}
        if self.now < self.ready_at:
            self.too_early += 1
        elif self.answers == 2:
            self.answers, self.ready_at = 0, self.now + 1.5
        else:
            self.answers += 1
            first = int(query.get("cursor", 0))
            more = {"X-Next-Cursor": str(first + 3)} if first + 3 < len(self.parcels) else {}
            return 200, more, self.parcels[first : first + 3]
        return 429, {"Retry-After": "1500"}, {"error": "too many requests; Retry-After: 1500 ms"}
'''

DOCUMENTATION = """
`service.get(path, headers, query)` returns (status, headers, JSON value). GET /parcels returns parcels such
as {"id": 1, "grams": 250}, one page at a time; while there are more, the answer has the header X-Next-Cursor,
which goes into the next query as `cursor`. The token belongs into the header Authorization; a wrong one is
answered with 401. Too many requests are answered with 429 and the header Retry-After.
`service.sleep(seconds)` waits.
"""

TESTS = """
from parcels import Service

PARCELS = [{"id": n, "grams": 100 * n} for n in range(1, 15)]

def test_no_parcel_is_missing():
    assert FUNCTION(Service("s3cret", PARCELS), "s3cret") == EXPECTED

def test_it_waits_as_long_as_it_is_told():
    service = Service("s3cret", PARCELS)
    FUNCTION(service, "s3cret")
    assert service.too_early == 0, "a request came too early"
    waited = f"waited {service.now:g} seconds in all; 1.5 seconds at a time were asked for"
    assert service.now < 60, waited

def test_a_wrong_token_is_a_permission_error():
    try:
        FUNCTION(Service("s3cret", PARCELS), "wrong")
    except PermissionError:
        return
    raise AssertionError("no PermissionError")
"""


def parcel_task(task: str, function: str, expected: str) -> CodeTask:
    """Return a task about the service; `expected` is an expression about the tests' PARCELS."""
    return CodeTask(
        task=f"{task} Define `{function}(service, token)`; raise PermissionError if the token is refused.",
        context=f"Handle rate limits, authentication, pagination.\n{DOCUMENTATION}",
        files={"parcels.py": SERVICE},
        tests=TESTS.replace("FUNCTION", function).replace("EXPECTED", expected),
        entry_point=function,
        family="parcel service",
    )


FETCH = parcel_task("Create a robust client that returns all parcels.", "fetch_parcels", "PARCELS")
WEIGH = parcel_task("Add up the grams of all parcels of the service.", "total_grams", "10500")


async def main(learner: SelfLearningCodePrimitive) -> None:
    """Write two clients; what the first one ran into is known to the second."""
    for task in (FETCH, WEIGH):
        print(task["task"])
        tell(await learner.execute(task, watched("api-client")))


CLIENT = """
def fetch_parcels(service, token):
    parcels, query = [], {}
    while True:
        status, headers, value = service.get("/parcels", {"Authorization": f"Token {token}"}, query)
        if status == 401:
            raise PermissionError(value["error"])
        if status == 429:
            service.sleep(float(headers["Retry-After"]) / 1000)
            continue
        parcels += value
        if "X-Next-Cursor" not in headers:
            return parcels
        query = {"cursor": headers["X-Next-Cursor"]}
"""
TOTAL = (
    "\ndef total_grams(service, token):\n    return sum(p['grams'] for p in fetch_parcels(service, token))\n"
)
SCHEME = (
    "The parcel service takes its token only as `Authorization: Token ...`; `Bearer` is answered with 401."
)
UNIT = "Retry-After of the parcel service is in milliseconds: divide it by 1000 before you sleep."

ANSWERS: Answers = {
    Role.GENERATOR: (
        {"plan": "The usual way.", "code": CLIENT.replace("Token {", "Bearer {").replace(" / 1000", "")},
        {"plan": "Use the scheme that the 401 names.", "code": CLIENT.replace(" / 1000", "")},
        {"plan": "Retry-After is in milliseconds.", "code": CLIENT},
        {"plan": "As learned.", "code": CLIENT + TOTAL, "strategies": ["str-00001", "str-00002"]},
    ),
    Role.REFLECTOR: (
        {
            "diagnosis": "Bearer was refused; 1500 was taken for seconds.",
            "insights": [
                {"kind": "api_fact", "content": SCHEME, "libraries": ["parcels"]},
                {"kind": "api_fact", "content": UNIT, "libraries": ["parcels"]},
            ],
        },
    ),
}

if __name__ == "__main__":
    start(SelfLearningCodePrimitive, main, __doc__, ANSWERS)
