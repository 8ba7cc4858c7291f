"""Why a strategy stands, as JSON."""

from __future__ import annotations

from ...ace.evidence.belief import Belief
from ...ace.statistics import Estimate
from ...ace.taught import Taught
from ...ace.why import Change, Outcomes, Why


def document(found: Why) -> dict[str, object]:
    """Return all of it; texts are as they are stored."""
    seen, opinion = found.seen, found.opinion
    return {
        "asked": found.asked.alias,
        "strategy": found.bullet.model_dump(mode="json"),
        "taught": [_taught(taught) for taught in found.taught],
        "changes": [_change(change) for change in found.changes],
        "runs": {
            "relevant": seen.relevant,
            "unjudged": seen.unjudged,
            "included": _outcomes(seen.included),
            "left_out": _outcomes(seen.left_out),
        },
        "belief": _belief(found.belief),
        "replays": [replay.model_dump(mode="json", exclude={"type", "bullet"}) for replay in found.replays],
        "tags": {"helpful": opinion.helpful, "harmful": opinion.harmful, "neutral": opinion.neutral},
    }


def _taught(taught: Taught) -> dict[str, object]:
    return {
        "strategy": taught.bullet.alias,
        "episode": taught.episode.model_dump(mode="json"),
        "fix": list(taught.fix.diff()) if taught.fix else [],
    }


def _change(change: Change) -> dict[str, object]:
    task = {"task_id": change.episode.task_id} if change.episode else {}
    return {**change.recorded.model_dump(mode="json"), **task}


def _belief(belief: Belief) -> dict[str, object]:
    return {
        "uplift": estimate(belief.uplift),
        "e_value": belief.e_value,
        "helps": belief.helps,
        "relevant": belief.relevant,
        "included": belief.included,
    }


def _outcomes(outcomes: Outcomes) -> dict[str, object]:
    return {"runs": outcomes.runs, "solved": outcomes.solved, "share": estimate(outcomes.share)}


def estimate(value: Estimate | None) -> dict[str, object] | None:
    """Return an estimate as JSON values."""
    if value is None:
        return None
    return {
        "value": value.value,
        "low": value.low,
        "high": value.high,
        "n": value.n,
        "level": value.level,
        "method": value.method,
    }
