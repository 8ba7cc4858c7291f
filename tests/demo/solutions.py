"""Programs for the demo's tasks: a body per task, under a prelude that knows or does not know each quirk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ALL_QUIRKS = ("grid", "day", "window", "eighths", "gate", "settle", "corrected")

QUIRKS: Mapping[str, frozenset[str]] = {
    "learn-1": frozenset({"grid", "gate"}),
    "learn-2": frozenset({"day", "window"}),
    "learn-3": frozenset({"gate", "eighths"}),
    "learn-4": frozenset({"settle", "eighths"}),
    "learn-5": frozenset({"day", "window", "corrected"}),
    "learn-6": frozenset({"grid", "settle"}),
    "learn-7": frozenset({"grid", "gate", "eighths"}),
    "learn-8": frozenset({"day", "corrected", "eighths"}),
    "test-1": frozenset({"grid", "day", "window"}),
    "test-2": frozenset({"gate", "settle"}),
    "test-3": frozenset({"day", "window", "eighths"}),
    "test-4": frozenset({"grid", "settle", "eighths"}),
    "test-5": frozenset({"day", "window", "gate"}),
    "test-6": frozenset({"day", "corrected", "gate"}),
    "test-7": frozenset({"gate", "settle", "eighths"}),
    "test-8": frozenset({"day", "corrected", "settle"}),
}

_PRELUDE = """\
from collections import Counter
from datetime import date, timedelta

import garnhythe


def day(iso):
    return date.fromisoformat(iso).strftime("%Y.%j") if "day" in KNOWN else iso


def moves(session, first, last):
    if "window" in KNOWN:
        first = (date.fromisoformat(first) - timedelta(days=1)).isoformat()
    return session.moves(day(first), day(last))


def listed(session):
    number, step = (700, 35) if "grid" in KNOWN else (1, 1)
    while True:
        page = session.lots(number)
        yield from page.lots
        if page.last:
            return
        number += step


def look(session, code):
    try:
        return session.lot(code)
    except garnhythe.GarnhytheError as error:
        if "gate" not in KNOWN or not hasattr(error, "gate"):
            raise
        session.release(error.gate)
        return session.lot(code)


def moved(session, move):
    try:
        return move.amount
    except garnhythe.GarnhytheError:
        if "corrected" not in KNOWN:
            raise
        return session.correction(move.number).amount


def to_kg(amount):
    return amount / 8 if "eighths" in KNOWN else amount


def from_kg(kg):
    return kg * 8 if "eighths" in KNOWN else kg


def withdraw(session, code, kg=None):
    before = look(session, code)
    receipt = session.withdraw(code, before.amount if kg is None else from_kg(kg))
    if "settle" in KNOWN:
        session.settle(receipt.number, f"{receipt.number}/{before.mark}")
    return look(session, code)
"""

_ATTEMPT = """\
import time
from datetime import datetime


def attempt(calls):
    for call in calls:
        try:
            return call()
        except Exception as error:
            last = error
    raise last
"""

_GUESSES: Mapping[str, str] = {
    "grid": """\
def listed(session):
    found = 0
    for number in (None, "", *range(-1, 257)):
        try:
            page = session.lots(number)
        except Exception as error:
            last = error
            continue
        found += 1
        yield from page.lots
        if page.last:
            return
    if not found:
        raise last
""",
    "day": """\
def moves(session, first, last):
    forms = ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %b %Y"]
    forms += ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%j", "%Y%j", "%G-W%V-%u"]
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    start -= timedelta(days="window" in KNOWN)
    pairs = [(start.strftime(form), end.strftime(form)) for form in forms]
    pairs += [(start.date(), end.date()), (start, end), (start.timestamp(), end.timestamp())]
    return attempt([lambda pair=pair: session.moves(*pair) for pair in pairs])
""",
    "gate": """\
def look(session, code):
    def patiently():
        time.sleep(0.01)
        return session.lot(code)

    return attempt([patiently] * 5 + [lambda: garnhythe.connect(DEPOT).lot(code)] * 3)
""",
    "corrected": """\
def moved(session, move):
    try:
        return move.amount
    except Exception:
        return 0
""",
    "eighths": """\
def from_kg(kg):
    return kg if kg == int(kg) else int(kg * 1000)
""",
    "settle": """\
def withdraw(session, code, kg=None):
    before = look(session, code)
    receipt = session.withdraw(code, before.amount if kg is None else from_kg(kg))
    for owner in (session, receipt):
        for name in ("commit", "confirm", "save", "flush"):
            if hasattr(owner, name):
                attempt([getattr(owner, name), lambda: getattr(owner, name)(receipt)])
    return attempt([lambda: look(session, code), lambda: look(garnhythe.connect(DEPOT), code)])
""",
}

_BODIES: Mapping[str, tuple[str, str]] = {
    "learn-1": (
        "Aldermoor",
        """\
    grades = Counter(look(session, line.code).grade for line in list(listed(session)))
    for grade in sorted(grades):
        print(grade, grades[grade])
""",
    ),
    "learn-2": (
        "Brackwater",
        """\
    kinds = Counter(move.kind for move in moves(session, "2031-03-03", "2031-03-14"))
    print(f"in={kinds['in']} out={kinds['out']}")
""",
    ),
    "learn-3": (
        "Corrieburn",
        """\
    codes = ("C110", "C147", "C184", "C132", "C169")
    print(f"{sum(to_kg(look(session, code).amount) for code in codes):.3f}")
""",
    ),
    "learn-4": (
        "Dunmallet",
        """\
    lot = withdraw(session, "D184", 37.5)
    print(f"{lot.mark} {to_kg(lot.amount):.3f}")
""",
    ),
    "learn-5": (
        "Aldermoor",
        """\
    found = [(moved(session, move), move.number) for move in moves(session, "2031-02-13", "2031-03-05")]
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    print(",".join(str(number) for _, number in found[:4]))
""",
    ),
    "learn-6": (
        "Brackwater",
        """\
    code = next(line.code for line in listed(session) if line.bay == 17)
    print(code, withdraw(session, code).mark)
""",
    ),
    "learn-7": (
        "Corrieburn",
        """\
    totals = Counter()
    for line in list(listed(session)):
        totals[line.product] += to_kg(look(session, line.code).amount)
    for product in sorted(totals):
        print(f"{product} {totals[product]:.3f}")
""",
    ),
    "learn-8": (
        "Dunmallet",
        """\
    net = 0
    for move in moves(session, "2031-03-16", "2031-03-27"):
        net += to_kg(moved(session, move)) * (1 if move.kind == "in" else -1)
    print(f"{net:.3f}")
""",
    ),
    "test-1": (
        "Corrieburn",
        """\
    product = {line.code: line.product for line in listed(session)}
    counts = Counter(product[move.lot] for move in moves(session, "2031-05-06", "2031-05-17"))
    for name in sorted(counts):
        print(name, counts[name])
""",
    ),
    "test-2": (
        "Aldermoor",
        """\
    for code in ("A110", "A169", "A117"):
        print(code, withdraw(session, code).mark)
""",
    ),
    "test-3": (
        "Dunmallet",
        """\
    found = [move for move in moves(session, "2031-04-08", "2031-04-11") if move.kind == "out"]
    print(f"{sum(to_kg(moved(session, move)) for move in found):.3f}")
""",
    ),
    "test-4": (
        "Corrieburn",
        """\
    code = next(line.code for line in listed(session) if line.bay == 8)
    lot = withdraw(session, code, 21.25)
    print(f"{code} {lot.mark} {to_kg(lot.amount):.3f}")
""",
    ),
    "test-5": (
        "Dunmallet",
        """\
    codes = sorted({move.lot for move in moves(session, "2031-06-12", "2031-06-14")})
    for code in codes:
        print(code, look(session, code).grade)
""",
    ),
    "test-6": (
        "Brackwater",
        """\
    found = [(moved(session, move), move) for move in moves(session, "2031-02-16", "2031-03-08")]
    found.sort(key=lambda pair: (-pair[0], pair[1].number))
    for _, move in found[:3]:
        print(move.number, look(session, move.lot).grade)
""",
    ),
    "test-7": (
        "Brackwater",
        """\
    for code, kg in (("B147", 12.5), ("B132", 8.75), ("B184", 40.125)):
        lot = withdraw(session, code, kg)
        print(f"{code} {lot.mark} {to_kg(lot.amount):.3f}")
""",
    ),
    "test-8": (
        "Aldermoor",
        """\
    found = moves(session, "2031-05-18", "2031-05-30")
    code = max((moved(session, move), -move.number, move.lot) for move in found)[2]
    print(code, withdraw(session, code).mark)
""",
    ),
}


def program(task_id: str, known: Iterable[str], guessed: Iterable[str] = ()) -> str:
    """A program for the task by somebody who knows some quirks and meets others with defensive guesses."""
    depot, body = _BODIES[task_id]
    head = f"KNOWN, DEPOT = {sorted(known)!r}, {depot!r}"
    guesses = [_ATTEMPT, *(_GUESSES[quirk] for quirk in guessed if quirk in _GUESSES)]
    return "\n".join([head, _PRELUDE, *guesses, f"with garnhythe.connect(DEPOT) as session:\n{body}"])


def informed(task_id: str) -> str:
    """A program by somebody who knows exactly the quirks that the task is said to need."""
    return program(task_id, QUIRKS[task_id])


def naive(task_id: str) -> str:
    """What the documentation alone leads to."""
    return program(task_id, ())


def defensive(task_id: str) -> str:
    """The documentation plus guesses of good habit: many date forms, retries, skipping, commit-like calls."""
    return program(task_id, (), guessed=ALL_QUIRKS)


def missing(task_id: str, quirk: str, *, guessing: bool) -> str:
    """A program by somebody who knows all that the task needs except one quirk, and may guess at that one."""
    return program(task_id, QUIRKS[task_id] - {quirk}, guessed=(quirk,) if guessing else ())
