"""Scripted HTTP services that run beside a program, behind a process border, and say what they saw."""

from .beside import Served, ServiceBeside
from .carrier import MOST_SENT_BYTES
from .program import Program
from .seen import Raised, Seen, SeenItems, SeenRequest
from .service import Auth, Fault, Pages, RateLimit, Resource, Service

__all__ = [
    "MOST_SENT_BYTES",
    "Auth",
    "Fault",
    "Pages",
    "Program",
    "Raised",
    "RateLimit",
    "Resource",
    "Seen",
    "SeenItems",
    "SeenRequest",
    "Served",
    "Service",
    "ServiceBeside",
]
