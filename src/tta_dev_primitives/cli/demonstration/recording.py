"""Who answers in the demonstration: a recorded large language model, a live one, or a script."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Final

from ...llm.cassette import Replay
from ...llm.models import AnyModel, connect
from ...llm.types import LanguageModel
from ..screen import safe
from ..session import Session

_UNNAMED: Final = "a large language model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """The model of a demonstration, and what the screen says about it."""

    model: LanguageModel
    replayed: bool

    @property
    def banner(self) -> str:
        """Where the answers come from."""
        if isinstance(self.model, Replay):
            names = sorted({source.model for source in self.model.sources if _names(source.model)})
            named = f" ({safe(', '.join(names))})" if names else ""
            days = sorted({source.recorded or "" for source in self.model.sources})
            when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
            recorded = f"recorded answers of {_UNNAMED}{named}, recorded {when} and replayed"
            return f"The model's answers are {recorded}."
        return f"The model's answers come from {safe(self.model.name)}, asked now."


@contextmanager
def speaking(session: Session, model: str | None) -> Generator[Speaker]:
    """Yield the model named, that of the session, or the recording that comes with this package.

    Raises:
        ConfigurationError: the model cannot be used.
        CassetteError: the recording cannot be read.
    """
    chosen: AnyModel | None = model or session.model
    if chosen is not None:
        yield _speaker(connect(chosen, session.settings()))
        return
    with as_file(files("tta_dev_primitives.demo") / "recording.jsonl") as path:
        yield _speaker(Replay(path))


def _speaker(model: LanguageModel) -> Speaker:
    return Speaker(model=model, replayed=isinstance(model, Replay))


def _names(model: str) -> bool:
    """Tell whether a recording names the model, and does not only call it a large language model."""
    return model.lower().replace("-", " ").removeprefix("a ") != _UNNAMED.removeprefix("a ")
