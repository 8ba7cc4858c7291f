"""A program that needs pandas: in a jail that imported it once, beside Python that imports it each time."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tta_dev_primitives.cli.benching.arms import Arm, ArmUnavailable, start, start_in_thread, succeed
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.sandbox import LocalSandbox
from tta_dev_primitives.sandbox.local import Packages

CODE = "import pandas\nassert pandas.DataFrame({'a': [1, 2, 3]})['a'].sum() == 6"
BARE = "bare python, pandas"


def packages(environment: Path | None) -> Packages:
    """Return numpy and pandas of this environment or of another one.

    Raises:
        ArmUnavailable: they are not there.
    """
    try:
        if environment is None:
            return Packages.data()
        return Packages.of_environment(environment, preload=("numpy", "pandas"))
    except ConfigurationError as missing:
        raise ArmUnavailable(f"{missing}; or name an environment that has them: --data PATH") from missing


@asynccontextmanager
async def data_arms(environment: Path | None) -> AsyncGenerator[Sequence[Arm]]:
    python = sys.executable if environment is None else str(environment / "bin" / "python")
    command = (python, "-I", "-c", CODE)
    async with LocalSandbox(packages=packages(environment)) as sandbox:
        yield [
            Arm(
                name=BARE,
                run=lambda: start(command),
                parallel=lambda: start_in_thread(command),
                beside=BARE,
            ),
            Arm(
                name="warm run, pandas",
                run=lambda: succeed(sandbox, CODE),
                parallel=lambda: succeed(sandbox, CODE),
                beside=BARE,
            ),
        ]
