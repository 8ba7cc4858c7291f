"""Attributes and durations in words, for people at a terminal; text of others cannot steer it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from .totals import CHAT, COST_USD, INPUT_TOKENS, OPERATION, OUTPUT_TOKENS, number

_LONGEST: Final = 200
_UNTOLD: Final = ("gen_ai.", "playbox.sandbox.id", "playbox.task_id")
_OF_A_TASK: Final = ("playbox.strategies.held_out", "playbox.task.verdict")
"""Of what begins and ends a task, its id is told."""
_IDS: Final = "playbox.strategies.added"
"""Hashes, which tell a person nothing; their number does."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def duration(seconds: float) -> str:
    """Return such as `0.35 ms`, `12 ms`, `1.24 s` or `3 min 5 s`."""
    if seconds < 0.01:  # noqa: PLR2004  # two digits of a millisecond below ten of them
        return f"{seconds * 1e3:.2f} ms"
    if seconds < 1:
        return f"{seconds * 1e3:.0f} ms"
    if seconds < 60:  # noqa: PLR2004  # seconds of a minute
        return f"{seconds:.2f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def described(attributes: Mapping[str, object]) -> str:
    """Return what matters of an event's attributes, in a line."""
    if attributes.get(OPERATION) == CHAT:
        return _of_call(attributes)
    if "playbox.verdict.kind" in attributes:
        return _of_verdict(attributes)
    if "playbox.sandbox.stop" in attributes:
        return _of_sandbox(attributes)
    return one_line(" ".join(_pairs(attributes)))


def one_line(text: str, limit: int = _LONGEST) -> str:
    """Return `text` as one line without control characters, at most `limit` characters long."""
    shown = "".join(" " if char in "\n\t\r" else char for char in text[: 4 * limit])
    shown = "".join(char for char in shown if unicodedata.category(char) not in _HIDDEN).rstrip()
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def tokens(calls: Mapping[str, object]) -> str:
    """Return such as `1,200 + 300 tokens`: those that went in and those that came out."""
    return f"{number(calls, INPUT_TOKENS):,.0f} + {number(calls, OUTPUT_TOKENS):,.0f} tokens"


def _of_call(attributes: Mapping[str, object]) -> str:
    if "error.type" in attributes:
        return one_line(f"{attributes.get('playbox.role', '')}: ✗ {attributes['error.type']}")
    usd = number(attributes, COST_USD)
    cost = f", {usd:.4f} USD" if usd else ""
    return one_line(f"{attributes.get('playbox.role', '')}: {tokens(attributes)}{cost}")


def _of_verdict(attributes: Mapping[str, object]) -> str:
    passed = attributes.get("playbox.verdict.success") is True
    error = attributes.get("playbox.verdict.error") or ""
    kind = str(attributes["playbox.verdict.kind"]).replace("_", " ")
    score = f"score {number(attributes, 'playbox.verdict.score'):.2f}"
    told = [kind, *([str(error)] if error else []), score]
    attempt = attributes.get("playbox.attempt", "?")
    return one_line(f"attempt {attempt}: {'✓' if passed else '✗'} {', '.join(told)}")


def _of_sandbox(attributes: Mapping[str, object]) -> str:
    known = ("language", "isolation", "stop")
    told = [str(attributes.get(f"playbox.sandbox.{name}", "")) for name in known]
    ended = attributes.get("playbox.sandbox.exit_code")
    return one_line(f"{', '.join(told)}{'' if ended is None else f' {ended}'}")


def _pairs(attributes: Mapping[str, object]) -> Iterator[str]:
    untold = _UNTOLD if attributes.keys().isdisjoint(_OF_A_TASK) else _UNTOLD[:-1]
    for name, value in attributes.items():
        if name.startswith(untold) or value is False or value in ("", (), []):
            continue
        yield f"{name.removeprefix('playbox.')}={_shown(name, value)}"


def _shown(name: str, value: object) -> str:
    if name == _IDS and isinstance(value, list | tuple):
        return str(len(value))  # pyright: ignore[reportUnknownArgumentType]  # of whatever it is
    if value is True:
        return "yes"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ",".join(str(part) for part in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)
