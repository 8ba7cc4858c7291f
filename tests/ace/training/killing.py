"""Kill a training run with SIGKILL at one point after the other, let it go on, and tell what came of it.

A program, so that each try is a fork of a process with nothing but itself: `killing.py FOLDER PLAN EVERY`.
Every paid call is a line of the file `paid`; the model answers as soon as that is written. The points are all
questions, all runs of programs, and every file that is opened or renamed, among them those of the store.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from pydantic import BaseModel

from tests.ace.training.making import Trial, asked, contents, learner, scripted, stable, task_set
from tta_dev_primitives.ace.options import AceOptions
from tta_dev_primitives.ace.training.config import Mode
from tta_dev_primitives.ace.training.folder import RunFolder
from tta_dev_primitives.ace.training.split import Split
from tta_dev_primitives.ace.training.trainer import Plan
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.llm.types import Reply, Request, Role, T
from tta_dev_primitives.testing import Answer

PLANS = {
    "offline": Plan(epochs=2, in_flight=3),
    "online": Plan(mode=Mode.ONLINE, window=2, in_flight=2),
}
OPTIONS = AceOptions(exploration=0.5, hold_out=0.2, decide_every=2, replay_share=0.5)
POINTS = {"open", "os.rename", "sqlite3.connect", "os.truncate", "os.mkdir"}
NEVER = 0


def varying(request: Request[BaseModel]) -> Answer:
    """Learn as the others do; a program that is wrong prints something else in each process."""
    answer = learner(request)
    if request.role is not Role.GENERATOR or not isinstance(answer, dict):
        return answer
    right = asked(request)[0] + 1
    noise = f"import os\nif answer != {right}: print(os.getpid())"
    return {**answer, "code": f"{str(answer['code']).replace('print(', 'print(answer := ')}\n{noise}"}


class Paid:
    """A model that is paid: what it is asked stands in a file before it answers."""

    name = "paid"

    def __init__(self, file: Path) -> None:
        self._model, self._file = scripted(varying), file

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        await asyncio.sleep(0)
        reply = await self._model.ask(request, context)
        with self._file.open("a") as file:  # nothing may come between it and the answer
            file.write(f"{request.role} {request.task_id} {request.attempt}\n")
        return reply


def begin(path: Path, plan: Plan) -> None:
    validation = task_set(2, first=20) if plan.mode is Mode.OFFLINE else None
    tasks = Split(train=task_set(4), validation=validation)
    asyncio.run(Trial.begin(path, tasks, plan, scripted(), options=OPTIONS))


def go_on(path: Path, point: int) -> int:
    """Do what is left of the run in a process of its own, killed at `point`, and return how that ended."""
    child = os.fork()
    if child == 0:
        left = point

        def touch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event in POINTS and str(path) in str(arguments[0]):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(touch)
        trial = Trial(folder=RunFolder(path=path), model=Paid(path / "paid"))
        asyncio.run(trial.do())
        os._exit(0)
    return os.waitpid(child, 0)[1]


def told(path: Path) -> dict[str, object]:
    trial = Trial(folder=RunFolder(path=path), model=scripted())
    book = asyncio.run(trial.playbook())
    return {
        "paid": sorted((path / "paid").read_text().splitlines()),
        "playbook": contents(book),
        "version": book.version,
        "results": stable(trial.results()),
        "best": json.loads((path / "summary.json").read_text())["best"]["version"],
        "transcripts": len(list(path.glob("transcripts/*/*.md"))),
    }


def main() -> None:
    root, plan, every = Path(sys.argv[1]), PLANS[sys.argv[2]], int(sys.argv[3])
    begin(root / "undisturbed", plan)
    assert go_on(root / "undisturbed", NEVER) == 0
    whole, kills, different = told(root / "undisturbed"), 0, list[object]()
    for point in range(1, 10_000, every):
        path = root / f"killed-{point}"
        begin(path, plan)
        if go_on(path, point) == 0:
            break
        kills += 1
        go_on(path, 1 + point % 17)  # and once more, soon after it went on
        assert go_on(path, NEVER) == 0
        again = told(path)
        different += [(point, key) for key in whole if again[key] != whole[key]]
    sys.stdout.write(json.dumps({"kills": kills, "different": different}))


if __name__ == "__main__":
    main()
