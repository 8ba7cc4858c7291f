"""Call the entry point once a case and report the values; the host, which knows what is right, compares."""

import builtins
import json

from playbox_report import MAX_LINE, claim, load_module, send, take_job

globals()["__builtins__"] = {**vars(builtins)}  # as in playbox_report
_dumps = json.dumps
MAX_VALUE = 100_000


def main() -> None:
    """Run all cases of the job and send the report."""
    job = take_job()
    file, source = str(job["solution_file"]), str(job["source"])
    error, results = None, list[dict[str, str]]()
    try:
        entry = getattr(load_module(file, source, {}), str(job["entry_point"]), None)
        if not callable(entry):
            raise NameError(f"the program defines no function {job['entry_point']!r}")  # noqa: TRY301, TRY004
        cases: list[dict[str, object]] = job["cases"]  # type: ignore[assignment]  # the host wrote the job
        results += [_call(entry, case) for case in cases]
    except BaseException as caught:  # noqa: BLE001  # whatever the candidate does is a finding
        error = claim(caught, {file: source})
    send(job["marker"], {"error": error, "results": results})


def _call(entry, case) -> dict[str, str]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    try:
        value = entry(*case["args"], **case["kwargs"])
    except Exception as error:  # noqa: BLE001  # a finding
        return {"error": f"{type(error).__name__[:MAX_LINE]}: {str(error)[:500]}"}
    try:
        return {"value": _dumps(value)[:MAX_VALUE]}
    except (TypeError, ValueError, RecursionError):
        return {"error": f"returned a {type(value).__name__}, which is not a JSON value"}


main()
