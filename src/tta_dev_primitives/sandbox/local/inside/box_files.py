"""The file agent of a box: does what the host asks with files, as confined as everything else in the box.

So a path can lead nowhere that the box's own programs could not go, whatever links they made.
"""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Iterator
from types import ModuleType
from typing import BinaryIO, Final, NoReturn, cast

from .box_messages import MAX_ANSWER_BYTES, FileAnswer, FileEntry, FileRequest

_OWNER: Final = "user"
_MOST_ENTRIES: Final = 100_000
_BYTES_OF_AN_ENTRY: Final = 256
"""Without its names."""
_BYTES_OF_A_CHARACTER: Final = 6
"""In JSON, at most."""
_OK: Final = 0


class _Refused(OSError):
    """Something that the kernel would do and this does not."""


def serve(descriptor: int) -> NoReturn:
    """Answer until the host is gone."""
    stream = cast("BinaryIO", socket.socket(fileno=descriptor).makefile("rwb"))
    _answer(stream, FileAnswer(error=_OK, reason="", entries=[], size=0))
    while line := stream.readline():
        request: FileRequest = json.loads(line)
        content = stream.read(request["size"])
        try:
            entries, read = _do(request, content)
        except OSError as error:
            reason = error.strerror or str(error)
            _answer(stream, FileAnswer(error=error.errno or 1, reason=reason, entries=[], size=0))
        else:
            _answer(stream, FileAnswer(error=_OK, reason="", entries=entries, size=len(read)), read)
    os._exit(0)


def _answer(stream: BinaryIO, answer: FileAnswer, content: bytes = b"") -> None:
    # Names may be no text at all.
    line = json.dumps(answer, ensure_ascii=False).encode(errors="replace")
    stream.write(line + b"\n" + content)
    stream.flush()


def _do(request: FileRequest, content: bytes) -> tuple[list[FileEntry], bytes]:
    path = request["path"]
    match request["operation"]:
        case "read":
            return [], _read(path)
        case "write":
            _write(path, content)
        case "list":
            return list(_below(path, request["depth"])), b""
        case "make_directory":
            os.makedirs(path)
        case "move":
            path = request["target"]
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            os.rename(request["path"], path)
        case "remove":
            _remove(path)
            return [], b""
        case "copy_tree":
            path = request["target"]
            _library().copytree(request["path"], path, symlinks=True)
        case "stat":
            pass
    return [_entry(path)], b""


def _read(path: str) -> bytes:
    # Not blocking, as a pipe may have this name.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _Refused(22, "not a regular file")
        return file.read()


def _write(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o644), "wb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _Refused(22, "not a regular file")
        file.write(content)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        _library().rmtree(path)
    else:
        os.unlink(path)


def _below(path: str, depth: int) -> Iterator[FileEntry]:
    """Give what is in a directory, and in its directories down to `depth`; links are not followed."""
    given = size = 0
    waiting = [(path, depth)]
    while waiting:
        directory, left = waiting.pop()
        for name in sorted(os.listdir(directory)):
            given += 1
            entry = _entry(os.path.join(directory, name))
            size += _most_bytes(entry)
            if given > _MOST_ENTRIES or size > MAX_ANSWER_BYTES:
                raise _Refused(7, f"more than {_MOST_ENTRIES} entries, or their names are too long")
            yield entry
            if entry["kind"] == "directory" and left > 1:
                waiting.append((entry["path"], left - 1))


def _most_bytes(entry: FileEntry) -> int:
    names = (entry["name"], entry["path"], entry["link_target"] or "")
    return _BYTES_OF_AN_ENTRY + _BYTES_OF_A_CHARACTER * sum(map(len, names))


def _entry(path: str) -> FileEntry:
    found = os.lstat(path)
    is_link = stat.S_ISLNK(found.st_mode)
    return FileEntry(
        name=os.path.basename(path),
        path=path,
        kind=_kind(found.st_mode),
        size=found.st_size,
        mode=stat.S_IMODE(found.st_mode),
        modified_s=found.st_mtime,
        owner=_OWNER if found.st_uid == os.getuid() else "root",
        group=_OWNER if found.st_gid == os.getgid() else "root",
        link_target=os.readlink(path) if is_link else None,
    )


def _library() -> ModuleType:
    # Not at the top: every run of the sandbox would carry it along.
    import shutil  # noqa: PLC0415

    return shutil


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "symlink"))
    return next((kind for is_it, kind in kinds if is_it(mode)), "other")
