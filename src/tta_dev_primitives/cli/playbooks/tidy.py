"""`playbox playbook tidy`."""

from __future__ import annotations

from ...ace.diff import diff
from ...ace.meaning import connect_meanings
from ...ace.tidying import tidy
from ...core.context import WorkflowContext, new_id
from ...llm.models import connect
from ..exits import ExitCode
from ..patience import patiently
from ..screen import one_line, open_screen, plural, safe
from ..session import Session
from .changes import diff_document, diff_lines
from .place import existing, load


def tidy_playbook(session: Session, place: str | None, model: str | None, *, as_json: bool) -> ExitCode:
    """Tidy the playbook, and show what changed."""
    store, screen, settings = existing(session, place), open_screen(as_json=as_json), session.settings()
    chosen = model or session.model
    asked = None if chosen is None else connect(chosen, settings)
    meanings = None if asked is None else connect_meanings(settings, store)
    before = load(store)
    run_id = f"tidying {new_id()[:8]}"
    context = WorkflowContext(workflow_id=run_id, budget=settings.budget(), secrets=session.secrets)
    usage, failure = patiently("comparing strategies", lambda: tidy(store, asked, context, meanings=meanings))
    after = load(store)
    found = diff(before, after)
    if as_json:
        cost = {"calls": usage.calls, "tokens": usage.tokens, "usd": usage.usd}
        screen.document(
            {
                "playbook": store.location,
                "version": after.version,
                "size": after.size,
                **diff_document(found),
                **cost,
                "failure": failure,
            }
        )
    else:
        screen.show(*diff_lines(found, after))
        told = f"{plural(before.size, 'strategy')} before, {after.size:,} now"
        calls = f"; {plural(usage.calls, 'model call')}" if asked else ""
        screen.show(f"{told}{calls}, in {safe(store.location)}")
    if failure:
        screen.tell(one_line(failure, 400))
    return ExitCode.FAILED if failure else ExitCode.OK
