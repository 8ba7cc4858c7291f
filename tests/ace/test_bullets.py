from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.making import applied, deltas, histories, provenance, rule, sealed
from tta_dev_primitives.ace.bullet import Bullet, Kind, Status
from tta_dev_primitives.ace.bullets import Bullets
from tta_dev_primitives.ace.chunk import Chunk
from tta_dev_primitives.ace.delta import Delta, RetireBullet, ReviseBullet
from tta_dev_primitives.ace.events import Recorded
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.core.errors import PlaybookCorrupt

UNHURRIED = settings(deadline=None, max_examples=60)
MANY = 700
"""More than two chunks."""
statuses = st.sampled_from([Status.CANDIDATE, Status.VALIDATED, Status.SUSPENDED, Status.RETIRED])


def bullet(
    number: int, content: str = "", status: Status = Status.CANDIDATE, supersedes: int | None = None
) -> Bullet:
    return Bullet(
        id=f"b{number}",
        alias=f"str-{number + 1:05d}",
        kind=Kind.RULE,
        content=content or f"lesson {number}",
        provenance=provenance(),
        status=status,
        supersedes=None if supersedes is None else f"b{supersedes}",
    )


BOOK = Bullets.of(map(bullet, range(MANY)))

changes = st.lists(
    st.builds(
        bullet,
        st.integers(0, MANY - 1),
        st.sampled_from(["", "reworded"]),
        statuses,
        st.none() | st.integers(0, MANY - 1),
    ),
    max_size=6,
)
additions = st.integers(0, 600).map(lambda count: [bullet(MANY + n) for n in range(count)])


def by_id(*bullets: Bullet) -> dict[str, Bullet]:
    return {one.id: one for one in bullets}


@given(changes, additions)
@UNHURRIED
def test_it_is_the_dictionary_that_it_stands_for(changed: list[Bullet], added: list[Bullet]) -> None:
    expected = {**BOOK, **by_id(*changed, *added)}
    found = BOOK.updated(by_id(*changed, *added))

    assert list(found) == list(expected)
    assert list(found.values()) == list(expected.values())
    assert dict(found.items()) == expected == dict(found)
    assert len(found) == len(expected)
    assert all(name in found and found.get(name) is found[name] is one for name, one in expected.items())
    assert [found.at(place) for place in range(-1, len(found) + 1)] == [None, *expected.values(), None]
    assert "nothing" not in found
    assert found.get("nothing") is None
    assert found.get("nothing", "default") == "default"


@given(changes, additions)
@UNHURRIED
def test_what_was_there_before_stays_as_it_was(changed: list[Bullet], added: list[Bullet]) -> None:
    contents, active = [one.content for one in BOOK.values()], BOOK.active
    later = BOOK.updated(by_id(*changed, *added))

    assert [one.content for one in BOOK.values()] == contents
    assert BOOK.active == active
    assert (later == BOOK) == (dict(later) == dict(BOOK))


@given(changes, changes)
@UNHURRIED
def test_the_bullets_in_use_are_the_live_ones_that_no_live_one_supersedes(
    once: list[Bullet], twice: list[Bullet]
) -> None:
    first = BOOK.updated(by_id(*once))
    assert first.active_count == len(first.active)  # caches by chunk, which the second version shares
    book = first.updated(by_id(*twice))

    gone = {one.supersedes for one in book.values() if one.live}
    assert book.superseded == gone - {None}
    assert book.active == tuple(one for one in book.values() if one.live and one.id not in gone)
    assert book.active_count == len(book.active)


@given(changes, additions, changes)
@UNHURRIED
def test_the_places_that_differ_are_those_that_were_changed(
    once: list[Bullet], added: list[Bullet], twice: list[Bullet]
) -> None:
    one, other = BOOK.updated(by_id(*once)), BOOK.updated(by_id(*twice, *added))
    expected = [place for place in range(max(len(one), len(other))) if one.at(place) is not other.at(place)]

    assert list(one.differing(other)) == list(other.differing(one)) == expected
    assert list(one.differing(one)) == []


def test_no_change_makes_no_new_version() -> None:
    assert BOOK.updated({}) is BOOK
    assert Bullets.of([]) == Bullets()


def test_equal_to_any_mapping_with_the_same_content() -> None:
    assert Bullets.of(map(bullet, range(MANY))) == BOOK
    assert MappingProxyType(dict(BOOK)) == BOOK
    assert BOOK.updated(by_id(bullet(5, "other"))) != BOOK
    assert BOOK != MANY


@given(histories(), deltas)
@UNHURRIED
def test_applying_a_delta_leaves_the_playbook_as_it_was(history: tuple[Recorded, ...], part: Delta) -> None:
    playbook, same = Playbook.fold(history), Playbook.fold(history)
    before = (tuple(playbook.bullets.items()), dict(playbook.names), playbook.active, playbook.core)
    playbook.apply(part, at=1, run_id="r")

    assert (tuple(playbook.bullets.items()), dict(playbook.names), playbook.active, playbook.core) == before
    assert playbook == same


@given(histories(), deltas, deltas)
@UNHURRIED
def test_two_versions_made_from_one_know_nothing_of_each_other(
    history: tuple[Recorded, ...], one: Delta, other: Delta
) -> None:
    playbook = Playbook.fold(history)
    left = playbook.apply(one, at=1, run_id="r")
    right = playbook.apply(other, at=1, run_id="r")

    assert left.playbook == Playbook.fold((*history, *left.records))
    assert right.playbook == Playbook.fold((*history, *right.records))


def test_versions_share_what_did_not_change() -> None:
    playbook = applied(rule("one"), rule("two"), rule("three"))
    later = applied(ReviseBullet(bullet="str-00002", revision=1, content="2"), rule("four"), to=playbook)

    assert [later.bullets.at(place) is playbook.bullets.at(place) for place in range(4)] == [
        True,
        False,
        True,
        False,
    ]
    assert list(playbook.bullets.differing(later.bullets)) == [1, 3]


def test_the_size_follows_what_is_superseded() -> None:
    playbook = sealed(applied(rule("one"), rule("two")), "str-00001")
    better = applied(ReviseBullet(bullet="str-00001", revision=1, content="1"), to=playbook)
    worse = applied(RetireBullet(bullet="str-00003", reason="worse"), to=better)
    gone = applied(RetireBullet(bullet="str-00001", reason="both"), to=better)

    assert [book.size for book in (playbook, better, worse, gone)] == [2, 2, 2, 2]
    assert [one.content for one in gone.active] == ["two", "1"]


def written(book: Bullets) -> Bullets:
    """Return the bullets as they are read from a snapshot: nothing is parsed yet."""
    return Bullets.written(Chunk.written([*chunk.lines], chunk.summary) for chunk in book.chunks)


@given(changes, additions, st.lists(st.integers(0, MANY - 1), max_size=3))
@UNHURRIED
def test_what_is_not_parsed_yet_changes_as_what_is(
    changed: list[Bullet], added: list[Bullet], looked_at: list[int]
) -> None:
    unread, expected = written(BOOK), BOOK.updated(by_id(*changed, *added))
    assert [unread.at(place) for place in looked_at] == [BOOK.at(place) for place in looked_at]

    found = unread.updated(by_id(*changed, *added))

    assert found.superseded == expected.superseded
    assert (found.active_count, len(found)) == (expected.active_count, len(expected))
    assert [chunk.lines for chunk in found.chunks] == [chunk.lines for chunk in expected.chunks]
    assert found.active == expected.active
    assert found == expected
    assert written(found) == expected


def test_a_line_that_is_not_the_bullet_it_stands_for_is_named() -> None:
    (chunk,) = Bullets.of([bullet(1), bullet(2)]).chunks
    swapped = Bullets.written([Chunk.written([*reversed(chunk.lines)], chunk.summary)])
    broken = Bullets.written([Chunk.written(["{}", chunk.lines[1]], chunk.summary)])

    assert broken.at(1) == bullet(2)
    with pytest.raises(PlaybookCorrupt, match="cannot be read"):
        broken.at(0)
    with pytest.raises(PlaybookCorrupt, match="other strategies"):
        swapped.read()
