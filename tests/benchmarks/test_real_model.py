"""The recorded answers of a real model: what they are worth is found out again, by running them."""

from __future__ import annotations

import pytest
from real_model import OLDER, RECORDED, figures, judged_again, pairs_of, read_trial

from tta_dev_primitives.sandbox import LocalSandbox

SEEDS = sorted(folder.name for folder in RECORDED.iterdir() if folder.is_dir())


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if int(seed) not in OLDER])
async def test_every_recorded_program_gets_its_recorded_verdict(seed: str) -> None:
    async with LocalSandbox() as sandbox:
        assert await judged_again(read_trial(RECORDED / seed), sandbox) == []


def test_what_the_documents_say_of_them_is_what_was_recorded() -> None:
    trials = [read_trial(RECORDED / seed) for seed in SEEDS]
    pairs = pairs_of(trials)

    assert (pairs.n, pairs.only_second, pairs.only_first, pairs.both) == (32, 32, 0, 0)
    assert [trial.calls for trial in trials] == [24, 21, 21, 19]
    assert all(trial.solved == 8 and trial.playbook_tokens < 1_000 for trial in trials)
    assert figures(trials)["mcnemar_p"] == pytest.approx(2 * 0.5**32)
