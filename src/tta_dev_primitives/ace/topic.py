"""Topic: what a run is about, as far as choosing and keeping strategies goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Topic(Protocol):
    """What selection, relevance and curation read of a `Task`, or of the input of any other step."""

    @property
    def id(self) -> str:
        """Equal for what is equal."""
        ...

    @property
    def family(self) -> str:
        """The name of those that are alike; runs are compared within it."""
        ...

    @property
    def language(self) -> str | None:
        """Without one, strategies for every language bear on it."""
        ...

    @property
    def task(self) -> str:
        """What is asked; its words weigh most."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """Names that belong to what is asked."""
        ...

    @property
    def context(self) -> str:
        """Facts beside it."""
        ...

    @property
    def code(self) -> str:
        """Code to start from, or nothing."""
        ...
