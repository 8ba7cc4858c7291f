"""Items of a list: a head, and what belongs to it indented below."""

from __future__ import annotations

from rich.padding import Padding
from rich.text import Text

from .screen import Screen


def show_item(head: Text, details: tuple[Text, ...], screen: Screen) -> None:
    """Print an item; in a pipe each detail stays on one line."""
    screen.show(head)
    for detail in details:
        screen.show(
            Padding(detail, (0, 0, 0, 2)) if screen.out.is_terminal else Text("  ").append_text(detail)
        )
