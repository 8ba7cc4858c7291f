"""What a real model learned of invented libraries that it had never seen: recorded answers, judged again.

`results/real_model/SEED/` holds one training on 8 tasks and one measurement on 8 held-out ones,
with the learned playbook and without any, as `playbox train` and `playbox eval` wrote them. Every
recorded program of the held-out tasks runs again here, in the sandbox, on the environment that its
seed makes, and is judged anew. The libraries of OLDER were made by an earlier generator: their
seeds make others now, and their recorded verdicts stand as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recording import keep

from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.statistics.estimate import Estimate
from tta_dev_primitives.ace.statistics.paired import Pairs, mcnemar_exact, tango
from tta_dev_primitives.ace.statistics.wilson import wilson
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.ace.training.reading import read_results
from tta_dev_primitives.bench.environments import make_environment
from tta_dev_primitives.llm import tape
from tta_dev_primitives.sandbox import Limits, LocalSandbox, Sandbox

RECORDED = Path(__file__).with_name("results") / "real_model"
OLDER = frozenset({101, 202})


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """First tries of one arm on the held-out tasks of one environment, by task id."""

    recorded: dict[str, bool]
    programs: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One environment: what training took, and the held-out tasks with the learned playbook and without."""

    seed: int
    calls: int
    solved: int
    playbook_tokens: int
    learned: Arm
    none: Arm


def read_trial(folder: Path) -> Trial:
    """Return the trial kept in `folder`, which is named by its seed."""
    training, tested = read_results(folder / "train"), folder / "test"
    return Trial(
        seed=int(folder.name),
        calls=len(tape.load(folder / "train" / "answers.jsonl")),
        solved=sum(result.success for result in training),
        playbook_tokens=max(result.playbook_tokens for result in read_results(tested)),
        learned=_arm(tested, tested, "test"),
        none=_arm(tested, tested / "against", "against/test"),
    )


def _arm(run: Path, results: Path, scope: str) -> Arm:
    answers = [entry for entry in tape.load(run / "answers.jsonl") if (entry.scope or "").startswith(scope)]
    programs = {entry.task_id: _program(entry) for entry in answers}
    return Arm(
        recorded={result.task_id: result.first_try for result in read_results(results)}, programs=programs
    )


def _program(entry: tape.Entry) -> str:
    assert isinstance(entry.answer, dict)
    return str(entry.answer["code"])


async def judged_again(trial: Trial, sandbox: Sandbox) -> list[str]:
    """Return what now comes out otherwise than recorded, of both arms."""
    evaluator = Evaluator(sandbox, Limits())
    tasks = {task.id: parse_task(task.as_input()) for task in make_environment(trial.seed).test}
    differing = list[str]()
    for name, arm in (("learned", trial.learned), ("none", trial.none)):
        assert arm.programs.keys() == arm.recorded.keys() == tasks.keys()
        for task_id, program in arm.programs.items():
            passed = (await evaluator.judge(tasks[task_id], program)).verdict.success
            if passed != arm.recorded[task_id]:
                differing.append(f"{task_id}, {name}: recorded {arm.recorded[task_id]}, now {passed}")
    return differing


def pairs_of(trials: Sequence[Trial]) -> Pairs:
    """Return the held-out tasks of all `trials` as pairs: without a playbook, with the learned one."""
    outcomes = [
        (trial.none.recorded[task], trial.learned.recorded[task])
        for trial in trials
        for task in trial.none.recorded
    ]
    return Pairs.of([without for without, _ in outcomes], [learned for _, learned in outcomes])


def figures(trials: Sequence[Trial]) -> dict[str, object]:
    """Return the figures of all trials together."""
    pairs = pairs_of(trials)
    learned, none = pairs.both + pairs.only_second, pairs.both + pairs.only_first
    change = tango(pairs)
    return {
        "held_out_tasks": pairs.n,
        "first_try_learned": _told(wilson(learned, pairs.n)),
        "first_try_none": _told(wilson(none, pairs.n)),
        "difference": _told(change),
        "mcnemar_p": mcnemar_exact(pairs),
    }


def _told(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": round(estimate.low, 4), "high": round(estimate.high, 4)}


def _row(trial: Trial) -> dict[str, int]:
    return {
        "training_calls": trial.calls,
        "training_solved": trial.solved,
        "playbook_tokens": trial.playbook_tokens,
        "held_out": len(trial.none.recorded),
        "learned": sum(trial.learned.recorded.values()),
        "none": sum(trial.none.recorded.values()),
    }


async def main() -> None:
    trials = [read_trial(folder) for folder in sorted(RECORDED.iterdir()) if folder.name.isdigit()]
    rows = {str(trial.seed): _row(trial) for trial in trials}
    print("  seed   calls  tokens of playbook  learned  none   (first tries, of 8 held-out tasks)")
    for seed, row in rows.items():
        tokens, learned, none = row["playbook_tokens"], row["learned"], row["none"]
        print(f"{seed:>6}  {row['training_calls']:>6}  {tokens:>18}  {learned:>7}  {none:>4}")
    differing = list[str]()
    async with LocalSandbox() as sandbox:
        for trial in trials:
            if trial.seed not in OLDER:
                differing += await judged_again(trial, sandbox)
    together = figures(trials)
    print(together)
    print(*differing or ["every program that was run again got the recorded verdict"], sep="\n")
    keep(__file__, {"trials": rows, "together": together, "differing": differing})


if __name__ == "__main__":
    asyncio.run(main())
