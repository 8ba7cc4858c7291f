"""The sandboxes there are: made, found, paused, resumed, killed, and ended when their time is up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from ..local import LocalSandbox
from .config import ServerConfig
from .faults import Fault, gone
from .place import AtTimeout, Order, Place, State

_log: Final = logging.getLogger(__name__)


class Registry:
    """All sandboxes of a server. Those of one owner are invisible to every other."""

    def __init__(self, sandbox: LocalSandbox, config: ServerConfig) -> None:
        self._sandbox, self._config = sandbox, config
        self._places: dict[str, Place] = {}
        self._opening = 0
        self._changed = asyncio.Event()

    async def open(self, order: Order) -> Place:
        """Make a sandbox; one with the same idempotency key that still lives is returned instead.

        Raises:
            Fault: 429, there are as many as may be.
            SandboxError: the jail cannot make it.
        """
        known = self._same(order)
        if known is not None:
            return known
        if len(self._places) + self._opening >= self._config.max_sandboxes:
            raise Fault(
                429,
                f"there are {self._config.max_sandboxes} sandboxes already, paused ones included; kill one",
                {"Should-Retry": "false"},  # the SDK would wait, and none ends by waiting a little
            )
        self._opening += 1
        try:
            box = await self._sandbox.open_box(limits=self._config.limits)
            place = await Place.open(order, box)
        finally:
            self._opening -= 1
        self._places[place.entry.id] = place
        self._changed.set()
        return place

    def of_owner(self, owner: str) -> tuple[Place, ...]:
        """Return the sandboxes of this owner, oldest first."""
        return tuple(place for place in self._places.values() if place.order.owner == owner)

    def owned(self, sandbox_id: str, owner: str) -> Place:
        """Return a sandbox of this owner.

        Raises:
            Fault: 404, this owner has none with that id.
        """
        place = self._places.get(sandbox_id)
        if place is None or place.order.owner != owner:
            raise Fault(404, f"sandbox {sandbox_id!r} not found")
        return place

    async def entered(self, sandbox_id: str, token: str | None) -> Place:
        """Return a running sandbox that this token opens; one that may wake up for a request does.

        Raises:
            Fault: 502, there is none or it is paused; 401, the token is not one of its own.
        """
        place = self._places.get(sandbox_id)
        if place is None:
            raise gone(sandbox_id)
        if not place.entry.admits(token):
            raise Fault(401, "the access token is missing or wrong (X-Access-Token)")
        return await self._awake(place)

    async def signed(self, fits: Callable[[Place], bool]) -> Place:
        """Return the running sandbox that a signed URL is for; errors as `entered`."""
        places: Iterable[Place] = tuple(self._places.values())
        found = [place for place in places if fits(place)]
        if not found:
            raise Fault(401, "invalid signature")
        return await self._awake(found[0])

    def extend(self, place: Place, seconds: float) -> None:
        """Let a sandbox end so many seconds from now."""
        place.live_for(seconds)
        self._changed.set()

    async def pause(self, place: Place) -> None:
        """Stop everything in a sandbox, and keep it.

        Raises:
            Fault: 409, it is paused.
        """
        if place.state is State.PAUSED:
            raise Fault(409, f"sandbox {place.entry.id!r} is paused already")
        place.state = State.PAUSED
        await place.box.pause()

    async def resume(self, place: Place, seconds: float) -> None:
        """Let a paused sandbox go on for so many seconds."""
        await place.box.resume()
        place.state = State.RUNNING
        self.extend(place, seconds)

    async def kill(self, place: Place) -> None:
        """End a sandbox and all that runs in it."""
        if self._places.pop(place.entry.id, None) is not None:
            await place.aclose()

    async def expire(self) -> None:
        """End or pause each sandbox when its time is up; never returns."""
        while True:
            self._changed.clear()
            running = [place for place in self._places.values() if place.state is State.RUNNING]
            for place in running:
                await self._end_if_due(place)
            running = [place for place in self._places.values() if place.state is State.RUNNING]
            first = min((place.ends_at for place in running), default=None)
            wait_s = None if first is None else (first - datetime.now(UTC)).total_seconds()
            await _first(self._changed, wait_s)

    async def aclose(self) -> None:
        """Kill all sandboxes."""
        for place in tuple(self._places.values()):
            await self.kill(place)

    def _same(self, order: Order) -> Place | None:
        if order.idempotency_key is None:
            return None
        same = (
            one for one in self.of_owner(order.owner) if one.order.idempotency_key == order.idempotency_key
        )
        return next(same, None)

    async def _awake(self, place: Place) -> Place:
        if not place.box.alive:  # lost with the jail, and nothing can be done in it any more
            await self.kill(place)
            raise gone(place.entry.id)
        if place.state is State.PAUSED:
            if not place.order.auto_resume:
                raise gone(place.entry.id)
            await self.resume(place, place.order.timeout_s)
        return place

    async def _end_if_due(self, place: Place) -> None:
        # Only now: while others were ended, its client may have paused it or extended its life.
        if place.state is State.PAUSED or place.ends_at > datetime.now(UTC):
            return
        try:
            if place.order.at_timeout is AtTimeout.PAUSE:
                await self.pause(place)
            else:
                await self.kill(place)
        except Exception as error:  # noqa: BLE001  # whatever it is, the others are to end as well
            _log.warning("sandbox %s could not be ended cleanly: %s", place.entry.id, error)


async def _first(event: asyncio.Event, wait_s: float | None) -> None:
    try:
        async with asyncio.timeout(None if wait_s is None else max(wait_s, 0.0)):
            await event.wait()
    except TimeoutError:
        pass
