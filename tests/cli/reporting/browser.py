"""A real Chromium over its debugging pipe: what it says of a page, what it asks for, how it lays it out."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, cast

Message: TypeAlias = dict[str, Any]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--remote-debugging-pipe"),
)
_LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); "
    "os.execv(sys.argv[3], sys.argv[3:])"
)
"""Chromium listens on descriptor 3 and answers on 4."""


class Browser:
    """One page. `complaints` are console messages and violated policies, `requests` are addresses."""

    def __init__(self, inbox: int, outbox: int) -> None:
        self._inbox, self._outbox, self._rest = inbox, outbox, b""
        self._numbers = itertools.count(1)
        self._session = ""
        self.complaints: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def open(self, file: Path, *, width: int = 1400, scheme: str = "light") -> None:
        """Open a file and wait until it is there."""
        wanted = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[wanted])
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        self.call("Page.navigate", url=file.as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def ask(self, expression: str) -> Any:  # noqa: ANN401  # whatever JavaScript answers
        """Return the value of an expression in the page; the policy of the page is for its own scripts."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def call(self, method: str, **parameters: object) -> Message:
        """Call a method of the protocol."""
        number = next(self._numbers)
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": number, "method": method, "params": parameters, **session}
        os.write(self._outbox, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != number:
            pass
        assert "error" not in answer, answer["error"]
        return cast("Message", answer["result"])

    def _next(self) -> Message:
        while b"\0" not in self._rest:
            read = os.read(self._inbox, 1 << 16)
            assert read, "Chromium ended"
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\0")
        message = cast("Message", json.loads(line))
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, parameters: Mapping[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        if method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"])
        if method in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown"}:
            self.complaints.append(json.dumps(parameters)[:300])


@contextmanager
def browser(profile: Path) -> Generator[Browser]:
    """Yield a browser whose profile is in a folder of its own."""
    assert CHROMIUM is not None
    (theirs, outbox), (inbox, answers) = os.pipe(), os.pipe()
    command = [
        sys.executable,
        "-c",
        _LAUNCH,
        str(theirs),
        str(answers),
        CHROMIUM,
        *_FLAGS,
        f"--user-data-dir={profile}",
    ]
    with (profile.parent / "chromium.log").open("wb") as log:
        process = subprocess.Popen(command, pass_fds=(theirs, answers), stdout=log, stderr=log)  # noqa: S603
    try:
        os.close(theirs)
        os.close(answers)
        yield Browser(inbox, outbox)
    finally:
        process.kill()
        process.wait()
        os.close(inbox)
        os.close(outbox)
