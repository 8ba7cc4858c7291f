"""What training costs with ours and with installed peers, on a SIMULATED model server.

    python benchmarks/against_peers.py [--paper CHECKOUT] [--kayba-python PYTHON] [--record]

No model is behind the server (`simulated/server.py`): every call takes the same time, and the answer follows
by rule from the prompt, by the same rule for all. Programs really run in the embedded sandbox, also those of
the peers (`simulated/judge.py`), and all get the same words of feedback. So this compares how often systems
ask, how they wait and what their prompts cost, and nothing else. Figures are ratios of one run. How each peer
is driven stands in its adapter in `peers/`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from peers.driving import Peer, PeerMissing, kayba, paper_release
from peers.ours import WAYS, train
from recording import keep
from simulated.client import Simulated, simulated_model
from simulated.figures import Figures, figures
from simulated.judge import Judge
from simulated.wire import listening
from simulated.world import DOCUMENTATION, Order, make_orders

from tta_dev_primitives.sandbox.open import open_sandbox
from tta_dev_primitives.sandbox.types import Sandbox


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--tasks", type=int, default=30)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds that every call takes")
    parser.add_argument("--seed", type=int, default=1, help="of the tasks")
    parser.add_argument("--paper", type=Path, metavar="CHECKOUT", help="github.com/ace-agent/ace")
    parser.add_argument("--paper-commit", default="unknown", help="what is checked out, for the record")
    parser.add_argument("--paper-python", default=sys.executable, metavar="PYTHON")
    parser.add_argument(
        "--tokenizer",
        type=Path,
        metavar="FOLDER",
        help="tiktoken's cl100k_base for the paper release, where no network is: litellm ships it",
    )
    parser.add_argument("--kayba-python", metavar="PYTHON", help="one with ace-framework")
    parser.add_argument("--record", action="store_true", help="keep the figures in results/")
    return parser.parse_args()


def peers(given: argparse.Namespace) -> Iterator[Peer]:
    """Yield the peers that are here; say which are not."""
    for peer in (
        paper_release(given.paper, given.paper_python, given.tokenizer, mode="offline"),
        paper_release(given.paper, given.paper_python, given.tokenizer, mode="online"),
        kayba(given.kayba_python),
    ):
        try:
            peer.check()
        except PeerMissing as missing:
            print(missing)
        else:
            yield peer


async def measure_ours(model: Simulated, sandbox: Sandbox, orders: Sequence[Order]) -> dict[str, Figures]:
    found = dict[str, Figures]()
    for way in WAYS:
        model.reset()
        trained = await train(way, model.url, sandbox, orders)
        found[way.name] = figures(orders, model.records(), trained.first_tries, trained.seconds)
    return found


async def measure_peer(
    peer: Peer, model: Simulated, sandbox: Sandbox, orders: Sequence[Order]
) -> tuple[Figures, Mapping[str, object]]:
    """Return the figures, and what else the adapter tells."""
    model.reset()
    judge = Judge(sandbox, orders)
    async with listening(judge.answer) as address:
        told = dict(await peer.train(model.url, address, [as_sample(order) for order in orders]))
    found = figures(orders, model.records(), told.pop("first_tries"), told.pop("seconds"))
    told.pop("context")
    return found, told


def as_sample(order: Order) -> Mapping[str, str]:
    return {
        "id": order.id,
        "question": order.text,
        "context": DOCUMENTATION,
        "target": order.expected_output,
    }


def tell(found: Mapping[str, Figures]) -> None:
    """Print a line for each system, and ratios to the first."""
    first = next(iter(found.values()))
    print(
        f"{'per training task':<30}{'calls':>7}{'wall s':>9}{'ratio':>7}{'tokens in':>11}{'out':>6}"
        f"{'reusable':>10}{'least':>7}{'cached':>8}{'1st try':>9}{'late':>6}"
    )
    for name, one in found.items():
        print(
            f"{name:<30}{one.calls:7.2f}{one.seconds:9.2f}{first.seconds / one.seconds:7.2f}"
            f"{one.input_tokens:11.0f}{one.output_tokens:6.0f}{one.reusable:10.3f}{one.reusable_least:7.3f}"
            f"{one.cached:8.3f}{one.first_try:9.2f}{one.first_try_late:6.2f}"
        )
    print("wall s: the whole training; ratio: our wall time to theirs; shares: see simulated/figures.py")


async def main() -> None:
    given = options()
    orders = make_orders(given.tasks, seed=given.seed)
    sandbox, details = open_sandbox("local"), dict[str, Mapping[str, object]]()
    await sandbox.run_code("pass")  # the jail is up before anything is measured
    with simulated_model(given.latency) as model:
        found = await measure_ours(model, sandbox, orders)
        for peer in peers(given):
            found[peer.name], details[peer.name] = await measure_peer(peer, model, sandbox, orders)
    await sandbox.aclose()
    tell(found)
    keep(
        __file__,
        {
            "what": "SIMULATED model server, fixed latency; real programs in the embedded sandbox",
            "tasks": given.tasks,
            "latency_seconds": given.latency,
            "seed": given.seed,
            "systems": {name: asdict(one) for name, one in found.items()},
            "peers": details,
            "paper_commit": given.paper_commit,
        },
    )


if __name__ == "__main__":
    asyncio.run(main())
