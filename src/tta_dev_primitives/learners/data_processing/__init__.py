"""Data processing: judged by properties of what a program prints, and by the memory that it takes."""

from .learner import DataProcessingLearner
from .properties import (
    Idempotent,
    NoMissing,
    Property,
    RowCount,
    SameValues,
    Schema,
    SortedBy,
    SumPreserved,
    Unique,
    Within,
)
from .task import DataTask, Memory

__all__ = [
    "DataProcessingLearner",
    "DataTask",
    "Idempotent",
    "Memory",
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
