"""Prompts that are the beginning of a program, in the words of a task."""

from __future__ import annotations


def as_task(prompt: str, entry_point: str) -> str:
    """Return `prompt` as a task: as it is, or with words around it if it is the head of `entry_point`."""
    if not entry_point.isidentifier() or f"def {entry_point}" not in prompt or "```" in prompt:
        return prompt
    return (
        f"Complete the function `{entry_point}`. Write the whole program, with its imports:\n\n"
        f"```python\n{prompt.strip()}\n```"
    )
