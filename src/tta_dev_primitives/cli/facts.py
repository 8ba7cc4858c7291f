"""Names and values, one a line."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from .screen import Screen


def show_facts(values: Mapping[str, str | Text], screen: Screen) -> None:
    """Print the values beside their names; in a pipe each stays on one line."""
    width = max(map(len, values)) + 2
    if not screen.out.is_terminal:
        screen.show(*(Text.assemble(name.ljust(width), value) for name, value in values.items()))
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in values.items():
        grid.add_row(name, value)
    screen.show(grid)
