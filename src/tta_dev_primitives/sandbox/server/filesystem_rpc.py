"""E2B's service `filesystem.Filesystem`: look at, make, move and remove files of a sandbox."""

from __future__ import annotations

import posixpath
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...core.errors import BoxFileMissing
from ..local.boxes import BoxFiles, Entry
from .bodies import Wire
from .connect import Message, unary
from .entrance import Entrance, check_user, user_of
from .faults import Fault, unsupported

M = TypeVar("M", bound=Wire)

_TYPES: Final = {
    "file": ("FILE_TYPE_FILE", stat.S_IFREG),
    "directory": ("FILE_TYPE_DIRECTORY", stat.S_IFDIR),
    "symlink": ("FILE_TYPE_SYMLINK", stat.S_IFLNK),
}
_OTHER: Final = ("FILE_TYPE_UNSPECIFIED", 0)
_WATCHING: Final = ("WatchDir", "CreateWatcher", "GetWatcherEvents", "RemoveWatcher")


class PathRequest(Wire):
    """A request about one path."""

    path: str = ""


class ListRequest(PathRequest):
    """A directory to list, so many levels deep."""

    depth: int = 1


class MoveRequest(Wire):
    """From where to where."""

    source: str = ""
    destination: str = ""


class FilesystemService:
    """The service, for the sandbox that a request names."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    @property
    def routes(self) -> list[Route]:
        """What it answers."""
        calls = {
            "Stat": self.stat,
            "ListDir": self.list_dir,
            "MakeDir": self.make_dir,
            "Move": self.move,
            "Remove": self.remove,
            **dict.fromkeys(_WATCHING, self.watch),
        }
        return [
            Route(f"/filesystem.Filesystem/{name}", call, methods=["POST"]) for name, call in calls.items()
        ]

    async def stat(self, request: Request) -> Response:
        """Return what is at a path."""
        return await self._answer(request, PathRequest, _stat)

    async def list_dir(self, request: Request) -> Response:
        """Return what is in a directory."""
        return await self._answer(request, ListRequest, _list_dir)

    async def make_dir(self, request: Request) -> Response:
        """Make a directory and those above it."""
        return await self._answer(request, PathRequest, _make_dir)

    async def move(self, request: Request) -> Response:
        """Rename a file or directory."""
        return await self._answer(request, MoveRequest, _move)

    async def remove(self, request: Request) -> Response:
        """Remove a file, or a directory with all in it."""
        return await self._answer(request, PathRequest, _remove)

    async def watch(self, request: Request) -> Response:
        """Refuse to watch a directory."""
        await self._entrance.enter(request)
        raise unsupported("watching directories")

    async def _answer(
        self, request: Request, kind: type[M], work: Callable[[BoxFiles, M], Awaitable[Message]]
    ) -> Response:
        check_user(user_of(request))
        place = await self._entrance.enter(request)
        return await unary(request, kind, lambda message: work(place.box.files, message))


async def _stat(files: BoxFiles, message: PathRequest) -> Message:
    entry = await files.stat(message.path)
    return {"entry": _told(entry, await _type_behind(files, entry))}


async def _list_dir(files: BoxFiles, message: ListRequest) -> Message:
    entries = await files.list(message.path, max(message.depth, 1))
    # A directory before what is in it, and both before the next name, as E2B's daemon walks.
    walked = sorted(entries, key=lambda entry: entry.path.split("/"))
    return {"entries": [_told(entry) for entry in walked]}


async def _make_dir(files: BoxFiles, message: PathRequest) -> Message:
    if not await files.make_directory(message.path):
        raise Fault(409, f"directory {message.path!r} exists already")
    return {"entry": _told(await files.stat(message.path))}


async def _move(files: BoxFiles, message: MoveRequest) -> Message:
    return {"entry": _told(await files.move(message.source, message.destination))}


async def _remove(files: BoxFiles, message: PathRequest) -> Message:
    with suppress(BoxFileMissing):  # as E2B does it: what is not there needs no removal
        await files.remove(message.path)
    return {}


async def _type_behind(files: BoxFiles, entry: Entry) -> str | None:
    """Return the type of what a link leads to, or None if it is no link or leads nowhere."""
    target = _target(entry)
    if target is None:
        return None
    try:
        return _TYPES.get((await files.stat(target)).kind, _OTHER)[0]
    except BoxFileMissing:
        return None


def _target(entry: Entry) -> str | None:
    if entry.link_target is None:
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), entry.link_target))


def _told(entry: Entry, behind: str | None = None) -> Message:
    name, bits = _TYPES.get(entry.kind, _OTHER)
    permissions = stat.S_IMODE(entry.mode)
    target = _target(entry)
    return {
        "name": entry.name,
        "path": entry.path,
        "type": behind or name,
        "size": str(entry.size),
        "mode": permissions,
        "permissions": stat.filemode(bits | permissions),
        "owner": entry.owner,
        "group": entry.group,
        "modifiedTime": datetime.fromtimestamp(entry.modified_s, UTC).isoformat().replace("+00:00", "Z"),
        **({} if target is None else {"symlinkTarget": target, "isSymlink": True}),
    }
