"""Every exception this package raises, as one tree.

PlayboxError
├── ConfigurationError (ValueError)          something was set or wired wrongly
│   └── CompositionError (TypeError)         an operand of `>>` or `|` is no primitive
├── RouteUnknown (LookupError)               a router was told to go where it has no route
├── StateConflict (ValueError)               the state of branches cannot be merged
├── InvalidTask (ValueError)                 a task failed validation
├── DeadlineExceeded (TimeoutError)          the context's deadline passed
│   └── StepTimeout                          a step took longer than a TimeoutPrimitive gives it
├── CircuitOpen                              a circuit breaker lets no call through for now
├── BulkheadFull                             as many calls as allowed are running and waiting
├── BudgetExceeded                           the next step could exceed the budget
├── ModelError                               a model call failed
│   ├── ModelUnavailable                     transient (429, 5xx, timeout, connection): retrying may help
│   ├── ModelRejected                        permanent (bad key, unknown model, bad request)
│   ├── ModelOutputInvalid                   the answer did not parse, also after being asked again
│   ├── ModelRefused                         the model declined the task
│   └── CassetteError                        a recording cannot answer this request
├── SandboxError                             the sandbox failed (never the guest program)
│   ├── SandboxUnavailable                   this machine cannot isolate, or a language is missing
│   ├── SandboxCrashed                       a sandbox process died or broke the protocol
│   ├── MeasurementUndecided                 the machine is too noisy to tell how fast a program is
│   ├── SessionEnded                         the kernel or the box of a session is over
│   ├── BoxFileMissing (FileNotFoundError)   there is no such path in a box
│   └── BoxFileRefused (OSError)             a box cannot do that with its files
├── RunHalted                                a durable run goes no further until somebody decides
│   ├── StepOutcomeUnknown                   a step that must not run twice was begun, its end is not known
│   ├── StepChanged                          what was kept of a run does not fit what it would do now
│   └── RunUndone                            the effects of the run were being undone
├── RunInProgress                            somebody else is at this durable run now
├── StepNotDone                              raised by a step: its effect did not happen
├── NotKeepable (TypeError)                  a value would not come back from JSON as it was
└── StoreError                               a playbook or a journal could not be read or written
    ├── JournalCorrupt (ValueError)          the file of durable runs is damaged
    ├── JournalTooNew (ValueError)           written by a later version of this package
    ├── PlaybookCorrupt (ValueError)         the stored playbook does not parse or its chain is broken
    ├── PlaybookTooNew (ValueError)          written by a later version of this package
    ├── PlaybookConflict                     another writer changed the same bullet first
    ├── PlaybookReadOnly (PermissionError)   the file cannot be written
    ├── PlaybookArchiveMissing (FileNotFoundError)  old versions were moved to a file that is not there
    └── StoreUnavailable (OSError)           disk full, locked for too long, connection lost

A guest program that fails is an `Execution`, never an exception. A sandbox, model or store that fails is an
exception, never an `Execution`: nothing is ever learned from an outage.
"""


class PlayboxError(Exception):
    """Base class of every error that this package raises."""


class ConfigurationError(PlayboxError, ValueError):
    """Something was set or wired wrongly; the message names the value and what can be set."""


class CompositionError(ConfigurationError, TypeError):
    """An operand of `>>` or `|` is not a primitive."""


class RouteUnknown(PlayboxError, LookupError):
    """What chooses a route named none that there is; the message names those."""


class StateConflict(PlayboxError, ValueError):
    """A branch cannot keep its changes of the state, because something else stands there."""


class InvalidTask(PlayboxError, ValueError):
    """A task failed validation; the message names the key and its value."""


class DeadlineExceeded(PlayboxError, TimeoutError):
    """The deadline of the context passed before the step could start."""


class StepTimeout(DeadlineExceeded):
    """A step took longer than the TimeoutPrimitive around it gives it, and was cancelled."""


class CircuitOpen(PlayboxError):
    """A circuit breaker did not make the call: too many before it failed.

    `retry_after_s` is the seconds until a call is let through; 0 if one is trying right now.
    """

    def __init__(self, message: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BulkheadFull(PlayboxError):
    """As many calls as a bulkhead allows are running and waiting, so this one was not made."""


class BudgetExceeded(PlayboxError):
    """The next step could exceed what is left of the budget, so it was not started."""


class ModelError(PlayboxError):
    """A model call failed. Never reflected on."""


class ModelUnavailable(ModelError):
    """Transient: rate limit, server error, timeout or lost connection."""


class ModelRejected(ModelError):
    """Permanent: the provider refuses the key, the model name or the request."""


class ModelOutputInvalid(ModelError):
    """The answer did not have the required form, also after the model was told so."""


class ModelRefused(ModelError):
    """The model declined to do the task."""


class CassetteError(ModelError):
    """A recording holds no answer to this request; the message names the first differing line."""


class SandboxError(PlayboxError):
    """The sandbox failed; the guest program is not to blame. Never reflected on."""


class SandboxUnavailable(SandboxError):
    """This machine cannot isolate, or cannot run the language; the message names the remedy."""


class SandboxCrashed(SandboxError):
    """A sandbox process died or broke the protocol."""


class MeasurementUndecided(SandboxError):
    """Times vary too much here to tell whether a program is fast enough; nothing is learned from it."""


class SessionEnded(SandboxError):
    """The kernel or the box that was asked is over; the message says how it ended. Open a new one."""


class BoxFileMissing(SandboxError, FileNotFoundError):
    """There is no such path in the box."""


class BoxFileRefused(SandboxError, OSError):
    """The box cannot do that with its files: disk full, a directory where a file was meant, no permission."""


class RunHalted(PlayboxError):
    """A durable run goes no further until somebody decides; no step starts after it in this attempt."""


class StepOutcomeUnknown(RunHalted):
    """A step that must not run twice was begun, and whether its effect happened is not known."""


class StepChanged(RunHalted):
    """What is kept of a run does not fit what it would do now: its input or its steps changed."""


class RunUndone(RunHalted):
    """The effects of the run were being undone, so that what was kept of it no longer holds."""


class RunInProgress(PlayboxError):
    """Another process, thread or task is at this durable run now."""


class StepNotDone(PlayboxError):
    """Raised by a step, or a subclass of it, to say that its effect did not happen: it may run again."""


class NotKeepable(PlayboxError, TypeError):
    """A value of a durable run would not come back from JSON as it was; the message names the remedy."""


class StoreError(PlayboxError):
    """A playbook or a journal could not be read or written. What was committed before is intact."""


class JournalCorrupt(StoreError, ValueError):
    """The file of durable runs is damaged, or is no such file."""


class JournalTooNew(StoreError, ValueError):
    """The journal was written by a later version of this package."""


class PlaybookCorrupt(StoreError, ValueError):
    """The stored playbook does not parse, or its hash chain is broken."""


class PlaybookTooNew(StoreError, ValueError):
    """The file was written by a later version of this package."""


class PlaybookConflict(StoreError):
    """Another writer changed the same bullet first. Nothing is lost: both versions are here.

    `wanted` was to replace what `bullet` said at revision `based_on`; it says `current` now, at `revision`.
    """

    def __init__(  # noqa: PLR0913  # both versions, by name
        self,
        message: str,
        *,
        bullet: str = "",
        wanted: str = "",
        based_on: int = 0,
        current: str = "",
        revision: int = 0,
    ) -> None:
        super().__init__(message)
        self.bullet, self.wanted, self.based_on = bullet, wanted, based_on
        self.current, self.revision = current, revision


class PlaybookReadOnly(StoreError, PermissionError):
    """The playbook's file or folder cannot be written."""


class PlaybookArchiveMissing(StoreError, FileNotFoundError):
    """What is asked for was moved to an archive, which is not where it was; the message names it."""


class StoreUnavailable(StoreError, OSError):
    """The store cannot be reached now: disk full, locked for too long, connection lost."""
