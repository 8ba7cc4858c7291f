"""Checkpoints and branches: the same state several times, each going its own way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.sandbox.processes import eventually, families

from tta_dev_primitives.core.errors import ConfigurationError, SandboxCrashed, SessionEnded
from tta_dev_primitives.sandbox import LocalSandbox, Session, Stop
from tta_dev_primitives.sandbox.local.boxes import BOX_LIMITS


@pytest.fixture
async def session(only_namespaces: LocalSandbox) -> AsyncIterator[Session]:
    async with await only_namespaces.open_session() as session:
        yield session


async def test_branches_start_from_the_same_state_and_do_not_meet(session: Session) -> None:
    await session.run_code("x = [1]")
    branches = await session.branch(3)
    for number, branch in enumerate(branches):
        await branch.run_code(f"x.append({number})")
    assert [(await branch.run_code("x")).text for branch in branches] == ["[1, 0]", "[1, 1]", "[1, 2]"]
    assert (await session.run_code("x")).text == "[1]"


async def test_a_checkpoint_stays_as_it_was(session: Session) -> None:
    await session.run_code("x = 'before'")
    async with await session.checkpoint() as checkpoint:
        await session.run_code("x = 'after'")
        (first,) = await checkpoint.branch(1)
        await first.run_code("x = 'first'")
        (second,) = await checkpoint.branch(1)
        assert (await second.run_code("x")).text == "'before'"
    assert (await first.run_code("x")).text == "'first'"


async def test_a_branch_has_its_own_files(session: Session) -> None:
    await session.run_code("import os; os.mkdir('d'); os.chdir('d'); open('f', 'w').write('old')")
    (branch,) = await session.branch(1)
    await branch.run_code("open('f', 'w').write('new'); open('only here', 'w')")
    assert (await session.run_code("open('f').read(), os.listdir()")).text == "('old', ['f'])"
    assert await branch.files.read("d/f") == b"new"
    assert await session.files.read("d/f") == b"old"


async def test_random_numbers_are_part_of_the_state(session: Session) -> None:
    await session.run_code("import random; random.seed(1)")
    branches = await session.branch(2)
    drawn = {(await one.run_code("random.random()")).text for one in (*branches, session)}
    assert len(drawn) == 1


async def test_one_that_dies_leaves_the_others(session: Session) -> None:
    doomed, other = await session.branch(2)
    execution = await doomed.run_code("import os; os._exit(5)")
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 5)
    assert (await other.run_code("1")).text == "1"


async def test_a_branch_is_interrupted_alone(session: Session) -> None:
    (branch,) = await session.branch(1)
    limits = replace(BOX_LIMITS, wall_s=0.3)
    assert (await branch.run_code("import time; time.sleep(60)", limits=limits)).stop is Stop.WALL_TIME
    assert branch.alive
    assert session.alive


async def test_branches_of_branches(session: Session) -> None:
    await session.run_code("path = 'root'")
    (child,) = await session.branch(1)
    await child.run_code("path += '/child'")
    (grandchild,) = await child.branch(1)
    await child.aclose()
    assert (await grandchild.run_code("path")).text == "'root/child'"


async def test_keeping_one_goes_on_as_it(session: Session) -> None:
    await session.run_code("x = 0")
    branches = await session.branch(3)
    for number, branch in enumerate(branches):
        await branch.run_code(f"x = {number}; open('f', 'w').write(str(x))")
    await session.keep(branches[1])
    assert (await session.run_code("x, open('f').read()")).text == "(1, '1')"
    with pytest.raises(SessionEnded):
        await branches[1].run_code("x")
    assert (await branches[2].run_code("x")).text == "2"


async def test_only_a_branch_can_be_kept(session: Session, only_namespaces: LocalSandbox) -> None:
    async with await only_namespaces.open_session() as stranger:
        for wrong in (session, stranger):
            with pytest.raises(ConfigurationError, match="no branch"):
                await session.keep(wrong)


async def test_branches_end_with_the_session_that_was_opened(only_namespaces: LocalSandbox) -> None:
    async with await only_namespaces.open_session() as session:
        (branch,) = await session.branch(1)
        await session.keep(branch)
        (another,) = await session.branch(1)
    with pytest.raises(SessionEnded):
        await another.run_code("1")
    assert eventually(lambda: not any(family.runs for family in families()))


async def test_closed_branches_free_their_files(session: Session) -> None:
    branches = await session.branch(2)
    for branch in branches:
        await branch.aclose()
    assert (await session.run_code("import os; os.listdir('/tmp')")).text == "[]"


async def test_tracebacks_in_a_branch_still_know_the_cells_before(session: Session) -> None:
    await session.run_code("def broken():\n    return {}['missing']")
    (branch,) = await session.branch(1)
    execution = await branch.run_code("broken()")
    assert execution.error is not None
    assert "return {}['missing']" in execution.error.traceback


async def test_no_room_for_the_files_is_said(only_namespaces: LocalSandbox) -> None:
    limits = replace(BOX_LIMITS, disk_bytes=1 << 20)
    async with await only_namespaces.open_session(files={"big": bytes(700_000)}, limits=limits) as session:
        with pytest.raises(OSError, match="No space left"):
            await session.branch(1)
        assert (await session.run_code("1")).text == "1"


async def test_no_room_for_another_process_is_said(only_namespaces: LocalSandbox) -> None:
    limits = replace(BOX_LIMITS, processes=2)
    async with await only_namespaces.open_session(limits=limits) as session:
        with pytest.raises(SandboxCrashed, match="Resource temporarily unavailable"):
            await session.branch(3)
        # Also from another thread, which the locks of the interpreter would hold up if they were left taken.
        load = "t = threading.Thread(target=lambda: __import__('colorsys'))"
        await session.run_code(f"import threading\n{load}\nt.start(); t.join(5)")
        assert (await session.run_code("t.is_alive()")).text == "False"


@pytest.mark.parametrize("count", [0, -1, True])
async def test_bad_counts_are_refused(session: Session, count: int) -> None:
    with pytest.raises(ConfigurationError, match="count"):
        await session.branch(count)
