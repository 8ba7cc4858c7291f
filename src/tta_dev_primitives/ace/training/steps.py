"""Which steps after a batch were done, so that none is done again after a kill."""

from __future__ import annotations

from ..value import Value


class StepsDone(Value):
    """All steps after the batch `scope` were done; a line of `steps.jsonl`."""

    scope: str
