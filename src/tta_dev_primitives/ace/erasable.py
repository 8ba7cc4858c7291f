"""An event whose texts can be erased while its place in the history stays."""

from __future__ import annotations

from .value import Value


class Erasable(Value):
    """An event with texts. They are gone, and `erased` says so, once the bullet they are about was forgotten.

    The id of its record stays that of the whole event, so the chain of hashes holds.
    """

    erased: bool = False
