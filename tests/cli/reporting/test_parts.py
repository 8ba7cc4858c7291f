from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives.cli.reporting.markup import el, render
from tta_dev_primitives.cli.reporting.reuse import reusable_prefixes
from tta_dev_primitives.cli.reporting.text import failing_line, first_words, prose
from tta_dev_primitives.cli.reporting.transcripts import OUTPUT, PROSE, chapters
from tta_dev_primitives.cli.reporting.words import word_changes
from tta_dev_primitives.llm.tape import Entry, RecordedUsage
from tta_dev_primitives.llm.types import Role


def asked(task: str, prompt: str, role: Role = Role.GENERATOR, scope: str = "") -> Entry:
    usage = RecordedUsage(input_tokens=1, cached_tokens=0, output_tokens=1, calls=1, usd=None)
    request = f"== instructions\nWrite.\n== prompt\n{prompt}\n== output fields\ncode"
    return Entry(
        role=role,
        task_id=task,
        attempt=1,
        hash="",
        request=request,
        answer={},
        usage=usage,
        model="m",
        recorded="2026-01-01",
        scope=scope,
    )


def test_the_first_prompt_of_a_task_is_compared_with_the_prompt_before() -> None:
    entries = [
        asked("one", "abcdef"),
        asked("one", "feedback", Role.REFLECTOR),
        asked("one", "abcdef and what failed"),
        asked("two", "abcxyz"),
        asked("one", "abcxyz", scope="train-2-0"),
    ]
    shares = reusable_prefixes(entries)
    start = len("== instructions\nWrite.\n== prompt\n")
    assert shares == {"two": (start + 3) / (start + 6), "train-2-0 one": 1.0}
    assert reusable_prefixes(entries[:1]) == {}


def test_a_transcript_has_chapters_of_prose_programs_and_output() -> None:
    asked = "# title\n\n## Task\n\nSay it.\n\nTwice.\n\n"
    text = f"{asked}## Attempt 1\n\n```python\n## x\n```\n\n````text\n```\n````\n"
    task, attempt = chapters(text)
    assert (task.title, [(block.text, block.form) for block in task.blocks]) == (
        "Task",
        [("Say it.\n\nTwice.", PROSE)],
    )
    assert [(block.text, block.form) for block in attempt.blocks] == [("## x", "python"), ("```", OUTPUT)]
    assert chapters("") == ()


@settings(max_examples=50, deadline=None)
@given(st.text("ab .,", max_size=20), st.text("ab .,", max_size=20))
def test_changes_of_words_hold_the_old_and_the_new_text(old: str, new: str) -> None:
    parts = list(word_changes(old, new))
    kept = [part if isinstance(part, str) else str(part.children[0]) for part in parts]
    kinds = ["" if isinstance(part, str) else part.tag for part in parts]
    assert "".join(text for text, kind in zip(kept, kinds, strict=True) if kind != "del") == new
    assert "".join(text for text, kind in zip(kept, kinds, strict=True) if kind != "ins") == old
    assert render(el("p", *parts))


def test_words_about_a_failure() -> None:
    assert failing_line("KeyError (line 12): 'a'\nstdout: (line 3)") == 12
    assert failing_line("it printed nothing") is None
    assert first_words("stdout: x\nKeyError: 'a'", "runtime_error") == "runtime error: KeyError: 'a'"
    assert prose("(-5 to 12 %), p = 0.1") == "(\N{MINUS SIGN}5 to 12\xa0%), p\xa0=\xa00.1"
