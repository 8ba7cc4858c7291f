"""All properties that can be asked for: a small set, told apart by their `kind`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from .preserved import Idempotent, SameValues, SumPreserved
from .shape import NoMissing, RowCount, Schema, SortedBy, Unique, Within

__all__ = [
    "AnyProperty",
    "Idempotent",
    "NoMissing",
    "Property",
    "RowCount",
    "SameValues",
    "Schema",
    "SortedBy",
    "SumPreserved",
    "Unique",
    "Within",
]

Property: TypeAlias = (
    Schema | RowCount | Unique | SortedBy | NoMissing | Within | SumPreserved | SameValues | Idempotent
)
AnyProperty: TypeAlias = Annotated[Property, Field(discriminator="kind")]
