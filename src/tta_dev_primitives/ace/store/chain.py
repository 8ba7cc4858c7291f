"""The hash chain over the events of a store."""

from __future__ import annotations

import hashlib

GENESIS = hashlib.sha256(b"playbox playbook, version 0").hexdigest()
"""What the first record links to."""


def link(prev_hash: str, seq: int, event_id: str) -> str:
    """Return the hash of the record `event_id` at place `seq`.

    It covers the event by its id, which is a hash itself: content can be erased, the chain still be checked.
    """
    return hashlib.sha256(f"{prev_hash}\n{seq}\n{event_id}".encode()).hexdigest()
