"""Copying: a playbook goes from one store to another with all its records, hashes and episodes."""

from __future__ import annotations

from ...core.errors import ConfigurationError
from ..playbook import Playbook
from .chain import GENESIS, link
from .lasting import NO_CONTENTS, Contents, LastingStore


async def copy(source: LastingStore, target: LastingStore) -> Playbook:
    """Copy the playbook in `source`, as it is at one moment, to `target`, which must be empty.

    Raises:
        ConfigurationError: there is nothing to copy, or `target` holds something.
        StoreError: one of its leaves; nothing was stored.
    """
    contents = await source.contents()
    if contents == NO_CONTENTS:
        raise ConfigurationError(f"the playbook {source.location!r} holds nothing to copy")
    return await begin_copy(target, contents)


async def begin_copy(target: LastingStore, contents: Contents) -> Playbook:
    """Make `target` of `contents`; the chain that it gets ends in the same hash.

    Raises:
        ConfigurationError: `target` holds something, or the records do not make the chain of `contents`.
        StoreError: one of its leaves; nothing was stored.
    """
    last = GENESIS
    for seq, item in enumerate(contents.records, start=1):
        last = link(last, seq, item.event_id)
    if last != contents.head:
        raise ConfigurationError(
            f"the records lead to {last}, not to {contents.head}, the end of the chain; nothing was copied"
        )
    return await target.begin_with(contents.records, contents.episodes)
