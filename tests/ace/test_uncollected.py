from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

from tta_dev_primitives.ace.uncollected import uncollected


@pytest.fixture(autouse=True)
def collector() -> Generator[None]:
    yield
    gc.enable()


def test_the_collector_pauses_and_goes_on() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_who_turned_it_off_keeps_it_off() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()
