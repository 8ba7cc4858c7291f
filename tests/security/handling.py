"""Whether a case was handled as it says: what became of its text, by what the playbook holds afterwards."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from tests.security.case import Case, as_list, as_mapping
from tests.security.effects import Played
from tests.security.stage import GOOD
from tta_dev_primitives.ace.bullet import Bullet, Status

_PROGRAM: Final = re.compile(r"<data code (\w+)>.*?</data \1>", re.DOTALL)
Question = Callable[[Case, Played], bool]


def reached(case: Case, played: Played) -> bool:
    """Return whether what was expected is what happened, or something stricter."""
    return ACTIONS[case.action](case, played)


def _learned(played: Played) -> list[Bullet]:
    """Return what came into the playbook besides the strategies that are fine."""
    return [one for one in played.playbook.bullets.values() if one.content not in GOOD]


def _rejected(case: Case, played: Played) -> bool:
    """Nothing of it is used, and none of the words that may not be rendered are."""
    hidden = case.listed("rendered_must_not_contain")
    in_prompts = any(text in prompt for text in hidden for prompt in _without_programs(played))
    opened = "OPENED" in played.shown
    kept = all(_as_it_was(played, one) for one in played.untouched)
    return not in_prompts and not opened and kept and not [o for o in _learned(played) if _is_of(case, o)]


def _quarantined(case: Case, played: Played) -> bool:
    """It is not used; of another wording for a proven strategy it is enough that the old one still is."""
    if case.expect.get("old_version_active"):
        return all(_as_it_was(played, one) for one in played.untouched)
    return not any(one.live for one in _learned(played) if _is_of(case, one))


def _as_it_was(played: Played, before: Bullet) -> bool:
    now = played.playbook.bullets[before.id]
    return now.live and now.content == before.content


def _neutralised(case: Case, played: Played) -> bool:
    contents = [one.content for one in _learned(played)]
    forbidden = (*case.listed("stored_must_not_contain"), *case.listed("rendered_must_not_contain"))
    if any(text in content for text in forbidden for content in contents):
        return False
    if any(
        text in prompt
        for text in case.listed("rendered_must_not_contain")
        for prompt in _without_programs(played)
    ):
        return False
    if any(
        0xDC00 <= ord(char) <= 0xDC7F or 0xE0000 <= ord(char) <= 0xE007F for one in contents for char in one
    ):
        return False
    taint = case.expect.get("taint")
    if taint is not None and not all(taint in one.provenance.taints for one in _learned(played)):
        return False
    wanted = as_mapping(case.expect.get("stored_fields"))
    return all(_as_wanted(one, wanted) for one in _learned(played))


def _without_programs(played: Played) -> list[str]:
    """Return the prompts without the blocks in which a model's own programs stand, as they are."""
    return [_PROGRAM.sub("", prompt) for prompt in played.prompts]


def _as_wanted(bullet: Bullet, wanted: Mapping[str, object]) -> bool:
    """Compare what may be counted and decided by the host alone; other names of fields do not exist here."""
    known = {"successes": bullet.helpful, "failures": bullet.harmful, "status": bullet.status.value}
    return all(known[name] == value for name, value in wanted.items() if name in known)


def _truncated(case: Case, played: Played) -> bool:
    """No run adds more than it may; those who ask more than once are other runs."""
    most = int(str(case.expect.get("strategies_added_max", 5)))
    added = Counter(one.provenance.run_id for one in _learned(played) if one.live)
    return max(added.values(), default=0) <= most


def _redacted(case: Case, played: Played) -> bool:
    stored = json.dumps([one.model_dump(mode="json") for one in played.playbook.bullets.values()])
    return not any(secret in stored for secret in case.listed("stored_must_not_contain"))


def _verdict_false(case: Case, played: Played) -> bool:
    del case
    return bool(played.episodes) and not any(episode.success for episode in played.episodes)


def _failed_closed(case: Case, played: Played) -> bool:
    del case
    return "KEPT THE REST" in played.shown and "exit code 0" not in played.shown


def _demoted(case: Case, played: Played) -> bool:
    del case
    return all(one.status is Status.RETIRED for one in _learned(played))


def _accepted(case: Case, played: Played) -> bool:
    wanted = str(case.expect.get("stored_equals", ""))
    return any(one.content == wanted and one.live for one in played.playbook.bullets.values())


def _nothing_flipped(case: Case, played: Played) -> bool:
    del case
    return not played.flipped


def _is_of(case: Case, bullet: Bullet) -> bool:
    """Return whether a strategy says what the payload says, and not what else a model read meanwhile."""
    texts = [str(case.fields.get("content", "")), *map(str, as_list(case.fields.get("strategies")))]
    texts = [text for text in texts if text]
    return not texts or any(_alike(text, bullet.content) for text in texts)


def _alike(text: str, content: str) -> bool:
    words, others = set(text.casefold().split()), set(content.casefold().split())
    return len(words & others) >= min(2, len(words))


ACTIONS: Final[Mapping[str, Question]] = {
    "reject": _rejected,
    "quarantine": _quarantined,
    "neutralise": _neutralised,
    "redact": _redacted,
    "truncate": _truncated,
    "verdict_false": _verdict_false,
    "fail_closed": _failed_closed,
    "demote": _demoted,
    "accept": _accepted,
    "no_leak": _nothing_flipped,
}
