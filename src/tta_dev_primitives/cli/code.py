"""Programs on the screen."""

from __future__ import annotations

from rich.syntax import Syntax

from .screen import safe


def show_code(code: str, language: str = "python", *, most: int | None = None) -> Syntax:
    """Return `code` to print, highlighted where there are colours; `most` caps its lines."""
    rows = safe(code).rstrip().split("\n")
    if most is not None and len(rows) > most:
        rows = [*rows[:most], f"# ... {len(rows) - most} more lines"]
    return Syntax("\n".join(rows), language, theme="ansi_dark", background_color="default", word_wrap=True)
