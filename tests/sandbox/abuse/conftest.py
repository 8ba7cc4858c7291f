"""What lies about to be stolen, for each test anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sandbox.abuse.arena import SECRET, VARIABLE, Bait, laid_bait


@pytest.fixture
def bait(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bait]:
    monkeypatch.setenv(VARIABLE, SECRET)
    with laid_bait() as one:
        yield one
