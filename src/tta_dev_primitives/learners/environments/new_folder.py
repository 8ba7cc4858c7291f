"""A new folder that appears when all is in it, or not at all."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from ...core.errors import ConfigurationError, StoreError


@contextmanager
def new_folder(target: Path) -> Generator[Path]:
    """Yield a folder beside `target`, which takes that name at the end of the block.

    Raises:
        ConfigurationError: `target` exists, or cannot be made.
    """
    if target.exists():
        raise ConfigurationError(f"{str(target)!r} exists; a backup is a new folder, so name another")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        unfinished.rename(target)
    except StoreError:  # some are an OSError too
        raise
    except OSError as error:
        raise ConfigurationError(f"{str(target)!r} cannot be made: {error.strerror}; name another") from error
    finally:
        rmtree(unfinished, ignore_errors=True)
