"""Runs a peer's chain of ten steps as often as asked; says how many seconds of processor time a run took.

    python benchmarks/peers/chains.py langgraph | langgraph-hooked | pydantic-graph

Each builds its graph once, as its documentation does, and runs it on 0. It says its version first, then
waits, so that its rounds can stand between those of others. `langgraph-hooked` has a handler that hears the
start and the end of each node: an async one, as others are run in threads and cost several times as much.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, TypeAlias, TypedDict

STEPS = 10

Run: TypeAlias = Callable[[], Awaitable[int]]


class State(TypedDict):
    x: int


def langgraph(*, hooked: bool) -> Run:
    graphs: Any = importlib.import_module("langgraph.graph")
    graph, before = graphs.StateGraph(State), graphs.START

    async def add(state: State) -> State:
        return {"x": state["x"] + 1}

    for number in range(STEPS):
        graph.add_node(str(number), add)
        graph.add_edge(before, str(number))
        before = str(number)
    graph.add_edge(before, graphs.END)
    compiled, config = graph.compile(), {"callbacks": [_handler()]} if hooked else {}

    async def run() -> int:
        ended: State = await compiled.ainvoke({"x": 0}, config)
        return ended["x"]

    return run


def _handler() -> object:
    callbacks: Any = importlib.import_module("langchain_core.callbacks")

    async def ignore(*_: object, **__: object) -> None: ...

    heard = {"on_chain_start": ignore, "on_chain_end": ignore}
    return type("Ignore", (callbacks.AsyncCallbackHandler,), heard)()


def pydantic_graph() -> Run:
    graphs: Any = importlib.import_module("pydantic_graph")
    builder = graphs.GraphBuilder(input_type=int, output_type=int)

    async def add(context: Any) -> int:  # noqa: ANN401  # the peer's class
        return int(context.inputs + 1)

    add.__annotations__ = {"context": graphs.StepContext[None, None, int], "return": int}
    before = builder.start_node
    for number in range(STEPS):
        step = builder.step(add, node_id=str(number))
        builder.add(builder.edge_from(before).to(step))
        before = step
    builder.add(builder.edge_from(before).to(builder.end_node))
    graph = builder.build()

    async def run() -> int:
        return int(await graph.run(inputs=0))

    return run


async def seconds(run: Run, calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        await run()
    return (time.process_time() - start) / calls


def main() -> None:
    peer = sys.argv[1]
    run = pydantic_graph() if peer == "pydantic-graph" else langgraph(hooked=peer.endswith("hooked"))
    with asyncio.Runner() as runner:
        assert runner.run(_checked(run)) == STEPS
        print(version(peer.removesuffix("-hooked")), flush=True)
        for line in sys.stdin:
            print(runner.run(seconds(run, int(line))), flush=True)


async def _checked(run: Run) -> int:
    return await run()


if __name__ == "__main__":
    main()
