"""OpenRun: a run whose files are open, and what it writes down when it ends or stops."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from ...core.budget import Budget, Spend
from ...core.errors import BudgetExceeded
from ...llm.journal import Journal
from ...llm.types import LanguageModel, Role, Usage
from ...sandbox.types import Limits, Sandbox
from ...settings import Settings
from ..options import AceOptions
from .comparison import Comparison
from .config import RunConfig
from .curve import curve_of
from .folder import RunFolder
from .ledger import Ledger
from .outcomes import Outcomes
from .result import TaskResult
from .split import Split
from .summary import Best, Summary, summary_of
from .watch import Watch
from .workshop import Workshop

_OPTIONS: TypeAdapter[AceOptions] = TypeAdapter(AceOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a run is done with, and what is not part of it: the same run may go on elsewhere."""

    models: Mapping[Role, LanguageModel]
    sandbox: Sandbox
    settings: Settings
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """What a run was told, its tasks, and its files. `since` is the `time.monotonic()` of its opening."""

    folder: RunFolder
    config: RunConfig
    tasks: Split
    workshop: Workshop
    ledger: Ledger
    since: float = field(default_factory=time.monotonic)

    def conclude(
        self,
        *,
        stopped: str = "",
        against: Sequence[TaskResult] = (),
        comparison: Comparison | None = None,
        best: Best | None = None,
    ) -> Summary:
        """Write summary and curve, and return the summary."""
        results = self.ledger.results()
        validation = len(self.tasks.validation) if self.tasks.validation else 0
        summary = summary_of(
            self.config,
            results,
            self.workshop.journal,
            tasks=len(self.tasks.train) + validation,
            seconds=time.monotonic() - self.since,
            stopped=stopped,
            against=against,
            comparison=comparison,
            best=best,
        )
        self.folder.write("summary.json", summary.model_dump_json(indent=2) + "\n")
        if results:
            curve = curve_of(results, self.config.mode)
            self.folder.write("curve.json", curve.model_dump_json(indent=2) + "\n")
        return summary


@contextmanager
def opened(folder: RunFolder, means: Means, budget: Budget | None) -> Generator[OpenRun]:
    """Yield the run in `folder`, with what it spent before taken from `budget`.

    Raises:
        ConfigurationError: there is no run in it, another process is at it, or a file is damaged.
        BudgetExceeded: the run has spent it already.
    """
    config = folder.config()
    tasks = folder.tasks(config)
    with folder.held(), Journal(folder.path / "answers.jsonl") as journal:
        _charge(budget, journal.spent)
        outcomes, ledger = Outcomes(folder.path / "outcomes.jsonl"), Ledger(folder)
        workshop = Workshop(
            models=means.models,
            sandbox=means.sandbox,
            limits=means.limits,
            options=_OPTIONS.validate_python(dict(config.options)),
            settings=means.settings,
            journal=journal,
            outcomes=outcomes,
            watch=Watch(),
        )
        try:
            yield OpenRun(folder=folder, config=config, tasks=tasks, workshop=workshop, ledger=ledger)
        finally:
            outcomes.close()
            ledger.close()


def _charge(budget: Budget | None, spent: Usage) -> None:
    if budget is None or not spent.calls:
        return
    paid = Spend(tokens=spent.tokens, usd=spent.usd or 0.0, calls=spent.calls)
    try:
        budget.settle(budget.reserve(paid), paid)
    except BudgetExceeded:
        raise BudgetExceeded(
            f"this run has spent {paid.calls} calls, {paid.tokens} tokens and {paid.usd:.4f} USD already, "
            "more than the budget; give a larger one, as it covers the whole run"
        ) from None
