"""Steps around steps: branching, recovery, limits, durable runs. One primitive a file."""

from ..core.primitive import (
    LambdaPrimitive,
    ParallelDictPrimitive,
    ParallelPrimitive,
    SequentialPrimitive,
)
from .conditional import ConditionalPrimitive
from .router import RouterPrimitive
from .routing import Routed
from .switch import SwitchPrimitive

__all__ = [
    "ConditionalPrimitive",
    "LambdaPrimitive",
    "ParallelDictPrimitive",
    "ParallelPrimitive",
    "Routed",
    "RouterPrimitive",
    "SequentialPrimitive",
    "SwitchPrimitive",
]
