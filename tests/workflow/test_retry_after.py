from __future__ import annotations

from datetime import UTC, datetime
from email.message import Message
from urllib.error import HTTPError

import httpx
import pytest

from tta_dev_primitives.workflow import parse_retry_after
from tta_dev_primitives.workflow.retry_after import carried_retry_after

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0),
        ("Thu, 01 Jan 2026 12:00:30", 30),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Thu, 01 Jan 2026 12:00:00 +99999999999999999999", None),
    ],
)
def test_a_header_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, now=NOW) == seconds


def with_attributes(**attributes: object) -> OSError:
    error = OSError()
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


def of_httpx(headers: dict[str, str]) -> Exception:
    request = httpx.Request("GET", "http://localhost")
    return httpx.HTTPStatusError("429", request=request, response=httpx.Response(429, headers=headers))


def of_urllib() -> Exception:
    headers = Message()
    headers["Retry-After"] = "4"
    return HTTPError("http://localhost", 429, "slow down", headers, None)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (with_attributes(retry_after_s=1.5), 1.5),
        (with_attributes(retry_after_s="1"), None),
        (of_httpx({"Retry-After": "3"}), 3),
        (of_httpx({"retry-after": "soon"}), None),
        (of_httpx({}), None),
        (of_urllib(), 4),
        (with_attributes(headers={"Retry-After": "5"}), 5),
        (with_attributes(headers={"retry-after": 5}), None),
        (with_attributes(headers=None, response=None), None),
        (OSError(), None),
    ],
)
def test_an_error_can_carry_how_long_to_wait(error: Exception, seconds: float | None) -> None:
    assert carried_retry_after(error) == seconds
