"""How strict the gate is, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOptions:
    """Settings of the gate.

    It opens after `every` changes. A version is accepted, or rolled back, at an e-value of `e_value`: of so
    many versions that are no better one is accepted by chance, however often one looks. It is rolled back as
    well if it loses `family_losses` more tasks of one family than it wins. Each time at most `most_plays`
    plays are made, of `in_flight` tasks side by side, and at most `most_culprits` changes are looked for
    before all are undone. `seed` decides on the order of the tasks.
    """

    every: int = 16
    e_value: float = 5.0
    family_losses: int = 2
    most_plays: int = 200
    in_flight: int = 1
    most_culprits: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("every", "family_losses", "most_plays", "in_flight", "most_culprits"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name}={getattr(self, name)!r} must be at least 1")
        if self.e_value <= 1:
            raise ConfigurationError(f"e_value={self.e_value!r} must be above 1, which is no evidence at all")
