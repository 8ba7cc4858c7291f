"""What a library answers to wrong calls, of its own and of its quirks' operations."""

from __future__ import annotations

import pytest

from tta_dev_primitives.bench.environments.families import FAMILIES
from tta_dev_primitives.bench.environments.library.draw import Draw
from tta_dev_primitives.bench.environments.programs import HELPERS, program
from tta_dev_primitives.bench.environments.trial import Outcome
from tta_dev_primitives.bench.environments.words import draw_words
from tta_dev_primitives.bench.environments.world import World

QUIET = ("window", "complement", "order", "checksum", "units", "batch")
"""Families that offer nearly all operations and leave most calls alone."""
WITHDRAWING = (*QUIET, "settled")


def world_of(families: tuple[str, ...]) -> World:
    words = draw_words(Draw(5, "words"))
    quirks = tuple(family.make(Draw(5, family.name), words) for family in FAMILIES if family.name in families)
    return World(seed=5, words=words, quirks=quirks)


def run(families: tuple[str, ...], statements: str, *, informed: bool = True) -> Outcome:
    """Run statements with a `session`, a `code` and all helpers of somebody who knows the quirks."""
    world = world_of(families)
    site = world.words.sites[0]
    code = next(iter(world.books(site, 1).summaries))
    head = f"with {world.words.names['library']}.connect({site!r}) as session:\ncode = {code!r}\n"
    body = head + world.words.fill(statements)
    return world.trial(1).run(program(world.words, body, tuple(HELPERS), world.quirks if informed else ()))


@pytest.mark.parametrize(
    ("families", "statements", "told"),
    [
        (QUIET, "session.$look(7)", "code must be a string, not 7"),
        (QUIET, "session.$look('nothing')", "NotFoundError: no "),
        (QUIET, "session.$look([code])", "code must be a string"),
        (QUIET, "session.$list('first')", "page must be a whole number, not 'first'"),
        (QUIET, "session.$list(99)", "there is no page 99"),
        (QUIET, "session.$list_ratings(code)", "codes must be a list of strings"),
        (QUIET, "session.$list_events('yesterday', '2031-02-01')", "'yesterday' is not a day in ISO form"),
        (QUIET, "session.$find('Atlantis')", "NotFoundError: no "),
        (QUIET, "session.$post('x' + 'y')", "NoteError: the text lacks its check"),
        (("checksum",), "session.$post(written('x')[:-3] + '999')", "'999' is not the check of the text"),
        (WITHDRAWING, "session.$withdraw(code, -1)", "AmountError: cannot withdraw -1"),
        (WITHDRAWING, "session.$withdraw(code, 'all')", "AmountError: .* 'all' is not whole"),
        (("settled",), "session.$withdraw(code, 0.5)", "AmountError: .* 0.5 is not whole"),
        (WITHDRAWING, "session.$withdraw(code, 10**9)", "AmountError: cannot take 1000000000 out of"),
        (WITHDRAWING, "session.$withdraw(code, 0.5)", "AmountError: 0.5 is not whole: amounts count 1/"),
        (("settled",), "session.$settle(1, 'x')", "there is no staged withdrawal 1"),
        (
            ("settled",),
            "r = session.$withdraw(code, 5); session.$settle(r.number, 'x')",
            "'x' does not settle",
        ),
        (("settled",), "session.$withdraw(code, 5)", "is only staged; before anything else"),
        (("held",), "session.$release(3)", "nothing is held at "),
        (("credits",), "session.$find($zones); session.$give_back(1)", " 1 is not out"),
        (("reserved",), "session.$reserve(code, 999)", " is not in .* 999"),
        (("corrected",), "session.$correction(1)", " 1 was never put right"),
        (("check letter",), "session.$look('Z000')", "no .* 'Z000', or its check letter is wrong"),
        (("key form",), "session.$find('Atlantis')", "there is no .* with the key 'Atlantis'"),
        (("pages",), "session.$list(1.5)", "page must be a whole number, not 1.5"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(families: tuple[str, ...], statements: str, told: str) -> None:
    first_zone = repr(world_of(families).words.zones[0])
    outcome = run(families, statements.replace("$zones", first_zone))
    pattern = told.replace(".*", "\0")
    position = 0
    for piece in pattern.split("\0"):
        position = outcome.error.find(piece, position)
        assert position >= 0, outcome.error


def test_an_amount_that_is_no_number_and_a_wrong_session_leave_the_inside_unseen() -> None:
    outcome = run(WITHDRAWING, "session.$list(float('nan'))")
    assert outcome.error.endswith("Error: an argument cannot be read")


def test_the_state_of_a_site_is_that_of_all_its_sessions() -> None:
    statements = (
        "$library.connect('{site}').$look(code); session.$look(code); session.$look(code)\n"
        "session.$look(code); session.$look(code)"
    )
    site = world_of(("held",)).words.sites[0]
    assert "held at" in run(("held",), statements.replace("{site}", site), informed=False).error


def test_a_staged_withdrawal_leaves_the_books_alone_until_it_is_settled() -> None:
    statements = (
        "before = look(session, code).$mark\n"
        "withdraw(session, code, 5)\n"
        "print(before != look(session, code).$mark)"
    )
    assert run(("settled", "held"), statements).stdout == "True\n"


def test_records_are_values_that_show_their_fields() -> None:
    statements = (
        "one, other = session.$look(code), session.$look(code)\n"
        "print(one == other, len({one, other}), repr(one).startswith('$Item(code='), one == code)"
    )
    assert run(QUIET, statements).stdout == "True 1 True False\n"


def test_an_event_shows_no_amount_until_it_is_asked_for() -> None:
    statements = (
        "row = events(session, '2031-02-02', '2031-02-05')[0]\nprint('$amount' in repr(row), row.$amount > 0)"
    )
    assert run(QUIET, statements).stdout == "False True\n"
