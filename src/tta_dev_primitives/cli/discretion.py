"""Discretion: what the command line prints passes here, and secrets do not."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Final, TextIO, cast

from ..core.redaction import redact

if TYPE_CHECKING:
    from ..core.known_secrets import KnownSecrets

_STYLE: Final = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def discreet(secrets: KnownSecrets) -> Generator[None]:
    """Redact what is written to stdout and stderr until the block ends; `secrets` may grow meanwhile."""
    out, err = _Discreet(sys.stdout, secrets), _Discreet(sys.stderr, secrets)
    with redirect_stdout(cast("TextIO", out)), redirect_stderr(cast("TextIO", err)):
        yield


class _Discreet:
    """A stream in front of another one. Each write is looked at by itself."""

    def __init__(self, stream: TextIO, secrets: KnownSecrets) -> None:
        self._stream, self._secrets = stream, secrets

    def write(self, text: str) -> int:
        """Write `text` without secrets; where there was one, also without colours, which might divide it."""
        plain = _STYLE.sub("", text)
        told = redact(plain, self._secrets.now)
        self._stream.write(text if told == plain else told)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write all of them."""
        self.write("".join(lines))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
