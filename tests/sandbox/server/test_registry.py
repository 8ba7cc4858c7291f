"""Sandboxes end when their time is up, whatever clients do meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tta_dev_primitives.sandbox import LocalSandbox
from tta_dev_primitives.sandbox.server import ServerConfig
from tta_dev_primitives.sandbox.server.place import AtTimeout, Order, Place, State
from tta_dev_primitives.sandbox.server.registry import Registry


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with LocalSandbox() as sandbox:
        registry = Registry(sandbox, ServerConfig(port=0))
        yield registry
        await registry.aclose()


def _order(timeout_s: int, at_timeout: AtTimeout = AtTimeout.KILL) -> Order:
    return Order(
        owner="one", template="base", timeout_s=timeout_s, metadata={}, envs={}, at_timeout=at_timeout
    )


async def _gone(place: Place) -> None:
    async with asyncio.timeout(20):
        while place.alive:  # noqa: ASYNC110  # no event of a place says so
            await asyncio.sleep(0.02)


async def test_a_sandbox_that_its_client_pauses_in_time_does_not_keep_others_alive(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one is being killed, another whose time is up as well is paused by its client."""
    first, second = await registry.open(_order(0)), await registry.open(_order(0, AtTimeout.PAUSE))
    kill = first.aclose

    async def slowly() -> None:
        await registry.pause(second)
        await kill()

    monkeypatch.setattr(first, "aclose", slowly)
    expiry = asyncio.create_task(registry.expire())
    await _gone(first)
    await _gone(await registry.open(_order(0)))
    assert second.state is State.PAUSED
    assert not expiry.done()
    expiry.cancel()


async def test_a_sandbox_that_was_extended_meanwhile_lives_on(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await registry.open(_order(0)), await registry.open(_order(0))
    kill = first.aclose

    async def slowly() -> None:
        registry.extend(second, 100)
        await kill()

    monkeypatch.setattr(first, "aclose", slowly)
    expiry = asyncio.create_task(registry.expire())
    await _gone(first)
    await _gone(await registry.open(_order(0)))
    assert second.alive
    expiry.cancel()


async def test_a_sandbox_that_cannot_be_ended_does_not_keep_others_alive(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await registry.open(_order(0))

    async def refuse() -> None:
        raise OSError("for a reason that nobody thought of")

    monkeypatch.setattr(first, "aclose", refuse)
    expiry = asyncio.create_task(registry.expire())
    await _gone(await registry.open(_order(0)))
    expiry.cancel()
    await first.box.aclose()
