"""Files of a sandbox over plain HTTP, as E2B's daemon serves them: read one, write some."""

from __future__ import annotations

import mimetypes
from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..local.boxes import Entry
from .bodies import chunks, read_body
from .config import ServerConfig
from .entrance import Entrance, check_user
from .faults import Fault, unsupported

_MOST_FILES: Final = 1000
"""In one upload; E2B's SDK sends all files of a call in one."""
_HARMLESS: Final = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
"""A page that a guest wrote runs no scripts in a browser, where it would be of the server's own origin."""
_ENVELOPE_BYTES: Final = 1 << 20
"""What multipart adds to the files: headers and boundaries."""


class _InMemory(MultiPartParser):
    """Keeps what it reads in memory, where the size of a body bounds it, and not on the host's disk."""

    spool_max_size = 0  # of a SpooledTemporaryFile: never roll over


class FileService:
    """The routes, for the sandbox that a request names."""

    def __init__(self, entrance: Entrance, config: ServerConfig) -> None:
        self._entrance, self._most = entrance, config.limits.disk_bytes

    @property
    def routes(self) -> list[Route]:
        """What it answers."""
        return [
            Route("/files", self.read, methods=["GET"]),
            Route("/files", self.write, methods=["POST"]),
        ]

    async def read(self, request: Request) -> Response:
        """Return a file's bytes."""
        check_user(request.query_params.get("username"))
        place = await self._entrance.enter_for_file(request, "read")
        path = request.query_params.get("path", "")
        data = await place.box.files.read(path)
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return Response(data, headers={"Content-Type": kind, **_HARMLESS})

    async def write(self, request: Request) -> Response:
        """Write one file, at the path of the query, or each of a form, at the path that is its name."""
        check_user(request.query_params.get("username"))
        place = await self._entrance.enter_for_file(request, "write")
        if any(name.startswith("x-metadata-") for name in request.headers):
            raise unsupported("metadata of files")
        given = await self._given(request)
        written = [await place.box.files.write(path, data) for path, data in given]
        return JSONResponse([_told(entry) for entry in written])

    async def _given(self, request: Request) -> list[tuple[str, bytes]]:
        path = request.query_params.get("path")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            return await self._form(request, path)
        if kind != "application/octet-stream":
            raise Fault(415, f"Content-Type {kind!r} is not supported")
        if not path:
            raise Fault(400, "the query names no path")
        return [(path, await read_body(request, self._most))]

    async def _form(self, request: Request, path: str | None) -> list[tuple[str, bytes]]:
        stream = chunks(request, self._most + _ENVELOPE_BYTES)
        try:
            form = await _InMemory(request.headers, stream, max_files=_MOST_FILES).parse()
        except MultiPartException as error:
            raise Fault(400, f"the form cannot be read: {error.message}") from None
        try:
            parts = [part for name, part in form.multi_items() if name == "file"]
            uploads = [part for part in parts if isinstance(part, UploadFile)]
            if path and len(uploads) > 1:
                raise Fault(400, "the query names one path for several files")
            return [(path or upload.filename or "", await upload.read()) for upload in uploads]
        finally:
            await form.close()


def _told(entry: Entry) -> dict[str, str]:
    return {"name": entry.name, "path": entry.path, "type": "file"}
