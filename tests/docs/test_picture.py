from __future__ import annotations

from docs.demo_svg import PICTURE, excerpt, rows, screen

_TOLD = ("Pass", "Control", "str-", "First-try")


def test_the_picture_shows_what_the_demonstration_prints() -> None:
    drawn = [_packed(row) for row in rows(PICTURE.read_text(encoding="utf-8")) if row.startswith(_TOLD)]
    printed = [_packed(row) for row in excerpt(screen()).splitlines() if row.startswith(_TOLD)]

    assert drawn == printed
    assert len(drawn) == 11


def _packed(row: str) -> str:
    """Return a row without its spaces, which a picture holds as distances."""
    return "".join(row.split())
