from __future__ import annotations

from docs.demo_svg import rows
from docs.trace_svg import PICTURE, lines, shape


async def test_the_picture_shows_what_the_command_prints() -> None:
    drawn = [shape(row) for row in rows(PICTURE.read_text(encoding="utf-8"), "trace")]
    printed = [shape(line.plain) for line in await lines()]
    assert drawn == printed
    assert len(drawn) == 20
