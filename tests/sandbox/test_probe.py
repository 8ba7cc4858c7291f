from __future__ import annotations

from tta_dev_primitives.sandbox import Isolation, LocalSandbox
from tta_dev_primitives.sandbox.local import probe


def test_every_missing_feature_has_a_remedy() -> None:
    machine = probe()
    assert {"system", "architecture", "kernel", "python"} <= {feature.name for feature in machine.features}
    for feature in machine.features:
        assert feature.detail
        assert feature.ok is (feature.remedy == "")


async def test_what_is_expected_is_what_runs_get(sandbox: LocalSandbox) -> None:
    del sandbox  # this machine can isolate
    async with LocalSandbox() as fresh:
        expected = fresh.isolation
        execution = await fresh.run_code("1")
    assert execution.isolation is expected is probe().isolation
    assert expected is not Isolation.NONE
