"""A watch notices a fall soon, and hardly ever without one."""

from __future__ import annotations

from random import Random

from tta_dev_primitives.workflow.adaptive.watch import Bets, Watch


def watched(share: float, count: int, seed: int, *, mean: float = 0.9) -> int | None:
    """Return after how many of `count` values, 1 with probability `share` or else 0, a fall is seen."""
    random = Random(seed)  # noqa: S311  # a simulation
    watch = Watch(bets=Bets(mean=mean, most=1.0), patience=10_000)
    for number in range(count):
        watch = watch.seen(float(random.random() < share))
        if watch.fell:
            return number
    return None


def test_without_a_fall_it_hardly_ever_sees_one() -> None:
    assert sum(watched(0.9, 1000, seed) is not None for seed in range(15)) <= 5, (
        "at most 1 in 10,000 requests"
    )


def test_a_fall_is_seen_soon() -> None:
    seen = [watched(0.6, 1000, seed) for seed in range(20)]
    assert all(number is not None and number < 200 for number in seen)


def test_a_long_good_time_before_delays_nothing() -> None:
    watch = Watch(bets=Bets(mean=0.9, most=1.0), patience=10_000)
    for _ in range(2000):
        watch = watch.seen(1.0)
    for _ in range(30):
        watch = watch.seen(0.0)
    assert watch.fell
