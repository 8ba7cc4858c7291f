"""Long work says on stderr that it goes on."""

from __future__ import annotations

import time
from io import StringIO

import pytest
from rich.console import Console

from tta_dev_primitives.cli.patience import going_on
from tta_dev_primitives.cli.screen import Screen


def screen(printed: StringIO, *, terminal: bool) -> Screen:
    err = Console(file=printed, force_terminal=terminal, width=80)
    return Screen(out=Console(file=StringIO()), err=err, as_json=False)


@pytest.mark.parametrize(("terminal", "told"), [(True, "checking"), (False, " s so far\n")])
def test_long_work_is_told(told: str, *, terminal: bool) -> None:
    printed = StringIO()
    with going_on("checking", screen(printed, terminal=terminal), spinner_s=0, line_s=0.001):
        for _ in range(10_000):
            if told in printed.getvalue():
                break
            time.sleep(0.001)
    assert told in printed.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_quick_work_is_not(*, terminal: bool) -> None:
    printed = StringIO()
    with going_on("checking", screen(printed, terminal=terminal), spinner_s=3600, line_s=3600):
        pass
    assert not printed.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_it_is_told_no_more_when_the_work_fails(*, terminal: bool) -> None:
    printed = StringIO()
    with (
        pytest.raises(KeyboardInterrupt),
        going_on("checking", screen(printed, terminal=terminal), spinner_s=3600, line_s=3600),
    ):
        raise KeyboardInterrupt
    assert not printed.getvalue()
