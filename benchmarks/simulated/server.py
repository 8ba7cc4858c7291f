"""A SIMULATED model server, with no model behind it: OpenAI's chat completions with a fixed latency.

    PYTHONPATH=benchmarks python -m simulated.server [--latency 0.2] [--port 0]     # prints its address

It compares how often learning systems ask, how long they wait and what their prompts cost, on the same tasks,
where nothing else differs: every call takes the same time, and the answer follows by rule from the prompt's
text (`mind.py`, `forms.py`). It says nothing about how good the advice of a real model would be.

POST /v1/chat/completions   an answer, after the latency; prompt caching as a provider would report it
GET  /records               every answered request so far, as JSON
POST /reset                 forgets them
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from .forms import UnknownForm, reply
from .meter import CHARACTERS_PER_TOKEN, Meter, Record
from .question import Answer, read_question
from .wire import listening

MODEL: Final = "simulated"


class SimulatedModel:
    """Answers requests, any number side by side, each after `latency_s`."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s, self._meter = latency_s, Meter()

    async def answer(self, target: str, body: bytes) -> tuple[int, object]:
        """Return status and payload."""
        if target.endswith("/chat/completions"):
            return await self._complete(json.loads(body))
        if target == "/records":
            return 200, [asdict(record) for record in self._meter.records]
        if target == "/reset":
            self._meter = Meter()
            return 200, {}
        return 404, {"error": {"message": f"no such path: {target}"}}

    async def _complete(self, body: Mapping[str, Any]) -> tuple[int, object]:
        since, question, meter = time.monotonic(), read_question(body), self._meter
        best, _ = meter.arrive(question)
        try:
            role, answer = reply(question)
        except UnknownForm as error:
            return 400, {"error": {"message": str(error)}}
        record = meter.answered(question, role, answer, best)
        await asyncio.sleep(max(0.0, self._latency_s - (time.monotonic() - since)))
        return 200, _completion(len(meter.records), answer, record)


def _completion(number: int, answer: Answer, record: Record) -> Mapping[str, object]:
    message: dict[str, object] = {"role": "assistant", "content": answer.text or None}
    if answer.calls:
        message["tool_calls"] = [
            {"id": f"call_{number}_{index}", "type": "function", "function": _function(*call)}
            for index, call in enumerate(answer.calls)
        ]
    prompt, output = (size // CHARACTERS_PER_TOKEN for size in (record.prompt + record.tools, record.output))
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": MODEL,
        "choices": [
            {"index": 0, "message": message, "finish_reason": "tool_calls" if answer.calls else "stop"}
        ],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": output,
            "total_tokens": prompt + output,
            "prompt_tokens_details": {"cached_tokens": record.cached_tokens},
        },
    }


def _function(name: str, arguments: Mapping[str, object]) -> Mapping[str, str]:
    return {"name": name, "arguments": json.dumps(arguments)}


async def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds that every call takes")
    parser.add_argument("--port", type=int, default=0, help="0 is any free one")
    given = parser.parse_args()
    async with listening(SimulatedModel(given.latency).answer, given.port) as address:
        print(address, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
