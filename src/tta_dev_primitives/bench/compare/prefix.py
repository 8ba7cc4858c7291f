"""How much of a prompt is equal, from its beginning, to another: what a provider's prefix cache can reuse."""

from __future__ import annotations


def common(one: str, other: str) -> int:
    """Return with how many characters both begin."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[:middle]) else (low, middle - 1)
    return low
