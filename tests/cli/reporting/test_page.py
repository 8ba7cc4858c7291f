from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from tests.cli.reporting.making import QUIRKS, material
from tests.cli.reporting.test_markup import Read
from tta_dev_primitives.ace.training.result import Phase
from tta_dev_primitives.cli.playbooks.archive import EMPTY
from tta_dev_primitives.cli.reporting.figures import conclusion, figures
from tta_dev_primitives.cli.reporting.material import Done, Group, Material
from tta_dev_primitives.cli.reporting.page import page
from tta_dev_primitives.cli.reporting.sections import tasks
from tta_dev_primitives.cli.reporting.sections.errors import errors
from tta_dev_primitives.cli.reporting.sections.learning import learning

TITLES = [
    "Comparison",
    "Learning curve",
    "Effort",
    "Strategies",
    "Errors, before and after",
    "Tokens",
    "Playbook",
    "Tasks",
]
NOTHING = Material(name="nothing", facts={}, groups=(), archive=EMPTY, versions=())


def unbegun(done: Done) -> Done:
    """Return the task with an episode that has no attempts."""
    if done.episode is None:
        return done
    return replace(done, episode=done.episode.model_copy(update={"attempts": ()}))


async def test_a_run_has_all_its_sections() -> None:
    html = page(await material())
    assert re.findall(r"<h2>(.*?)</h2>", html) == TITLES
    text = Read(html).text
    assert (
        "With the playbook after epoch 2 the first program solved 100 % of 8 tasks".replace(" %", "\xa0%")
        in text
    )
    assert all(quirk.lesson in text for quirk in QUIRKS)
    assert "HeldError (line 2): lookup held at gate 17; call session.release(17)" in text
    assert "+lot = held(session, code)" in text
    assert "p\xa0=\xa00.0078 by McNemar's exact test" in text


async def test_equal_material_gives_an_equal_page() -> None:
    assert page(await material()) == page(await material())


async def test_the_page_needs_nothing_else_and_may_do_nothing() -> None:
    html = page(await material())
    assert html.startswith("<!doctype html>\n<html")
    css = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(css[0].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert ("content", policy) in Read(html).attributes
    assert len(css) == 1
    assert not re.search(r"url\(|@import|@font-face", css[0])
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(Read(html).tags)
    assert "://" not in html


async def test_every_link_leads_to_a_place_on_the_page() -> None:
    attributes = Read(page(await material())).attributes
    places = [value for name, value in attributes if name == "id"]
    assert len(places) == len(set(places))
    links = {str(value) for name, value in attributes if name == "href"}
    assert {"#tasks", "#str-00001", "#task-9"} <= links
    assert {link.removeprefix("#") for link in links} <= set(places)


async def test_what_the_gate_decided_is_told() -> None:
    assert "version 24 is the champion: e = 9" in Read(page(await material())).text


async def test_a_transcript_is_taken_apart() -> None:
    html = page(await material())
    assert "<summary>Attempt 1: runtime error</summary>" in html
    assert "<span>## no heading\n</span>" in html
    assert '<pre class="told" tabindex="0">DayError: ``` is no day</pre>' in html


async def test_the_failing_line_is_marked_and_a_rewording_word_by_word() -> None:
    html = page(await material())
    assert '<span class="wrong">page = session.lots(1)\n</span>' in html
    assert re.search(r"770 and so on\.<ins> Stop at the last one\.</ins>", html)


async def test_what_is_too_long_for_a_page_is_listed_without_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = await material()
    everything = tasks.in_full(whole.done)
    assert everything == set(range(len(whole.done)))
    monkeypatch.setattr(tasks, "_MOST_CHARACTERS", 3_000)
    some = tasks.in_full(whole.done)
    taught = {place for place, one in enumerate(whole.done) if one.episode and one.episode.added}
    assert 0 < len(some) < len(everything)
    assert taught & some
    html = page(whole)
    assert f"{len(everything) - len(some)} tasks without programs here" in html


async def test_a_run_that_ended_before_its_first_program_is_on_the_page() -> None:
    whole = await material()
    groups = tuple(replace(group, tasks=tuple(map(unbegun, group.tasks))) for group in whole.groups)

    html = page(replace(whole, groups=groups))

    assert "<h2>Tasks</h2>" in html


def test_nothing_at_all_is_a_page_as_well() -> None:
    html = page(NOTHING)
    assert "<h2>" not in html
    assert "0 strategies, and no run that is kept here." in html
    assert [figure.key for figure in figures(NOTHING)] == ["strategies"]


async def test_what_was_not_finished_is_said() -> None:
    html = page(replace(await material(), stopped="BudgetExceeded: 3 calls are spent"))
    assert "Not finished: BudgetExceeded: 3 calls are spent" in html


async def test_without_sides_the_halves_are_compared() -> None:
    whole = replace(await material(), sides=None)
    assert conclusion(whole).startswith("The first program solved ")
    assert " of the first half of the tasks (" in conclusion(whole)
    section = errors(whole)
    assert section is not None
    alone = replace(whole, groups=(replace(whole.groups[1], tasks=whole.groups[1].tasks[:2]),))
    assert conclusion(alone) == "The first program solved 0 % of 2 tasks (0 to 66 %)."
    assert errors(alone) is None
    assert learning(alone) is not None


async def test_online_tests_are_points_of_the_curve() -> None:
    whole = await material()
    train = whole.groups[1]
    tested = tuple(
        replace(one, result=one.result.model_copy(update={"phase": Phase.TEST, "window": place // 4}))
        for place, one in enumerate(train.tasks)
    )
    trained = tuple(
        replace(one, result=one.result.model_copy(update={"window": place // 4}))
        for place, one in enumerate(train.tasks)
    )
    groups = (Group(title="tested", phase=Phase.TEST, tasks=tested), replace(train, tasks=trained))
    online = replace(whole, groups=groups, sides=None)
    section = learning(online)
    assert section is not None
    assert "window 3, before it was learned from" in page(online)
