"""Import packages once, in the zygote, for all runs that are forked from it."""

from __future__ import annotations

import importlib
import os
import sys

from .messages import PackagesConfig

_ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""Libraries that make a thread for each core when they are loaded, which a fork would not copy."""


class PreloadFailed(Exception):
    """A module cannot be imported for all runs."""


def load(packages: PackagesConfig) -> None:
    """Make `packages` importable and import those to preload.

    Raises:
        PreloadFailed: naming the module and the reason.
    """
    sys.path += packages["search"]
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    for name in packages["preload"]:
        _import(name)
    for name in _ONE_THREAD:
        os.environ.pop(name, None)


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except BaseException as error:  # whatever it is, a SystemExit as well
        raise PreloadFailed(f"{name}: {type(error).__name__}: {error}") from error
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        raise PreloadFailed(f"{name}: it left {threads - 1} threads running, which a fork would not copy")


def reseed() -> None:
    """Give this process random numbers of its own, where a preloaded package seeded them for all."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
