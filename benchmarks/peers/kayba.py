"""Drives Kayba's ACE (PyPI: ace-framework) against the simulated model server, in a Python that has it.

    python benchmarks/peers/kayba.py JOB RESULT

`ACELiteLLM.from_model(...)` with its defaults, and `learn` over the orders, one epoch, waiting for its
learning in the background. Its hook for feedback is a task environment: ours really runs the program and
tells the real result.

Its skill manager is told to search for near-duplicates before it adds a skill; the simulated model leaves
that call out, as it would change nothing here, so its number of calls is the least that its protocol allows.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen


@dataclass
class Execution:
    """A task environment of Kayba's: evaluates an answer by running it as a program."""

    judge: str
    result: Any
    first_tries: dict[str, bool] = field(default_factory=dict[str, bool])

    def evaluate(self, sample: Any, agent_output: Any) -> object:  # noqa: ANN401  # the peer's classes
        """Return the feedback."""
        body = json.dumps({"order": sample.id, "code": agent_output.final_answer}).encode()
        with urlopen(Request(f"{self.judge}/judge", data=body)) as answer:  # noqa: S310  # loopback
            told = json.load(answer)
        self.first_tries[sample.id] = told["success"]
        return self.result(
            feedback=told["feedback"],
            ground_truth=sample.ground_truth,
            metrics={"correct": float(told["success"])},
        )


def main() -> None:
    """Train on the job's orders, and write how long that took."""
    job, result = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    os.environ |= {"OPENAI_BASE_URL": f"{job['server']}/v1", "OPENAI_API_KEY": "none"}
    ace, environments = importlib.import_module("ace"), importlib.import_module("ace.core.environments")
    samples = [
        environments.Sample(
            id=order["id"], question=order["question"], context=order["context"], ground_truth=order["target"]
        )
        for order in job["orders"]
    ]
    execution = Execution(job["judge"], environments.EnvironmentResult)
    system = ace.ACELiteLLM.from_model("openai-chat:simulated", environment=execution)
    since = time.perf_counter()
    results = system.learn(samples, wait=True)
    seconds = time.perf_counter() - since
    failed = [repr(one.error) for one in results if one.error]
    if failed:
        sys.exit(f"{len(failed)} of {len(results)} samples failed: {failed[0]}")
    told = {
        "seconds": seconds,
        "first_tries": execution.first_tries,
        "context": system.skillbook.as_prompt(),
        "version": version("ace-framework"),
    }
    result.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
