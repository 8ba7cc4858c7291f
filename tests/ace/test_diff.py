from __future__ import annotations

from tests.ace.making import applied, rule, sealed
from tta_dev_primitives.ace.delta import MergeBullets, RetireBullet, ReviseBullet, TagBullet
from tta_dev_primitives.ace.diff import diff
from tta_dev_primitives.ace.events import Pin, PlaybookEvent, Suspend, TagKind, record
from tta_dev_primitives.ace.playbook import Playbook

OLD = applied(*(rule(f"lesson {n}") for n in range(1, 6)))


def test_nothing_changed() -> None:
    assert diff(OLD, OLD).empty


def test_every_kind_of_change_is_named() -> None:
    new = applied(
        rule("new"),
        ReviseBullet(bullet="str-00001", revision=1, content="lesson one"),
        MergeBullets(bullet="str-00002", into="str-00003"),
        RetireBullet(bullet="str-00004", reason="harmful"),
        TagBullet(bullet="str-00005", tag=TagKind.HELPFUL),
        to=OLD,
    )
    new = sealed(new, "str-00001")
    fifth = new.get("str-00005")
    assert fifth is not None
    events: tuple[PlaybookEvent, ...] = Pin(bullet=fifth.id), Suspend(bullet=fifth.id, reason="")
    new = new.extend(
        record(event, at=new.next_at(1) + n, run_id="r", actor="a") for n, event in enumerate(events)
    )
    found = diff(OLD, new)
    assert [bullet.content for bullet in found.added] == ["new"]
    assert [(change.old.content, change.new.content) for change in found.revised] == [
        ("lesson 1", "lesson one")
    ]
    for changes, alias in (
        (found.merged, "str-00002"),
        (found.retired, "str-00004"),
        (found.tagged, "str-00005"),
        (found.sealed, "str-00001"),
        (found.pinned, "str-00005"),
        (found.status, "str-00005"),
    ):
        assert [change.new.alias for change in changes] == [alias]
    assert diff(new, OLD).removed == found.added
    assert diff(Playbook(), OLD).added == OLD.active
