"""Services and programs that these tests run beside each other."""

from __future__ import annotations

from typing import Final

from pydantic import JsonValue

from tta_dev_primitives.sandbox import Limits, LocalSandbox
from tta_dev_primitives.sandbox.services import Auth, Pages, Program, Resource, Served, Service, ServiceBeside

ITEMS: Final[tuple[dict[str, JsonValue], ...]] = tuple({"id": n, "grams": 100 * n} for n in range(1, 8))
PARCELS: Final = Resource(path="/parcels", items=ITEMS, pages=Pages(size=3))
PLAIN: Final = Service(resources=(Resource(path="/parcels", items=ITEMS),))
SERVICE: Final = Service(resources=(PARCELS,), auth=Auth(credential="s3cret"))
LIMITS: Final = Limits(wall_s=20.0)

RAW: Final = """
import gc, os, socket, struct, sys, time
channel = next(one for one in gc.get_objects() if type(one).__name__ == "Frames")
def frame(letter, content=b""):
    channel.send(letter, content)
def bytes_out(data):
    while data:
        data = data[os.write(channel._sink, data):]
def opened():
    frame(b"O", b"api.test:80")
    return struct.unpack(">I", channel.receive()[1][8:])[0]
"""
"""What a hostile program knows: the channel itself."""


async def call(
    sandbox: LocalSandbox, service: Service, code: str, *args: JsonValue, limits: Limits = LIMITS
) -> Served:
    beside = ServiceBeside(sandbox=sandbox, limits=limits)
    return await beside.run(service, Program(code=code, entry_point="main", args=args))
