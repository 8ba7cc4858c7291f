"""What a real browser makes of the page; skipped where there is none."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.reporting.browser import CHROMIUM, Browser, browser
from tests.cli.reporting.making import TRANSCRIPT, material
from tta_dev_primitives.ace.episode import Episode
from tta_dev_primitives.cli.reporting.material import Done, Material
from tta_dev_primitives.cli.reporting.page import page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")
HOSTILE = (
    "</style></code></pre></details><script>document.title = 'owned'</script>"
    "<img src=https://evil.invalid/x.png onerror=\"document.title='owned'\">"
    "'\"><svg onload=document.title='owned'><!-- ]]> &lt;b&gt; \u202egnp.exe\u2066 "
    "<style>body{background:url(https://evil.invalid/y.png)}</style>"
)
LONG = "x" * 3000


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    with browser(tmp_path_factory.mktemp("browser") / "profile") as started:
        yield started


def hostile(whole: Material) -> Material:
    """The run, with text that wants out of its place wherever a guest or a model may have written."""
    groups = tuple(
        replace(group, title=HOSTILE, tasks=tuple(map(poisoned, group.tasks))) for group in whole.groups
    )
    bullets = [bullet.model_copy(update={"content": f"{HOSTILE}{LONG}"}) for bullet in whole.playbook.active]
    playbook = replace(whole.playbook, bullets=type(whole.playbook.bullets).of(bullets))
    episodes = tuple(map(poisoned_episode, whole.archive.episodes))
    archive = replace(whole.archive, playbook=playbook, episodes=episodes)
    return replace(
        whole, name=HOSTILE, facts={HOSTILE: HOSTILE}, groups=groups, archive=archive, stopped=HOSTILE
    )


def poisoned(done: Done) -> Done:
    result = done.result.model_copy(
        update={"task_id": HOSTILE, "error_signature": f"{HOSTILE}{LONG}", "verdict": HOSTILE}
    )
    return replace(
        done,
        result=result,
        episode=done.episode and poisoned_episode(done.episode),
        transcript=TRANSCRIPT.replace("Say what is left.", f"{HOSTILE}{LONG}"),
    )


def poisoned_episode(episode: Episode) -> Episode:
    attempts = tuple(
        one.model_copy(
            update={"code": f"{HOSTILE}\n{LONG}", "feedback": f"{HOSTILE}\n{LONG}", "verdict": HOSTILE}
        )
        for one in episode.attempts
    )
    told = {"task": f"{HOSTILE}{LONG}", "model": HOSTILE, "run_id": HOSTILE, "task_id": HOSTILE}
    return episode.model_copy(update={"attempts": attempts, **told})


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize(("scheme", "paper"), [("light", "253, 253, 252"), ("dark", "21, 24, 27")])
async def test_it_renders_without_complaint_and_asks_for_nothing(
    chromium: Browser, tmp_path: Path, width: int, scheme: str, paper: str
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(await material()), encoding="utf-8")
    chromium.complaints.clear()
    chromium.requests.clear()
    chromium.open(file, width=width, scheme=scheme)
    assert chromium.complaints == []
    assert chromium.requests == [file.as_uri()]
    assert chromium.ask("document.documentElement.scrollWidth") <= width
    background = chromium.ask("getComputedStyle(document.body).backgroundColor")
    assert background == f"rgb({paper})"
    assert chromium.ask("document.querySelector('circle.dot').getBoundingClientRect().width") > 4


@pytest.mark.parametrize("width", [360, 1400])
async def test_hostile_text_stays_text(chromium: Browser, tmp_path: Path, width: int) -> None:
    file = tmp_path / "report.html"
    whole = await material()
    file.write_text(page(hostile(whole)).replace("<details", "<details open"), encoding="utf-8")
    chromium.complaints.clear()
    chromium.requests.clear()
    chromium.open(file, width=width)
    assert chromium.complaints == []
    assert chromium.requests == [file.as_uri()]
    shown = chromium.ask("document.body.textContent")
    visible = HOSTILE.replace("\u202e", "").replace("\u2066", "")
    assert shown.count(visible) > 50
    assert "\u202e" not in shown
    assert chromium.ask("document.title").startswith("</style>")
    assert chromium.ask("document.querySelectorAll('script, img, style, [onload], [onerror]').length") == 1
    assert chromium.ask("document.documentElement.scrollWidth") <= width


async def test_a_link_opens_the_task_that_it_leads_to(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(await material()), encoding="utf-8")
    chromium.open(file)
    opened = "document.getElementById('task-9').closest('details').open"
    assert chromium.ask(opened) is False
    chromium.ask("document.querySelector('a[href=\"#task-9\"]').dispatchEvent(new MouseEvent('click'))")
    assert chromium.ask("new Promise(done => setTimeout(done, 50))") == {}
    assert chromium.ask(opened) is True
