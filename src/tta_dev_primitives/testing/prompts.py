"""What a prompt shows, for scripted models: most of it stands there as JSON strings."""

from __future__ import annotations

from ..ace.hygiene import shown


def shows(prompt: str, text: str) -> bool:
    """Tell whether `prompt` shows `text`, as it is or as the data that strategies and results are.

    Of several lines, each is looked for by itself.
    """
    return text in prompt or all(shown(line) in prompt for line in text.split("\n"))
