"""Names of files in a box are the guest's: odd ones, long ones and many of them are answers as any other."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from tta_dev_primitives.core.errors import BoxFileRefused
from tta_dev_primitives.sandbox import Box, LocalSandbox
from tta_dev_primitives.sandbox.local.boxes import files


@pytest.fixture
async def box(only_namespaces: LocalSandbox) -> AsyncIterator[Box]:
    async with await only_namespaces.open_box() as box:
        yield box


async def _in(box: Box, code: str) -> None:
    async with await box.start_kernel() as session:
        assert (await session.run_code(f"import os\nos.mkdir('d')\n{code}")).success


async def test_a_name_that_is_no_text_is_listed(box: Box) -> None:
    await _in(box, "open(b'd/a\\xff', 'w').close(); os.symlink(b'\\xfe', 'd/link')")
    odd, link = await box.files.list("d")
    assert (odd.name, link.link_target) == ("a?", "?")
    await box.files.remove("d")
    assert not await box.files.exists("d")


async def test_names_that_are_too_much_for_one_answer_are_refused(box: Box) -> None:
    await _in(box, "for i in range(3000): os.symlink('\\1' * 4000, f'd/{i}')")
    with pytest.raises(BoxFileRefused):
        await box.files.list("d")
    assert (await box.files.stat("d/7")).link_target == "\1" * 4000


async def test_an_agent_that_nobody_waited_for_leaves_no_descriptor(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: asyncio.StreamReader) -> None:
        await asyncio.Event().wait()

    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # names are what is needed
    with monkeypatch.context() as silent:
        silent.setattr(files, "_answer", never)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await box.files.list()
    await asyncio.sleep(0.2)
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208  # as above
    assert await box.files.list() == ()
