"""draw(): a workflow as the text of a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from .primitive import WorkflowPrimitive

_LONGEST: Final = 60
_PLAIN: Final = frozenset(" _-.,/()=+*…")


@dataclass(frozen=True, slots=True)
class _End:
    """Where a drawn part leaves from: a node, and what to write on the arrow that goes on from it."""

    node: str
    label: str = ""


_Ends: TypeAlias = list[_End]


def draw(step: WorkflowPrimitive[Any, Any]) -> str:
    """Return the text: sequences as arrows, branches between bars, choices as diamonds, others as frames."""
    drawing = _Drawing()
    first = drawing.node('(["input"])')
    ends = drawing.part(step, [_End(first)])
    drawing.link(ends, drawing.node('(["output"])'))
    return "\n".join(["flowchart TD", *drawing.nodes, *drawing.arrows, ""])


@dataclass
class _Drawing:
    """Nodes stand in the frame that they are written in, so arrows are kept apart and written after them."""

    nodes: list[str] = field(default_factory=list[str])
    arrows: list[str] = field(default_factory=list[str])
    depth: int = 1
    count: int = 0

    def part(self, step: WorkflowPrimitive[Any, Any], ends: _Ends) -> _Ends:
        """Draw a step after `ends` and return where it leaves from."""
        inside, shape = step.children, step.shape
        if not inside:
            return self.link(ends, self.node(f"[{_text(step.name)}]"))
        title = _text(shape.title or step.name)
        match shape.kind:
            case "sequence":
                for child in inside.values():
                    ends = self.part(child, ends)
                return ends
            case "parallel":
                return self._parallel(inside, ends)
            case "choice":
                return self._choice(inside, ends, title, shape.otherwise)
            case "wrapper":
                return self._frame(inside, ends, title)

    def _parallel(self, inside: Mapping[str, WorkflowPrimitive[Any, Any]], ends: _Ends) -> _Ends:
        named = not all(label.isdecimal() for label in inside)
        self.link(ends, fork := self.node('[/"fork"\\]'))
        outs = [
            out
            for label, child in inside.items()
            for out in self.part(child, [_End(fork, label if named else "")])
        ]
        return self.link(outs, self.node('[\\"join"/]'))

    def _choice(
        self, inside: Mapping[str, WorkflowPrimitive[Any, Any]], ends: _Ends, title: str, otherwise: str
    ) -> _Ends:
        self.link(ends, diamond := self.node(f"{{{title}}}"))
        outs = [out for label, child in inside.items() for out in self.part(child, [_End(diamond, label)])]
        return [*outs, _End(diamond, otherwise)] if otherwise else outs

    def _frame(self, inside: Mapping[str, WorkflowPrimitive[Any, Any]], ends: _Ends, title: str) -> _Ends:
        self._line(f"subgraph {self._id()}[{title}]")
        self.depth += 1
        if len(inside) > 1:
            self.link(ends, entry := self.node('((" "))'))
            outs = [out for label, child in inside.items() for out in self.part(child, [_End(entry, label)])]
        else:
            outs = [out for child in inside.values() for out in self.part(child, ends)]
        self.depth -= 1
        self._line("end")
        return outs

    def node(self, form: str) -> str:
        """Write a node and return its id."""
        name = self._id()
        self._line(name + form)
        return name

    def link(self, ends: _Ends, node: str) -> _Ends:
        """Draw arrows from `ends` to the node, and return it as the new end."""
        for end in ends:
            label = f"|{_text(end.label)}|" if end.label else ""
            self.arrows.append(f"    {end.node} -->{label} {node}")
        return [_End(node)]

    def _id(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def _line(self, text: str) -> None:
        self.nodes.append("    " * self.depth + text)


def _text(label: str) -> str:
    """Return a quoted label in which nothing can end the quotes or start markup."""
    one_line = " ".join(label.split())
    cut = one_line if len(one_line) <= _LONGEST else one_line[: _LONGEST - 1] + "…"
    escaped = "".join(map(_character, cut)).replace("direction ", "direction#32;")  # a keyword even in quotes
    return f'"{escaped or " "}"'


def _character(one: str) -> str:
    """Return a character, or its entity if it could mean something; nothing if it is not to be seen."""
    if one.isalnum() or one in _PLAIN:
        return one
    return f"#{ord(one)};" if one.isprintable() else ""
