"""The frozen pydantic base of every value of this package that crosses a boundary."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """Immutable, and without unknown fields: what we cannot name we do not read."""

    model_config = ConfigDict(frozen=True, extra="forbid")
