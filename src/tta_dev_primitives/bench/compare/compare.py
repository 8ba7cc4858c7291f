"""Compare: train and test one arm after the other, each in its own folder, and report on all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ...ace.training.open_run import Means
from ...ace.value import Value
from ...core.budget import Spend
from ...core.context import WorkflowContext
from ...core.errors import BudgetExceeded, ConfigurationError
from ...core.events import Event
from ...llm.connection import kept_open
from ...llm.types import Usage
from . import runs
from .answers import answers_in, usage_of
from .arms import ARMS
from .notes import NOTE
from .problem import Problem
from .report import REFERENCES, Report, Tested, report_of, tested
from .site import Briefing, Plan, Site

_CONFIG: Final = "compare.json"
_ARMS: Final = "arms.json"
_REPORT: Final = "report.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmStarted(Event):
    """An arm begins to train, or goes on; it is the `number`-th of `total`, counted from 1."""

    arm: str
    number: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmTested(Event):
    """An arm is done; first tries out of `n` held-out tasks."""

    arm: str
    first_tries: int
    n: int


class _Config(Value):
    """What the comparison in a folder was told; arms may be added later."""

    problem: str
    digest: str
    plan: str
    models: str


async def compare_arms(  # noqa: PLR0913  # what is compared, where, and with what
    names: Sequence[str],
    problem: Problem,
    *,
    folder: Path,
    means: Means,
    plan: Plan,
    context: WorkflowContext,
) -> Report:
    """Return the report on the arms called `names`; `report.json` in `folder` is the same.

    The same call after a kill goes on, and pays for no answer twice. The budget of `context` covers all arms.

    Raises:
        ConfigurationError: an arm is unknown or impossible here, or `folder` holds another comparison.
        PlayboxError: an outage, or a limit that is reached; the same call goes on.
    """
    chosen = [name for name in ARMS if name in check_names(names)]
    _claim(folder, problem, means, plan)
    _write(folder / _ARMS, json.dumps(_titles(chosen), indent=2))
    _charge(folder, chosen, context)
    async with kept_open(means.models.values()):
        done = await _do(chosen, problem, folder, means, plan, context)
    report = report_of(done)
    _write(folder / _REPORT, report.model_dump_json(indent=2))
    return report


async def _do(  # noqa: PLR0913, PLR0917  # as above
    names: Sequence[str], problem: Problem, folder: Path, means: Means, plan: Plan, context: WorkflowContext
) -> Sequence[Tested]:
    """Train and test the arms."""
    done, earlier = list[Tested](), dict[str, Briefing]()
    for number, name in enumerate(names, start=1):
        site = Site(
            problem=problem, folder=folder / "arms" / name, means=means, plan=plan, earlier=dict(earlier)
        )
        context.emit(ArmStarted(arm=name, number=number, total=len(names)))
        earlier[name] = await ARMS[name].train(site, context)
        await runs.test(site, earlier[name], context)
        done.append(tested(name, site, earlier[name]))
        results = done[-1].results
        hits = sum(result.first_try for result in results)
        context.emit(ArmTested(arm=name, first_tries=hits, n=len(results)))
    return done


def check_names(names: Sequence[str]) -> Sequence[str]:
    """Return `names` if all of them are arms.

    Raises:
        ConfigurationError: one is not, or there is none.
    """
    unknown = [name for name in names if name not in ARMS]
    if unknown or not names:
        what = f"there is no arm {unknown[0]!r}" if unknown else "no arm is named"
        raise ConfigurationError(f"{what}; choose from {', '.join(ARMS)}")
    return names


def _titles(names: Sequence[str]) -> list[dict[str, str | bool]]:
    """Return the arms in order; the one that others are measured by is the reference."""
    reference = next((name for name in REFERENCES if name in names), names[0])
    return [{"name": name, "title": ARMS[name].title, "reference": name == reference} for name in names]


def _charge(folder: Path, names: Sequence[str], context: WorkflowContext) -> None:
    """Take from the budget what runs have cost that are done; one that goes on does so by itself."""
    done = (run for name in names for run in _done(folder / "arms" / name))
    spent = sum((usage_of(answers_in(run)) for run in done), Usage())
    if context.budget is None or not spent.calls:
        return
    paid = Spend(tokens=spent.tokens, usd=spent.usd or 0.0, calls=spent.calls)
    try:
        context.budget.settle(context.budget.reserve(paid), paid)
    except BudgetExceeded:
        raise BudgetExceeded(
            f"this comparison has spent {paid.calls} calls, {paid.tokens} tokens and {paid.usd:.4f} USD"
            " already, which is more than the budget; give a larger one, as it covers all arms"
        ) from None


def _done(arm: Path) -> Iterator[Path]:
    """Yield the runs of an arm that will not be opened again."""
    train, test = arm / "train", arm / "test"
    if (arm / NOTE).exists() or runs.finished(train):
        yield train
    if runs.finished(test):
        yield test


def _write(file: Path, text: str) -> None:
    file.write_text(text + "\n", encoding="utf-8")


def _claim(folder: Path, problem: Problem, means: Means, plan: Plan) -> None:
    """Write down what is compared in `folder`, or see that it is the same as before."""
    config, file = _config(problem, means, plan), folder / _CONFIG
    try:
        if file.exists():
            _check(_Config.model_validate_json(file.read_bytes()), config, folder)
            return
        if folder.exists() and any(folder.iterdir()):
            raise ConfigurationError(
                f"{str(folder)!r} is not empty and holds no comparison; name another one"
            )
        folder.mkdir(parents=True, exist_ok=True)
        _write(file, config.model_dump_json(indent=2))
    except OSError as error:
        raise ConfigurationError(f"{str(folder)!r} cannot be used: {error.strerror}") from error
    except ValidationError as error:
        raise ConfigurationError(f"{str(file)!r} is damaged; name another folder") from error


def _config(problem: Problem, means: Means, plan: Plan) -> _Config:
    return _Config(
        problem=problem.name,
        digest=problem.digest,
        plan=json.dumps(asdict(plan), sort_keys=True, default=str),
        models=", ".join(f"{role}: {model.name}" for role, model in sorted(means.models.items())),
    )


def _check(before: _Config, now: _Config, folder: Path) -> None:
    for name in _Config.model_fields:
        was, given = getattr(before, name), getattr(now, name)
        if was != given:
            raise ConfigurationError(
                f"{str(folder)!r} holds another comparison: its {name} is {was!r}, and now it is {given!r}; "
                "name another folder"
            )
