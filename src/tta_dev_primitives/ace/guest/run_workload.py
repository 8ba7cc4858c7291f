"""Run the workload with the candidate, and say so at its end: a program that leaves early was not fast."""

import builtins
import sys
import types

from playbox_report import claim, load_module, send, take_job

globals()["__builtins__"] = {**vars(builtins)}  # as in playbox_report
_trace_of = BaseException.__traceback__.__get__  # type: ignore[attr-defined]  # a subclass may show another
_SystemExit, _exit_code, _modules, _ModuleType = (
    SystemExit,
    SystemExit.code.__get__,
    sys.modules,
    types.ModuleType,
)


def main() -> None:
    """Load the candidate as a module, run the workload of the job with its names, and send the report."""
    job = take_job()
    file, source, workload = str(job["solution_file"]), str(job["source"]), str(job["workload"])
    error = None
    module = _ModuleType("workload")
    try:
        names = vars(load_module(file, source, {})).items()
        module.__dict__.update({name: value for name, value in names if not name.startswith("__")})
        module.__dict__["__builtins__"] = builtins
        _modules["workload"] = module
        exec(compile(workload, "workload.py", "exec"), module.__dict__)  # noqa: S102  # the purpose of this file
    except BaseException as caught:  # noqa: BLE001  # whatever the candidate does is a finding
        if not _ended_by_itself(caught, module.__dict__):
            error = claim(caught, {file: source, "workload.py": workload})
    send(job["marker"], {"error": error})


def _ended_by_itself(error: BaseException, workload: dict[str, object]) -> bool:
    """Return whether the workload itself, and not the candidate that it calls, exits with success."""
    trace = _trace_of(error)
    while trace is not None:
        if trace.tb_frame.f_globals is not globals() and trace.tb_frame.f_globals is not workload:
            return False
        trace = trace.tb_next
    return isinstance(error, _SystemExit) and _exit_code(error) in (None, 0)


main()
