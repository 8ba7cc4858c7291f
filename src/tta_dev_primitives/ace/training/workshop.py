"""Workshop: what the tasks of a run are done with: models, sandbox, options, and what keeps all results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...llm.journal import Journal
from ...llm.types import LanguageModel, Role
from ...sandbox.types import Limits, Sandbox
from ...settings import Settings
from ..loop import Loop
from ..options import AceOptions, Reflect
from .outcomes import Outcomes
from .watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Makes the loop of each part of a run; every model answer and every outcome is kept and found again.

    `side` begins the names of its parts in the journals, where a run has two sides.
    """

    models: Mapping[Role, LanguageModel]
    sandbox: Sandbox
    limits: Limits
    options: AceOptions
    settings: Settings
    journal: Journal
    outcomes: Outcomes
    watch: Watch
    side: str = ""

    def loop(self, scope: str, options: AceOptions, *, after: Sequence[str] = ()) -> Loop:
        """Return the loop for the part `scope`; what was asked in the same words in `after` costs nothing."""
        whole, earlier = self.side + scope, [self.side + one for one in after]
        models = {
            role: self.journal.within(whole, self.watch.within(model), after=earlier)
            for role, model in self.models.items()
        }
        loop = Loop.connect(
            model=None,
            models=models,
            sandbox=self.sandbox,
            limits=self.limits,
            options=options,
            settings=self.settings,
        )
        return self.outcomes.within(whole, loop, limits=self.limits)

    @property
    def certain(self) -> AceOptions:
        """The options for measuring: what is relevant is used, nothing is held out, nothing is learned."""
        return replace(self.options, inclusion=1.0, exploration=0.0, hold_out=0.0, reflect=Reflect.NEVER)
