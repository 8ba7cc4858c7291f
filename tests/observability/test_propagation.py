from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import baggage as otel_baggage
from opentelemetry import trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.trace.span import TraceState

from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.observability import extract, inject

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"
ORACLE = TraceContextTextMapPropagator()

TRACE_IDS = st.integers(1, 2**128 - 1).map("{:032x}".format)
SPAN_IDS = st.integers(1, 2**64 - 1).map("{:016x}".format)
TOKEN = "!#$%&'*+-.^_`|~" + string.digits + string.ascii_letters
KEYS = st.text(TOKEN, min_size=1, max_size=20)
STATE_KEYS = st.from_regex(r"[a-z][a-z0-9_\-*/]{0,20}", fullmatch=True)
STATE_VALUES = st.from_regex(
    r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,9}[\x21-\x2b\x2d-\x3c\x3e-\x7e]", fullmatch=True
)
STATES = st.dictionaries(STATE_KEYS, STATE_VALUES, max_size=8).map(
    lambda members: ",".join(f"{key}={value.strip()}" for key, value in members.items())
)
ALMOST = st.one_of(
    st.text(),
    st.from_regex(r"[0-9a-f]{2}-[0-9a-fA-F]{30,34}-[0-9a-f]{14,18}-[0-9a-f]{2}(-.{0,5})?"),
    st.builds(
        "{}-{}-{}-{}{}".format,
        st.sampled_from(["00", "01", "cc", "fe", "ff"]),
        st.sampled_from([TRACE, "0" * 32, TRACE.upper()]),
        st.sampled_from([SPAN, "0" * 16]),
        st.sampled_from(["00", "01", "02", "03", "ff", "0g"]),
        st.sampled_from(["", "-", "-more", "x", " ", "\t", "\n"]),
    ),
)


@given(
    st.builds(
        WorkflowContext,
        trace_id=TRACE_IDS,
        parent_span_id=SPAN_IDS,
        sampled=st.booleans(),
        trace_state=STATES,
        baggage=st.dictionaries(KEYS, st.text(st.characters(exclude_categories=["Cs"])), max_size=8),
    )
)
def test_what_is_sent_comes_back(sent: WorkflowContext) -> None:
    back = extract(inject(sent))
    assert (back.trace_id, back.parent_span_id, back.sampled, back.trace_state, back.baggage) == (
        sent.trace_id,
        sent.parent_span_id,
        sent.sampled,
        sent.trace_state,
        sent.baggage,
    )
    assert back.workflow_id != sent.workflow_id, "another run, of the same trace"


@given(ALMOST)
def test_a_traceparent_is_read_as_opentelemetry_reads_it(header: str) -> None:
    found = trace.get_current_span(ORACLE.extract({"traceparent": header}, Context())).get_span_context()
    ours = extract({"traceparent": header})
    # Python's `$` lets a line feed pass at the end, and so OpenTelemetry does; the standard does not.
    if found.is_valid and not header.endswith("\n"):
        assert ours.trace_id == trace.format_trace_id(found.trace_id)
        assert ours.parent_span_id == trace.format_span_id(found.span_id)
        assert ours.sampled is found.trace_flags.sampled
    else:
        assert ours.parent_span_id is None


@given(TRACE_IDS, SPAN_IDS, st.sampled_from([0, 1]), STATES)
def test_opentelemetry_reads_what_is_sent_and_sends_the_same(
    trace_id: str, span_id: str, flags: int, state: str
) -> None:
    ours = inject(
        WorkflowContext(trace_id=trace_id, parent_span_id=span_id, sampled=bool(flags), trace_state=state)
    )
    read = trace.get_current_span(ORACLE.extract(ours, Context())).get_span_context()
    assert (read.trace_id, read.span_id) == (int(trace_id, 16), int(span_id, 16))
    theirs: dict[str, str] = {}
    span = SpanContext(
        trace_id=int(trace_id, 16),
        span_id=int(span_id, 16),
        is_remote=False,
        trace_flags=TraceFlags(flags),
        trace_state=TraceState.from_header([state]),
    )
    ORACLE.inject(theirs, trace.set_span_in_context(NonRecordingSpan(span), Context()))
    assert ours == theirs


@given(st.dictionaries(KEYS.filter(lambda key: "%" not in key and "+" not in key), st.text(), max_size=8))
def test_opentelemetry_reads_the_same_baggage(carried: dict[str, str]) -> None:
    carried = {key: value.encode("utf-8", "replace").decode().strip() for key, value in carried.items()}
    ours = inject(WorkflowContext(baggage=carried))
    theirs = otel_baggage.get_all(W3CBaggagePropagator().extract(ours, Context()))
    # OpenTelemetry takes + for a space, as in a query; the standard does not.
    assert theirs == carried or any("+" in value for value in carried.values())


@given(
    st.dictionaries(
        st.sampled_from(["traceparent", "Traceparent", "tracestate", "baggage", "BAGGAGE", "other"]),
        st.text(),
    )
)
def test_no_header_can_raise(headers: dict[str, str]) -> None:
    context = extract(headers)
    assert len(context.trace_id) == 32
    assert extract(inject(context)).trace_id == context.trace_id


@pytest.mark.parametrize(
    "header",
    [
        "",
        GOOD.upper(),
        GOOD[:-1],
        GOOD + "0",
        GOOD + "-00",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}\u0660-01",
        f"01-{TRACE}-{SPAN}-01-{'x' * 600}",
    ],
)
def test_a_traceparent_that_is_not_as_the_standard_says_names_no_parent(header: str) -> None:
    context = extract({"traceparent": header, "tracestate": "vendor=1"})
    assert (context.parent_span_id, context.trace_state) == (None, "")
    assert context.trace_id != TRACE


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert extract({"traceparent": f"cc-{TRACE}-{SPAN}-09-what-comes"}).parent_span_id == SPAN


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ("vendor=1,other=2", "vendor=1,other=2"),
        (" vendor=1 ,\tother=2,,", "vendor=1,other=2"),
        ("tenant@vendor=1", "tenant@vendor=1"),
        ("Vendor=1", ""),
        ("vendor=1,vendor=2", ""),
        ("vendor", ""),
        ("vendor=", ""),
        ("vendor=a=b", ""),
        (",".join(f"k{n}=1" for n in range(32)), ",".join(f"k{n}=1" for n in range(32))),
        (",".join(f"k{n}=1" for n in range(33)), ""),
        ("vendor=" + "x" * 600, ""),
    ],
)
def test_a_tracestate_is_passed_on_whole_or_not_at_all(state: str, kept: str) -> None:
    assert extract({"traceparent": GOOD, "tracestate": state}).trace_state == kept


@pytest.mark.parametrize(
    ("header", "carried"),
    [
        ("user=alice,region=eu", {"user": "alice", "region": "eu"}),
        (" user = alice ;secret=1;x , region=eu", {"user": "alice", "region": "eu"}),
        ("greeting=hello%20w%C3%B6rld%2C", {"greeting": "hello wörld,"}),
        ("a=1,a=2", {"a": "2"}),
        ("=1,a b=2,c,d=e f,\u00e9=1,ok=yes", {"ok": "yes"}),
        ("bad=%ff%zz", {"bad": "\ufffd%zz"}),
        ("empty=", {"empty": ""}),
        (",".join(f"k{n}={n}" for n in range(100)), {f"k{n}": str(n) for n in range(64)}),
        ("a=" + "x" * 9_000, {}),
    ],
)
def test_of_baggage_what_is_proper_is_kept(header: str, carried: dict[str, str]) -> None:
    assert extract({"baggage": header}).baggage == carried


def test_of_too_much_baggage_what_fits_is_sent() -> None:
    many = inject(WorkflowContext(baggage={f"k{n}": "v" for n in range(100)}))["baggage"]
    assert many.count(",") == 63
    large = inject(WorkflowContext(baggage={"big": "x" * 9_000, "small": "y", "no name": "z"}))["baggage"]
    assert large == "small=y"
    assert "baggage" not in inject(WorkflowContext(baggage={"no name": "z"}))


def test_without_a_step_that_is_recorded_the_trace_holds_together() -> None:
    context = WorkflowContext(trace_id=TRACE)
    assert extract(inject(context)).trace_id == TRACE


def test_names_of_headers_may_be_in_any_case() -> None:
    context = extract({"Traceparent": GOOD, "TRACESTATE": "vendor=1", "Baggage": "a=1"})
    assert (context.trace_id, context.parent_span_id) == (TRACE, SPAN)
    assert (context.trace_state, context.baggage) == ("vendor=1", {"a": "1"})


@pytest.mark.parametrize("trace_id", ["my-trace", "0" * 32, TRACE.upper()])
def test_an_id_that_no_header_can_hold_is_refused(trace_id: str) -> None:
    with pytest.raises(ConfigurationError, match="must be 32 and 16 hexadecimal digits"):
        inject(WorkflowContext(trace_id=trace_id))
