from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.llm.provider_server import openai_answer, provider_server

ROOT = Path(__file__).parents[2]
ASK = (
    "import sys; from tta_dev_primitives.cli import main; sys.exit(main(['models', 'check', 'openai:local']))"
)


def test_no_library_advertises_itself_on_the_terminal() -> None:
    quiet = ("PYTEST", "CI", "PYDANTIC", "PLAYBOX", "GITHUB", "NO_COLOR")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(quiet)}
    ours, theirs = pty.openpty()
    with provider_server(openai_answer({"answer": "pong"})) as provider:
        urls = {"OPENAI_BASE_URL": provider.url + "/v1", "OPENAI_API_KEY": "none", "TERM": "xterm"}
        ran = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", ASK],
            env=environment | urls | {"PYTHONPATH": str(ROOT / "src")},
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            check=False,
        )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)

    assert "local" in shown, ran.returncode
    assert "observability" not in shown
