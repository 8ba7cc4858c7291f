"""A chat-completions request as the simulated model reads it, and the answers it can give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast


@dataclass(frozen=True)
class Question:
    """One request. `messages` are role and text; `tools` are the JSON schemas of the parameters, by name."""

    messages: tuple[tuple[str, str], ...]
    tools: Mapping[str, Mapping[str, Any]]
    tools_size: int

    @cached_property
    def prompt(self) -> str:
        """Everything that the model reads, in order."""
        return "\n".join(text for _, text in self.messages)

    @cached_property
    def told(self) -> str:
        """System and user messages, each with its role: what a provider's prefix cache compares."""
        return "\n".join(f"<{role}>\n{text}" for role, text in self.messages)

    @property
    def output_tool(self) -> str | None:
        """The tool that takes the final answer, if tools are how answers are given."""
        return next((name for name in self.tools if name.startswith("final_result")), None)

    @property
    def output_keys(self) -> frozenset[str]:
        """The keys of the final answer, as its schema names them."""
        schema = self.tools.get(self.output_tool or "", {})
        return frozenset(schema.get("properties", {}))

    @property
    def after_tools(self) -> bool:
        """True if tools have answered already."""
        return bool(self.messages) and self.messages[-1][0] == "tool"


@dataclass(frozen=True)
class Answer:
    """Text, or calls of tools with their arguments."""

    text: str = ""
    calls: tuple[tuple[str, Mapping[str, object]], ...] = ()


def read_question(body: Mapping[str, Any]) -> Question:
    """Return what the body of a chat-completions request asks."""
    messages = cast("Sequence[Mapping[str, Any]]", body["messages"])
    functions = [tool["function"] for tool in body.get("tools") or ()]
    return Question(
        messages=tuple((message["role"], _text(message)) for message in messages),
        tools={function["name"]: function.get("parameters", {}) for function in functions},
        tools_size=len(str(functions)) if functions else 0,
    )


def _text(message: Mapping[str, Any]) -> str:
    """Return a message's content, and the arguments of its tool calls."""
    content = message.get("content") or ""
    parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
    calls = message.get("tool_calls") or ()
    return "\n".join([*parts, *(call["function"]["arguments"] for call in calls)])
