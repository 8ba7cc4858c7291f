"""Figures of matplotlib and frames of pandas in sessions, with the real libraries."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tta_dev_primitives.core.errors import SandboxUnavailable
from tta_dev_primitives.sandbox import LocalSandbox, Session
from tta_dev_primitives.sandbox.local import Packages

PNG = b"\x89PNG\r\n\x1a\n"
MISSING = [name for name in ("matplotlib", "pandas") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} not installed")


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    packages = Packages.of_environment(Path(sys.prefix), preload=("pandas",))
    async with LocalSandbox(packages=packages) as sandbox:
        try:
            session = await sandbox.open_session()
        except SandboxUnavailable as missing:
            pytest.skip(str(missing))
        yield session


async def test_a_figure_is_a_picture_once(session: Session) -> None:
    execution = await session.run_code("import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nNone")
    (figure,) = execution.results
    assert figure.png is not None
    assert figure.png.startswith(PNG)
    assert figure.text == "<Figure size 640x480 with 1 Axes>"
    assert (await session.run_code("1")).results[0].text == "1"


async def test_shown_figures_come_in_order(session: Session) -> None:
    execution = await session.run_code(
        "import matplotlib.pyplot as plt\n"
        "plt.plot([1]); plt.show()\ndisplay('between')\nplt.figure(figsize=(2, 1)); plt.plot([2]); plt.show()"
    )
    assert [result.text for result in execution.results] == [
        "<Figure size 640x480 with 1 Axes>",
        "'between'",
        "<Figure size 200x100 with 1 Axes>",
    ]
    assert execution.stderr == ""


async def test_a_frame_has_a_table(session: Session) -> None:
    execution = await session.run_code("import pandas\npandas.DataFrame({'a': [1, 2]})")
    (frame,) = execution.results
    assert frame.is_main_result
    assert "<table" in (frame.html or "")
    assert "0  1" in frame.text
    assert frame.formats["data"] == '{"a": [1, 2]}'


async def test_a_branch_goes_on_with_a_frame(session: Session) -> None:
    await session.run_code("import pandas\nframe = pandas.DataFrame({'a': range(1000)})")
    first, second = await session.branch(2)
    await first.run_code("frame['a'] *= 2")
    assert (await first.run_code("int(frame['a'].sum())")).text == "999000"
    assert (await second.run_code("int(frame['a'].sum())")).text == "499500"
