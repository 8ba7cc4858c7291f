"""Drives the paper's own release of ACE against the simulated model server, in a Python that can import it.

    PYTHONPATH=CHECKOUT python benchmarks/peers/paper_release.py JOB RESULT

Its class `ACE` does one epoch over the orders with the defaults of its own README: up to 3 reflection rounds,
the curator after every sample, no bulletpoint analyzer, 4,096 tokens an answer. In mode "offline" it gets
neither validation nor test samples, so that training alone is counted; its mode "online" tests all samples
before, and each window of 15 before it trains on it. Two things are set through public attributes, as the
release has no setting for them: its clients' base URL, and the environment feedback. The release tells its
reflector "Predicted answer does not match ground truth" and nothing else, from which nobody can learn why a
program failed; here its reflector gets the real error of the run as well, which favours it.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

SETTINGS: Final = {
    "num_epochs": 1,
    "max_num_rounds": 3,
    "curator_frequency": 1,
    "eval_steps": 100,
    "online_eval_frequency": 15,
    "save_steps": 50,
    "playbook_token_budget": 80_000,
    "json_mode": False,
    "no_ground_truth": False,
    "test_workers": 20,
    "use_bulletpoint_analyzer": False,
}
"""The values of the release's README, section "Basic Usage"."""


class Execution:
    """What the release calls a data processor: tells whether an answer is right, by really running it."""

    def __init__(self, judge: str, orders: Sequence[dict[str, str]]) -> None:
        self._judge = judge
        self._ids = {order["target"]: order["id"] for order in orders}
        assert len(self._ids) == len(orders), "orders are told apart by their results"
        self.feedback = ""

    def answer_is_correct(self, predicted: str, target: str) -> bool:
        """Run the program `predicted`; `target`, what it must print, says for which order."""
        body = json.dumps({"order": self._ids[target], "code": predicted}).encode()
        with urlopen(Request(f"{self._judge}/judge", data=body)) as answer:  # noqa: S310  # loopback
            told = json.load(answer)
        self.feedback = told["feedback"]
        return bool(told["success"])

    def evaluate_accuracy(self, predictions: Sequence[str], targets: Sequence[str]) -> float:
        """Return the share of right answers."""
        pairs = zip(predictions, targets, strict=True)
        return sum(self.answer_is_correct(*pair) for pair in pairs) / max(1, len(targets))


class GroundedReflector:
    """The release's reflector, told the real result of the run beside the fixed sentence."""

    def __init__(self, reflector: Any, execution: Execution) -> None:  # noqa: ANN401  # the peer's class
        self._reflector, self._execution, self.model = reflector, execution, reflector.model

    def reflect(self, *, environment_feedback: str, **given: object) -> object:
        """Reflect."""
        told = f"{environment_feedback}. Result of running it: {self._execution.feedback}"
        return self._reflector.reflect(environment_feedback=told, **given)


def main() -> None:
    """Train on the job's orders, and write how long that took."""
    job, result = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    ace, openai = importlib.import_module("ace"), importlib.import_module("openai")
    system = ace.ACE("openai", "simulated", "simulated", "simulated", max_tokens=4096)
    for role in (system.generator, system.reflector, system.curator):
        role.api_client = openai.OpenAI(base_url=f"{job['server']}/v1", api_key="none")
    execution = Execution(job["judge"], job["orders"])
    system.reflector = GroundedReflector(system.reflector, execution)
    samples = [{key: order[key] for key in ("question", "context", "target")} for order in job["orders"]]
    with tempfile.TemporaryDirectory() as folder:
        settings = SETTINGS | {"task_name": "thornmere", "save_dir": folder}
        since = time.perf_counter()
        if job["mode"] == "offline":
            given = {"train_samples": samples, "val_samples": list[object]()}
        else:
            given = {"test_samples": samples}
        system.run(job["mode"], data_processor=execution, config=settings, **given)
        seconds = time.perf_counter() - since
        (steps,) = Path(folder).rglob("pre_train_post_train_results.json")
        tries = [step["pre_train_result"]["is_correct"] for step in json.loads(steps.read_text())]
    told = {
        "seconds": seconds,
        "first_tries": dict(zip((order["id"] for order in job["orders"]), tries, strict=True)),
        "context": system.playbook,
        "settings": SETTINGS,
    }
    result.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
