"""Runs a peer's adapter in the Python that has the peer, and says plainly where there is none."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).parent
_MOST_SECONDS: Final = 1800


class PeerMissing(Exception):
    """A peer is not installed; the message says how to get it."""


@dataclass(frozen=True)
class Peer:
    """A peer: its adapter beside this file, the Python that runs it, and variables it needs."""

    name: str
    adapter: str
    python: str | None
    probe: str
    remedy: str
    mode: str = "offline"
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def check(self) -> None:
        """Raise `PeerMissing` unless the peer can be imported."""
        if self.python is None:
            raise PeerMissing(f"{self.name} is left out; {self.remedy}")
        try:
            tried = subprocess.run(  # noqa: S603  # what the caller named
                [self.python, "-c", self.probe],
                env=self._variables(),
                capture_output=True,
                check=False,
                text=True,
            )
        except OSError as error:
            raise PeerMissing(f"{self.name} is left out, {self.python!r} cannot be run ({error})") from None
        if tried.returncode:
            said = tried.stderr.strip().splitlines()[-1:]
            raise PeerMissing(f"{self.name} is left out ({''.join(said)}); {self.remedy}")

    async def train(self, server: str, judge: str, orders: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
        """Return what the adapter tells: `seconds`, `first_tries`, the learned `context`, and more."""
        job = {"server": server, "judge": judge, "orders": list(orders), "mode": self.mode}
        return await asyncio.to_thread(self._run, job)

    def _run(self, job: Mapping[str, object]) -> Mapping[str, Any]:
        """Run the adapter with a job file, and return what is in its result file."""
        with tempfile.TemporaryDirectory() as folder:
            given, result = Path(folder, "job.json"), Path(folder, "result.json")
            given.write_text(json.dumps(job))
            ended = subprocess.run(  # noqa: S603  # what the caller named
                [self.python or "", str(_HERE / self.adapter), str(given), str(result)],
                env=self._variables(),
                cwd=folder,
                capture_output=True,
                check=False,
                encoding="utf-8",
                errors="replace",
                timeout=_MOST_SECONDS,
            )
            if ended.returncode:
                raise RuntimeError(f"{self.name} failed:\n{ended.stdout[-2000:]}\n{ended.stderr[-4000:]}")
            told: Mapping[str, Any] = json.loads(result.read_text())
            return told

    def _variables(self) -> Mapping[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return {**own, "OPENAI_API_KEY": "none", **self.environment}


def paper_release(checkout: Path | None, python: str, tokenizer: Path | None, *, mode: str) -> Peer:
    """The release of the paper's authors, which is a checkout and no package; `mode` is offline or online."""
    tokens = {"TIKTOKEN_CACHE_DIR": str(tokenizer)} if tokenizer else {}
    return Peer(
        name=f"ACE, paper release, {mode}",
        mode=mode,
        adapter="paper_release.py",
        python=python if checkout else None,
        probe="import ace, utils, playbook_utils",
        remedy="give --paper CHECKOUT of github.com/ace-agent/ace, and with --paper-python a Python that has"
        " openai, python-dotenv, tiktoken and numpy",
        environment={"PYTHONPATH": str(checkout)} | tokens,
    )


def kayba(python: str | None) -> Peer:
    """Kayba's package."""
    return Peer(
        name="Kayba ACE",
        adapter="kayba.py",
        python=python,
        probe="from ace import ACELiteLLM",
        remedy="give --kayba-python, a Python (3.12 or later) with pip install ace-framework",
    )
