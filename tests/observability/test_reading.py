from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.observability import Traces, read_traces
from tta_dev_primitives.observability.reading import State, TracedSpan

NAMES = st.sampled_from(["a", "b", "c", ""])
NUMBERS = st.one_of(st.floats(), st.integers(), st.just(10**400), st.none(), st.text(max_size=2))
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["start", "end", "event", "other", 1, None]),
        "at": NUMBERS,
        "seconds": NUMBERS,
        "run": st.one_of(st.sampled_from(["r", "s"]), st.integers()),
        "span": st.one_of(NAMES, st.none(), st.integers()),
        "parent": st.one_of(NAMES, st.none(), st.lists(NAMES)),
        "name": st.one_of(st.text(), st.none()),
        "attributes": st.one_of(
            st.dictionaries(
                st.sampled_from(["gen_ai.operation.name", "gen_ai.usage.input_tokens", "playbox.x"]),
                st.one_of(NUMBERS, st.just("chat"), st.lists(st.integers())),
            ),
            st.none(),
        ),
        "error": st.one_of(st.none(), st.dictionaries(st.sampled_from(["type", "message"]), st.text())),
        "operation": st.one_of(st.none(), st.dictionaries(st.sampled_from(["name", "seconds"]), NUMBERS)),
    },
)
LINES = st.one_of(RECORDS.map(lambda record: json.dumps(record).encode()), st.binary(max_size=40))


def read(content: bytes) -> Traces:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "traces.jsonl"
        path.write_bytes(content)
        return read_traces(path)


def start(span: str, parent: str | None = None, at: float = 1.0) -> str:
    return json.dumps({"kind": "start", "at": at, "run": "r", "span": span, "parent": parent, "name": span})


def end(span: str, at: float = 2.0) -> str:
    return json.dumps({"kind": "end", "at": at, "run": "r", "span": span, "name": span, "seconds": 1.0})


@given(st.lists(LINES, max_size=12))
def test_whatever_a_file_holds_it_is_read_as_trees(lines: list[bytes]) -> None:
    traces = read(b"\n".join(lines))
    for run in traces.runs:
        placed = set[str]()
        for span in run.spans:
            assert span.parent is None or span.parent in placed, (
                "a parent comes first, so nothing is circular"
            )
            placed.add(span.id)
        assert run.seconds >= 0
        assert run.state in State
        assert run.totals.input_tokens is not None


def test_spans_that_claim_to_lie_in_each_other_do_not() -> None:
    (run,) = read("\n".join([start("a", "b"), start("b", "a"), start("c", "c"), ""]).encode()).runs
    assert [(span.id, span.parent) for span in run.spans] == [("a", None), ("b", "a"), ("c", None)]


@pytest.mark.parametrize(
    ("last", "damaged", "cut"),
    [("", 0, False), (end("a")[:-9], 1, True), (end("a") + "\n", 0, False), ("[]\n", 1, True)],
)
def test_a_last_line_that_was_cut_off_is_noticed(last: str, damaged: int, cut: bool) -> None:  # noqa: FBT001
    traces = read(f"{start('a')}\n{last}".encode())
    assert (traces.damaged, traces.cut) == (damaged, cut)
    assert [span.id for span in traces.runs[0].spans] == ["a"]


def test_a_damaged_line_costs_nothing_but_itself() -> None:
    traces = read("\n".join([start("a"), '{"kind": NaN}', "\x00", end("a"), ""]).encode())
    assert (traces.damaged, traces.cut) == (2, False)
    assert traces.runs[0].state is State.DONE


def test_a_span_ends_once_and_begins_once() -> None:
    traces = read("\n".join([start("a"), start("a", at=5.0), end("a"), end("a", at=9.0), ""]).encode())
    assert traces.damaged == 2
    assert traces.runs[0].spans == (
        TracedSpan(id="a", parent=None, name="a", started=1.0, state=State.DONE, seconds=1.0),
    )


def test_a_nest_without_a_bottom_is_read() -> None:
    lines = [start(str(n), str(n - 1)) for n in range(20_000)]
    (run,) = read("\n".join(lines).encode()).runs
    assert len(run.spans) == 20_000


@pytest.mark.parametrize(
    "line",
    [
        start("a", at=-9e10),
        json.dumps({"kind": "end", "at": 1.0, "run": "r", "span": "a", "seconds": 9e10}),
        json.dumps({"kind": "event", "at": -1.0, "run": "r", "attributes": {}}),
        '{"kind": "event", "at": 1.0, "run": "r", "attributes": {"playbox.cost_usd": 1e999}}',
    ],
)
def test_what_no_clock_shows_and_json_cannot_hold_is_damage(line: str) -> None:
    traces = read(f"{start('b')}\n{line}\n".encode())
    assert traces.damaged == 1
    assert traces.runs[0].started == 1.0
    assert traces.runs[0].moments == ()
