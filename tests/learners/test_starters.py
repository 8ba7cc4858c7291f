"""Every starter playbook that is shipped can be taken over as it is."""

from __future__ import annotations

import pytest

from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.delta import Result
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.learners.data_processing import DataProcessingLearner
from tta_dev_primitives.learners.debugging import DebuggingLearner
from tta_dev_primitives.learners.domain import Domain
from tta_dev_primitives.learners.performance import PerformanceLearner
from tta_dev_primitives.learners.starter import read_starter, starter_commit


@pytest.mark.parametrize(
    "domain", [DataProcessingLearner.domain, DebuggingLearner.domain, PerformanceLearner.domain]
)
def test_its_starter_playbook_can_be_taken_over(domain: Domain) -> None:
    assert domain.starter is not None
    delta = starter_commit(domain.name, read_starter(domain.starter)).delta
    assert delta is not None

    applied = Playbook().apply(delta, at=1, run_id="r")

    assert [outcome.reason for outcome in applied.outcomes if outcome.result is not Result.APPLIED] == []
    assert applied.playbook.size >= 4
    assert {bullet.status for bullet in applied.playbook.active} == {Status.CANDIDATE}
