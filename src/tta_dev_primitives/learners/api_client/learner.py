"""ApiClientLearner: writes clients of HTTP services, and learns from what the services saw."""

from __future__ import annotations

from typing import Final

from ...ace.task import CodeTask
from ...ace.vocabulary import Vocabulary
from ..domain import Domain, DomainLearner
from .client_check import ClientCheck
from .task import ApiClientTask

API_CLIENT: Final = Domain(
    name="api-client",
    vocabulary=Vocabulary(
        libraries=("http.client", "json", "requests", "socket", "urllib"),
        error_signatures=(
            *("ConnectionResetError", "HTTPError", "IncompleteRead", "JSONDecodeError", "PermissionError"),
            *("RemoteDisconnected", "TimeoutError", "URLError", "Unauthorized", "TooEarly", "SentAgain"),
            *("NoTimeout", "NoIdempotencyKey", "ItemsMissing", "CreatedWrongly", "WaitedTooLong"),
        ),
        keywords=(
            *("API key", "authentication", "authorization", "backoff", "bearer", "cursor", "idempotency"),
            *("link header", "pagination", "pages", "rate limit", "Retry-After", "retry", "timeout", "token"),
        ),
    ),
    starter=__package__,
    task=ApiClientTask,
)
_HOW: Final = (
    "The client runs with Python's standard library and a connection to this service alone, by plain HTTP "
    "(http.client, urllib.request); waiting with time.sleep costs nothing. Probes have no connection."
)


class ApiClientLearner(DomainLearner[ApiClientTask]):
    """Writes clients for `ApiClientTask`s; see `DomainLearner` for its arguments.

    The sandbox must be the embedded one, with namespaces: a service of its own runs beside each program.
    """

    domain = API_CLIENT

    async def code_task(self, task: ApiClientTask) -> CodeTask:
        """Return the task with its check."""
        asked = CodeTask(
            task=task.task,
            context=f"{task.documentation.strip()}\n\n{_HOW}",
            code=task.code,
            entry_point=task.entry_point,
            files=task.files,
            checks=[ClientCheck(scenarios=task.scenarios)],
            max_iterations=task.max_iterations,
            family=task.family,
        )
        return {**asked, "id": task.id} if task.id else asked
