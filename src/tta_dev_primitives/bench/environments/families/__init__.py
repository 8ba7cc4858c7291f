"""The families of quirks, in the order in which a library's calls meet them."""

from __future__ import annotations

from typing import Final

from .batch import BATCH
from .check_letter import CHECK_LETTER
from .checksum import CHECKSUM
from .complement import COMPLEMENT
from .corrected import CORRECTED
from .credits import CREDITS
from .day_form import DAY_FORM
from .family import Family, Method, Quirk
from .held import HELD
from .key_form import KEY_FORM
from .order import ORDER
from .overlap import OVERLAP
from .pages import PAGES
from .reserved import RESERVED
from .sentinel import SENTINEL
from .settled import SETTLED
from .status import STATUS
from .tare import TARE
from .unfinished import UNFINISHED
from .units import UNITS
from .window import WINDOW

FAMILIES: Final[tuple[Family, ...]] = (
    UNFINISHED,
    CHECK_LETTER,
    SETTLED,
    HELD,
    BATCH,
    PAGES,
    OVERLAP,
    KEY_FORM,
    CREDITS,
    COMPLEMENT,
    DAY_FORM,
    WINDOW,
    CORRECTED,
    RESERVED,
    TARE,
    UNITS,
    STATUS,
    ORDER,
    SENTINEL,
    CHECKSUM,
)
"""Also the order in which a program's handling is wrapped: what is later here is further outside."""

__all__ = ["FAMILIES", "Family", "Method", "Quirk"]
