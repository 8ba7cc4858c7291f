"""The answers, read from the depots' books and not through the client."""

from __future__ import annotations

from collections.abc import Mapping

_BOOKS = """\
from collections import Counter

import garnhythe


def days(books, first, last):
    return [move for move in books.moves if first <= move.day <= last]


def true_amount(books, move):
    return books.corrections.get(move.number, move).amount


def largest(books, first, last):
    return sorted(days(books, first, last), key=lambda move: (-true_amount(books, move), move.number))


def less(books, code, eighths=None):
    books.amounts[code] -= books.amounts[code] if eighths is None else eighths
    books.writes[code] = 1
    return books.mark(code)


def bay(books, number):
    return next(lot.code for lot in books.lots.values() if lot.bay == number)


def lines(counts, form):
    for name in sorted(counts):
        print(name, format(counts[name], form))


"""

_ANSWERS: Mapping[str, tuple[str, str]] = {
    "learn-1": (
        "Aldermoor",
        """\
lines(Counter(books.grades.values()), "d")
""",
    ),
    "learn-2": (
        "Brackwater",
        """\
kinds = [move.kind for move in days(books, "2031.062", "2031.073")]
print(f"in={kinds.count('in')} out={kinds.count('out')}")
""",
    ),
    "learn-3": (
        "Corrieburn",
        """\
print(format(sum(books.amounts["C" + n] for n in "110 147 184 132 169".split()) / 8, ".3f"))
""",
    ),
    "learn-4": (
        "Dunmallet",
        """\
print(less(books, "D184", 300), format(books.amounts["D184"] / 8, ".3f"))
""",
    ),
    "learn-5": (
        "Aldermoor",
        """\
print(",".join(str(move.number) for move in largest(books, "2031.044", "2031.064")[:4]))
""",
    ),
    "learn-6": (
        "Brackwater",
        """\
print(bay(books, 17), less(books, bay(books, 17)))
""",
    ),
    "learn-7": (
        "Corrieburn",
        """\
totals = Counter()
for lot in books.lots.values():
    totals[lot.product] += books.amounts[lot.code] / 8
lines(totals, ".3f")
""",
    ),
    "learn-8": (
        "Dunmallet",
        """\
found = days(books, "2031.075", "2031.086")
net = sum(true_amount(books, move) * {"in": 1, "out": -1}[move.kind] for move in found)
print(format(net / 8, ".3f"))
""",
    ),
    "test-1": (
        "Corrieburn",
        """\
found = days(books, "2031.126", "2031.137")
lines(Counter(books.lots[move.lot].product for move in found), "d")
""",
    ),
    "test-2": (
        "Aldermoor",
        """\
for code in ("A110", "A169", "A117"):
    print(code, less(books, code))
""",
    ),
    "test-3": (
        "Dunmallet",
        """\
found = [move for move in days(books, "2031.098", "2031.101") if move.kind == "out"]
print(format(sum(true_amount(books, move) for move in found) / 8, ".3f"))
""",
    ),
    "test-4": (
        "Corrieburn",
        """\
code = bay(books, 8)
print(code, less(books, code, 170), format(books.amounts[code] / 8, ".3f"))
""",
    ),
    "test-5": (
        "Dunmallet",
        """\
for code in sorted({move.lot for move in days(books, "2031.163", "2031.165")}):
    print(code, books.grades[code])
""",
    ),
    "test-6": (
        "Brackwater",
        """\
for move in largest(books, "2031.047", "2031.067")[:3]:
    print(move.number, books.grades[move.lot])
""",
    ),
    "test-7": (
        "Brackwater",
        """\
for code, eighths in (("B147", 100), ("B132", 70), ("B184", 321)):
    print(code, less(books, code, eighths), format(books.amounts[code] / 8, ".3f"))
""",
    ),
    "test-8": (
        "Aldermoor",
        """\
code = largest(books, "2031.138", "2031.150")[0].lot
print(code, less(books, code))
""",
    ),
}


def oracle(task_id: str) -> str:
    """A program that prints the task's answer from the books."""
    depot, body = _ANSWERS[task_id]
    return f"{_BOOKS}books = garnhythe.Depot({depot!r})\n{body}"
