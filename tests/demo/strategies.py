"""What somebody would write down after meeting each quirk: one line, enough to avoid it everywhere."""

from __future__ import annotations

from collections.abc import Mapping

STRATEGIES: Mapping[str, str] = {
    "grid": "garnhythe: page numbers of session.lots() start at 700 and go up in steps of 35 "
    "(700, 735, 770, ...); stop at the page whose .last is True.",
    "day": "garnhythe: days passed to session.moves() are strings YYYY.DDD (day of the year): "
    'd.strftime("%Y.%j"); ISO dates raise DayError.',
    "window": "garnhythe: session.moves(since, until) leaves the day `since` out and includes `until`; "
    "to include the first day pass the day before it.",
    "eighths": "garnhythe: all amounts (Lot, Move, withdraw) count eighths of a kilogram: "
    "divide by 8 for kg, multiply kg by 8 before withdraw().",
    "gate": "garnhythe: every third session.lot() raises garnhythe.HeldError; plain retries never work: "
    "catch it as e, call session.release(e.gate), then call session.lot() again.",
    "settle": "garnhythe: withdraw() is only staged; read lot.mark before it, then call "
    'session.settle(receipt.number, f"{receipt.number}/{mark}") before any other lookup.',
    "corrected": "garnhythe: reading Move.amount may raise garnhythe.CorrectedError; then the valid amount "
    "is session.correction(move.number).amount; never skip such movements.",
}
