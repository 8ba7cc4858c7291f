from __future__ import annotations

import pytest

from tta_dev_primitives.core.errors import SandboxUnavailable
from tta_dev_primitives.sandbox import Isolation, LocalSandbox
from tta_dev_primitives.sandbox.local.selftest import ATTACKS, require_contained


async def test_attacks_fail_in_the_jail(sandbox: LocalSandbox) -> None:
    require_contained(await sandbox.run_code(ATTACKS))


async def test_a_place_where_attacks_succeed_is_refused() -> None:
    async with LocalSandbox(isolation=Isolation.NONE, allow_unsandboxed=True) as open_air:
        harmless = ATTACKS.replace("escaped = []", "escaped = ['reads_passwords']")
        execution = await open_air.run_code(
            harmless[: harmless.index("for attack in")] + "sys.exit(bool(escaped))"
        )
    with pytest.raises(SandboxUnavailable, match="self-test failed"):
        require_contained(execution)


async def test_attacks_that_did_not_run_prove_nothing(sandbox: LocalSandbox) -> None:
    with pytest.raises(SandboxUnavailable, match="self-test failed"):
        require_contained(await sandbox.run_code("pass"))
