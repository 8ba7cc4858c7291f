"""From the folder of a comparison of arms to the material of its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from ...ace.training.reading import read_results
from ...ace.training.result import Phase
from ...ace.value import Value
from ...bench.compare.report import Report
from ...core.errors import ConfigurationError
from ...llm.types import Usage
from ..playbooks.archive import EMPTY
from .material import ArmCost, Group, Material, Sides
from .read_run import Folder, read_run

_ARMS: Final = "arms.json"
_CHOSEN: Final = "learned"


class _Arm(Value):
    """An entry of `arms.json`; `reference` is what the others are measured by."""

    name: str
    title: str
    reference: bool = False

    @property
    def said(self) -> str:
        """The title as it stands in a sentence."""
        return f"the {self.title}" if self.name == _CHOSEN else self.title


_LISTED: Final = TypeAdapter(tuple[_Arm, ...])


def is_comparison(path: Path) -> bool:
    """Tell whether a folder holds a comparison of arms."""
    return (path / _ARMS).is_file()


async def read_comparison(path: Path) -> Material:
    """Return the material of the comparison in the folder `path`; nothing in it is changed.

    Its learning curve, strategies and training tasks are those of the arm `learned`, else of the first one
    that trained.

    Raises:
        ConfigurationError: no arm in it has been tested yet, or one of its files is damaged.
        StoreError: a playbook cannot be read.
    """
    arms = _listed(path)
    tested = {arm: group for arm in arms if (group := _tested(path, arm)) is not None}
    if not tested:
        raise ConfigurationError(
            f"no arm of the comparison in {str(path)!r} has been tested yet; let it go on"
        )
    report = _report(path)
    learned = await _trained(path, arms)
    base = learned or Material(name=path.name, facts={}, groups=(), archive=EMPTY, versions=())
    return replace(
        base,
        name=report.problem if report else path.name,
        facts={**base.facts, **_tasks(report)},
        groups=(*base.groups, *tested.values()),
        sides=_sides(tested),
        stopped="" if report else "not all arms have been tested",
        arms=_costs(arms, report),
        paid=Usage(),
    )


def _listed(path: Path) -> tuple[_Arm, ...]:
    """Return the arms in the order to be shown, the reference first."""
    file = path / _ARMS
    try:
        arms = _LISTED.validate_json(file.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{str(file)!r} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]["msg"]
        raise ConfigurationError(f"{str(file)!r} is damaged ({problem}); compare once more") from None
    return tuple(sorted(arms, key=lambda arm: not arm.reference))


def _tested(path: Path, arm: _Arm) -> Group | None:
    folder = path / "arms" / arm.name / "test"
    if not any(result.phase is Phase.TEST for result in read_results(folder)):
        return None
    return next(Folder(path=folder, archive=EMPTY).group(arm.said, Phase.TEST))


async def _trained(path: Path, arms: Sequence[_Arm]) -> Material | None:
    """Return the training of the arm that learned, else of the first arm that has one."""
    names = [_CHOSEN, *(arm.name for arm in arms)]
    trained = (path / "arms" / name / "train" for name in names)
    folder = next((one for one in trained if (one / "config.json").is_file()), None)
    return None if folder is None else await read_run(folder)


def _sides(tested: dict[_Arm, Group]) -> Sides | None:
    groups = tuple(tested.values())
    if len(groups) == 1:
        return None
    chosen = next((group for arm, group in tested.items() if arm.name == _CHOSEN), groups[-1])
    return Sides(groups=groups, chosen=chosen, of="Held-out tasks that no arm learned from")


def _report(path: Path) -> Report | None:
    try:
        return Report.model_validate_json((path / "report.json").read_bytes())
    except (OSError, ValidationError):  # it is written when all arms are done
        return None


def _tasks(report: Report | None) -> dict[str, str]:
    if report is None:
        return {}
    return {"tasks": f"{report.train_tasks} to learn from, {report.test_tasks} held out"}


def _costs(arms: Sequence[_Arm], report: Report | None) -> tuple[ArmCost, ...]:
    titles = {arm.name: arm.said for arm in arms}
    found = report.arms if report else ()
    return tuple(ArmCost(title=titles.get(arm.name, arm.name), report=arm) for arm in found)
