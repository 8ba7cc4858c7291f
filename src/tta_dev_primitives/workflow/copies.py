"""Copies of a value as it was, for callers who may change what they get."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")


def copies_of(value: T) -> Callable[[], T]:
    """Return a function that makes an independent copy of `value`, as it is now, each time it is called.

    By pickling, which is many times as fast as a deep copy (benchmarks/recovery.py); by a deep copy for what
    cannot be pickled. The bytes never leave the process.

    Raises:
        Exception: what copying it raised; it can be copied in neither way.
    """
    try:
        data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        pickle.loads(data)  # noqa: S301  # our own bytes; some values only fail here
    except Exception:  # noqa: BLE001  # pickling runs code of the value, which raises what it likes
        snapshot = copy.deepcopy(value)
        return lambda: copy.deepcopy(snapshot)
    return lambda: cast("T", pickle.loads(data))  # noqa: S301  # as above
