"""What the next attempt is told about a failed one: equal on all Python versions, so recordings replay."""

from __future__ import annotations

from ..core.secrets import NO_SECRETS, Secrets
from .checks import Finding
from .hygiene import cap, clean, quoted, redact
from .verdict import VerdictKind

_MAX_OUTPUT = 1500
_MAX_FEEDBACK = 6000


def describe(finding: Finding, secrets: Secrets = NO_SECRETS) -> str:
    """Return the finding in a few lines: reason, error with its place, failed checks, what was printed.

    It was judged as it is; told it is without `secrets`.
    """
    if finding.kind is VerdictKind.PASSED:
        return "passed"
    if finding.secret:
        return finding.reason
    told = finding.reason and not (finding.error and finding.execution.exit_code)
    lines = [_quoted_below(finding.reason)] if told else []
    if finding.error is not None and not finding.failures:
        at = f" (line {finding.error.line})" if finding.error.line else ""
        name = redact(finding.error.name, secrets)
        lines.append(quoted(f"{name}{at}: {redact(finding.error.value, secrets)}"))
    lines += map(_quoted_below, finding.failures)
    if not any(failure.startswith("actual output") for failure in finding.failures):
        lines += _printed("stdout", finding.execution.stdout, secrets)
    lines += _printed("stderr", _own_words(finding.execution.stderr), secrets)
    return cap(redact(clean("\n".join(lines)), secrets), _MAX_FEEDBACK)


def _printed(stream: str, text: str, secrets: Secrets) -> list[str]:
    # Redacted before it is cut, or half a key would stay.
    return [f"{stream}: {cap(quoted(redact(text.strip(), secrets)), _MAX_OUTPUT)}"] if text.strip() else []


def _quoted_below(told: str) -> str:
    """Return what is wrong, of which the first line is the host's; what follows is of the guest."""
    first, below, rest = told.partition("\n")
    return f"{first}{below}{quoted(rest)}"


def _own_words(stderr: str) -> str:
    """Return stderr up to the interpreter's traceback, whose wording differs between Python versions."""
    return stderr.partition("Traceback (most recent call last):")[0]
