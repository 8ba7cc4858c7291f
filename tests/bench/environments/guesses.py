"""What a distrustful program does that knows no quirk: many forms, retries, skipping, one thing at a time."""

from __future__ import annotations

from tta_dev_primitives.bench.environments import Quirk

GUESSES = Quirk(
    family="guesses",
    parameters={},
    gold="",
    told=(),
    handling={
        "listed": """\
def listed(session, inner=listed):
    rows, number, last = {}, -1, None
    while number < 257:
        try:
            page = session.$list(number)
        except Exception as error:
            last = error
        else:
            rows |= {row.code: row for row in page.$items}
            if page.last:
                return list(rows.values())
        number += 1
    if not rows:
        raise last
    return list(rows.values())
""",
        "look": """\
def attempt(calls):
    for call in calls:
        try:
            return call()
        except Exception as error:
            last = error
    raise last


def look(session, code, inner=look):
    return attempt([lambda: inner(session, code)] * 5)
""",
        "ratings": """\
def ratings(session, codes, inner=ratings):
    return [inner(session, [code])[0] for code in codes]
""",
        "readings": """\
def readings(session, code, inner=readings):
    return [value for value in inner(session, code) if value not in (None, -1, 0, 99, 999, 9999, -999, -9999)]
""",
        "events": """\
def events(session, first, last, inner=events):
    rows, error = [], None
    forms = ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %b %Y"]
    forms += ["%Y-%j", "%G-W%V-%u"]
    for form in forms:
        days = [date.fromisoformat(first) - timedelta(days=2), date.fromisoformat(last) + timedelta(days=2)]
        try:
            rows = inner(session, *(day.strftime(form) for day in days))
        except Exception as raised:
            error = raised
        else:
            wanted = [date.fromisoformat(first).strftime(form), date.fromisoformat(last).strftime(form)]
            return [row for row in rows if wanted[0] <= row.day <= wanted[1]]
    raise error
""",
        "moved": """\
def moved(session, event, inner=moved):
    try:
        return inner(session, event)
    except Exception:
        return 0
""",
        "given": """\
def given(quantity, inner=given):
    return quantity if quantity == int(quantity) else int(quantity * 1000)
""",
        "found": """\
def found(session, zone, inner=found):
    last = None
    for spelling in (zone, zone.upper(), zone.title(), zone[:1], zone[:1].upper(), f" {zone} "):
        try:
            return inner(session, spelling)
        except Exception as error:
            last = error
    raise last
""",
        "withdraw": """\
def withdraw(session, code, quantity, inner=withdraw):
    receipt = inner(session, code, quantity)
    for owner in (session, receipt):
        for name in ("commit", "confirm", "save", "flush", "finalize"):
            if hasattr(owner, name):
                getattr(owner, name)()
    return receipt
""",
    },
)
