"""The forms of answers that learning systems ask for, and how the simulated model fills them in.

The form follows from the request alone: the schema of the tool that takes the answer, or the keys that the
end of the prompt asks for in JSON. What is filled in comes from `Mind`, and so is the same for everybody.
Where a form leaves a choice, the model takes what costs the asking system least: one call where one is
enough, several tool calls in one turn, and no look-ups that would change nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .mind import Mind, announcement
from .question import Answer, Question
from .world import LESSONS


class UnknownForm(ValueError):
    """An answer is asked for in a form that the simulated model does not know."""


@dataclass(frozen=True)
class Form:
    """One form: whose role it plays, the keys that give it away, and how it is filled in."""

    role: str
    keys: frozenset[str]
    fill: Callable[[Mind], Mapping[str, object]]


def _program(mind: Mind) -> Mapping[str, object]:
    """Ours, where the program must be given at once."""
    return {"plan": "Ask each desk.", "code": mind.program(), "strategies": list(mind.followed().values())}


def _first_move(mind: Mind) -> Mapping[str, object]:
    """Ours, where probes are offered to who is not sure: one for each desk whose custom is not known."""
    probes = [mind.probe(name) for name in mind.departments if not mind.knows(name)]
    return {"plan": "See what each desk says.", "code": "", "probes": probes} if probes else _program(mind)


def _answer(mind: Mind) -> Mapping[str, object]:
    """The paper's generator and Kayba's agent: the program is the final answer."""
    ids = list(mind.followed().values())
    return {
        "reasoning": f"Ask each desk for its total. {' '.join(f'Following [{one}].' for one in ids)}",
        "bullet_ids": ids,
        "final_answer": mind.program(),
    }


def _insights(mind: Mind) -> Mapping[str, object]:
    return {
        "diagnosis": "A desk refused until its custom was followed."
        if mind.news()
        else "The program is right.",
        "insights": [
            {
                "kind": "pitfall",
                "content": lesson,
                "libraries": ["thornmere"],
                "keywords": [_department(lesson)],
            }
            for lesson in mind.news()
        ],
        "tags": [{"strategy": one, "tag": "helpful"} for one in mind.followed().values()],
    }


def _reflection(mind: Mind) -> Mapping[str, object]:
    """The paper's reflector and Kayba's."""
    said = announcement(mind.news())
    return {
        "reasoning": "Each desk has a custom, and the feedback names it.",
        "error_identification": "A desk was read before its custom was followed." if mind.news() else "none",
        "root_cause_analysis": "The documentation does not tell the customs." if mind.news() else "none",
        "correct_approach": "Follow the custom of each desk right after opening it.",
        "key_insight": said,
        "bullet_tags": [{"id": one, "tag": "helpful"} for one in mind.followed().values()],
    }


def _operations(mind: Mind) -> Mapping[str, object]:
    """The paper's curator."""
    adds = [
        {"type": "ADD", "section": "common_mistakes_to_avoid", "content": lesson}
        for lesson in mind.announced()
    ]
    return {"reasoning": "What is announced and missing is added.", "operations": adds}


def _decisions(mind: Mind) -> Mapping[str, object]:
    """Our curator's: each numbered insight stands before the strategies that resemble it."""
    sections = re.split(r"^# Insight (\d+)$", mind.prompt, flags=re.MULTILINE)[1:]
    pairs = zip(sections[::2], sections[1::2], strict=True)
    return {"decisions": [{"insight": int(number), "action": _action(text)} for number, text in pairs]}


def _action(section: str) -> str:
    """An insight whose words a strategy has already is dropped; all customs differ, so others are added."""
    known = any(section.count(lesson) > 1 for lesson in LESSONS.values())
    return "drop" if known else "add"


def _sheet(mind: Mind) -> Mapping[str, object]:
    """A cheat sheet, written anew from everything that the prompt tells."""
    return {"cheatsheet": "\n".join(f"- {lesson}" for lesson in mind.everything())}


def _report(_: Mind) -> Mapping[str, object]:
    return {"reasoning": "What was new is in the book now."}


def _department(lesson: str) -> str:
    return next(name for name, text in LESSONS.items() if text == lesson)


_FORMS: Final = (
    Form("curator", frozenset({"decisions"}), _decisions),
    Form("curator", frozenset({"operations"}), _operations),
    Form("curator", frozenset({"cheatsheet"}), _sheet),
    Form("reflector", frozenset({"diagnosis", "insights"}), _insights),
    Form("reflector", frozenset({"key_insight"}), _reflection),
    Form("generator", frozenset({"plan", "code", "probes"}), _first_move),
    Form("generator", frozenset({"plan", "code"}), _program),
    Form("generator", frozenset({"final_answer"}), _answer),
)
"""Of several that fit, the first counts."""
_END: Final = 1000
"""Characters at the end of a prompt that say what form it wants; earlier ones may quote other roles."""


def reply(question: Question) -> tuple[str, Answer]:
    """Return the role that was asked, and the answer.

    Raises:
        UnknownForm: names the keys that are asked for.
    """
    mind = Mind(question.prompt)
    if "add_skill" in question.tools:
        return "curator", _with_tools(question, mind)
    tool = question.output_tool
    asked = question.output_keys if tool else _keys_in(question.prompt)
    form = next((form for form in _FORMS if form.keys <= asked), None)
    if form is None:
        raise UnknownForm(
            f"no form has the keys {sorted(asked)}; see the table in benchmarks/simulated/forms.py"
        )
    filled = form.fill(mind)
    if tool is None:
        return form.role, Answer(text=json.dumps(filled))
    return form.role, Answer(calls=((tool, {key: filled[key] for key in filled if key in asked}),))


def _keys_in(prompt: str) -> frozenset[str]:
    return frozenset(re.findall(r'"(\w+)"\s*:', prompt[-_END:]))


def _with_tools(question: Question, mind: Mind) -> Answer:
    """Kayba's skill manager: all additions in one turn, then the report; with none, the report at once."""
    tool = question.output_tool
    assert tool is not None
    if question.after_tools or not mind.announced():
        return Answer(calls=((tool, _report(mind)),))
    return Answer(calls=tuple(("add_skill", _skill(lesson)) for lesson in mind.announced()))


def _skill(lesson: str) -> Mapping[str, object]:
    department = _department(lesson)
    return {
        "section": "context",
        "issue": f"The {department} gives no total",
        "keywords": ["thornmere", department],
        "insight": lesson,
    }
