"""Training and evaluating on files of tasks: task sets, runs that survive a kill, and what they show."""

from .begin import NewRun as NewRun
from .begin import begin_run as begin_run
from .config import Mode as Mode
from .config import RunConfig as RunConfig
from .folder import RunFolder as RunFolder
from .formats.read import read_tasks as read_tasks
from .open_run import Means as Means
from .result import Phase as Phase
from .result import TaskResult as TaskResult
from .run import do_run as do_run
from .split import Split as Split
from .split import split as split
from .steps import BatchDone as BatchDone
from .steps import Step as Step
from .steps import StepDone as StepDone
from .summary import Summary as Summary
from .task_set import TaskSet as TaskSet
from .trainer import Plan as Plan
