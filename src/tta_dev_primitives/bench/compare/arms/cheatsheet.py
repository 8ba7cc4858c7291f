"""Cheat sheet: a model writes the whole of what is known anew after each task.

One task at a time, as each rewrite begins with the one before. Source: Dynamic Cheatsheet, arXiv 2504.07952,
the cumulative variant.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from ....ace.hygiene import cap, clean, redact
from ....ace.training.solving import Solved
from ....ace.training.watch import ANSWERED_BADLY
from ....core.context import WorkflowContext
from ....llm.types import LanguageModel, Request, Role
from ..notes import keep, kept, told
from ..practice import practising
from ..site import Briefing, Site

_BYTES_PER_TOKEN: Final = 4
_INSTRUCTIONS: Final = files(__package__ or "").joinpath("cheatsheet.md").read_text(encoding="utf-8")


class Sheet(BaseModel):
    """The whole sheet."""

    model_config = ConfigDict(frozen=True)

    cheatsheet: Annotated[str, Field(max_length=100_000, description="The whole sheet, in markdown")]


async def train(site: Site, context: WorkflowContext) -> Briefing:
    """Do the training tasks, each with the sheet that was written after the one before."""
    known = kept(site)
    if known is not None:
        return known
    sheet = ""
    async with practising(site, context, at_once=1) as practice:
        for batch in practice.batches():
            (solved,) = await practice.solve(batch, _note(sheet))
            model = practice.model(batch.part, Role.CURATOR)
            sheet = await _rewritten(sheet, solved, site.plan.tokens, model, context)
        return keep(site, _note(sheet))


async def _rewritten(
    sheet: str, solved: Solved, most: int, model: LanguageModel, context: WorkflowContext
) -> str:
    """Return the next sheet; the old one if the model gives none."""
    secrets = context.secrets.now
    request = Request(
        role=Role.CURATOR,
        task_id=solved.task.id,
        attempt=1,
        instructions=_INSTRUCTIONS,
        prompt=secrets.hide(
            "\n\n".join(
                [
                    _note(sheet) or "# Cheat sheet\nIt is empty.",
                    f"# Task\n{told(solved, secrets)}",
                    f"The sheet may have at most {most} tokens.",
                ]
            )
        ),
        output=Sheet,
    )
    try:
        reply = await model.ask(request, context)
    except ANSWERED_BADLY:
        return sheet
    return cap(redact(clean(reply.output.cheatsheet.strip()), secrets), most * _BYTES_PER_TOKEN)


def _note(sheet: str) -> str:
    return f"# Cheat sheet\n{sheet}" if sheet else ""
