"""Worlds to learn in, one a domain: seeded tasks with quirks, and a craftsman who knows what he is told.

A further domain is a module with a `WORLD`, named here.
"""

from typing import Any

from . import api_client, data_processing, debugging, performance
from .world import World

WORLDS: tuple[World[Any], ...] = (
    api_client.WORLD,
    data_processing.WORLD,
    debugging.WORLD,
    performance.WORLD,
)
