"""Draw `docs/demo.svg`: what `playbox demo` shows, without the strategies and programs in full."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from html import unescape
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).with_name("demo.svg")
_WIDTH = 80
_COLOURS = {
    r"✓\d?|\b8 of 8\b": "bold green",
    r"✗": "bold red",
    r"^(Pass|Control)[^:\n]*": "bold",
    r"^str-\d+": "bold cyan",
    r"^  from .*$": "dim",
    r"^First-try success.*(\n.*)?": "bold",
}


def screen() -> Sequence[str]:
    """Return the lines of a replayed demonstration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLAYBOX_")}
    done = subprocess.run(  # our own program
        [sys.executable, "-m", "tta_dev_primitives.cli", "demo"],
        env=kept | {"COLUMNS": str(_WIDTH), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def excerpt(lines: Sequence[str]) -> str:
    """Return banner, passes, the first two strategies and the conclusion, folded at the width."""
    third = next(number for number, line in enumerate(lines) if line.startswith("str-00003"))
    end = next(line for line in lines if line.startswith("First-try success"))
    shown = [*lines[:third], "...", "", end]
    return "\n".join(row for line in shown for row in _folded(line))


def rows(svg: str, name: str = "demo") -> list[str]:
    """Return the lines that the picture called `name` shows."""
    spans = re.findall(rf'<text class="{name}-r\d+" x="[\d.]+" y="([\d.]+)"[^>]*>([^<]*)</text>', svg)
    lines: dict[str, str] = {}
    for height, text in spans:
        lines[height] = lines.get(height, "") + unescape(text).replace("\xa0", " ")
    return list(lines.values())


def _folded(line: str) -> list[str]:
    indent = re.match(r" *", line)
    return textwrap.wrap(
        line, _WIDTH, subsequent_indent=indent[0] if indent else "", drop_whitespace=len(line) > _WIDTH
    ) or [""]


def main() -> None:
    """Write the picture."""
    text = Text(excerpt(screen()))
    for pattern, style in _COLOURS.items():
        text.highlight_regex(re.compile(pattern, re.MULTILINE), style)
    PICTURE.write_text(drawn(text, "playbox demo", name="demo", width=_WIDTH), encoding="utf-8")


def drawn(text: Text, title: str, *, name: str, width: int) -> str:
    """Return a picture of a terminal; `name` tells its styles from those of other pictures."""
    console = Console(record=True, width=width, file=StringIO(), force_terminal=True, highlight=False)
    console.print(text)
    # Without the rules that fetch a font: a picture needs no network.
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    svg = console.export_svg(title=title, unique_id=name, code_format=form)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


if __name__ == "__main__":
    main()
