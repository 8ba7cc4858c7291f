"""What pydantic-ai raises, as our own errors: the type decides, never the text."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelRequestTimeout,
    ModelServerError,
    ModelUnavailableError,
    OutputTokenLimitExceeded,
    UnexpectedModelBehavior,
    UserError,
)

from ...core.errors import ModelError, ModelOutputInvalid, ModelRefused, ModelRejected, ModelUnavailable
from ...core.redaction import redact
from ...core.secrets import NO_SECRETS, Secrets

PydanticAIError = AgentRunError | UserError

_TRANSIENT: Final = (
    ModelRateLimitError,
    ModelUnavailableError,
    ModelServerError,
    ModelConnectionError,
    ModelRequestTimeout,
)
_TRANSIENT_STATUS: Final = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_EXCERPT: Final = 300  # characters of a provider's own words, enough for its sentence


def explain(error: PydanticAIError, model: str, secrets: Secrets = NO_SECRETS) -> ModelError:
    """Return the error of our tree for `error`, naming the model and a remedy, and none of `secrets`."""
    match error:
        case ContentFilterError():
            return ModelRefused(f"{model} declined to answer: {_excerpt(error, secrets)}; rephrase the task")
        case OutputTokenLimitExceeded():
            return ModelOutputInvalid(
                f"the answer of {model} was cut off at its token limit; raise the budget or ask for less"
            )
        case UnexpectedModelBehavior():
            return ModelOutputInvalid(
                f"{model} gave no usable answer, also after being told why: {_excerpt(error, secrets)}; "
                "try another model"
            )
        case ModelAPIError():
            return _explain_api(error, model, secrets)
        case _:
            return ModelRejected(f"{model} cannot do this request: {_excerpt(error, secrets)}")


def is_answered(error: PydanticAIError) -> bool:
    """Tell whether the provider itself said no, so that nothing was generated and nothing is billed."""
    return isinstance(error, ModelHTTPError) or (
        isinstance(error, ModelConnectionError) and error.phase in ("pool", "connect")
    )


def _explain_api(error: ModelAPIError, model: str, secrets: Secrets) -> ModelError:
    if isinstance(error, ModelQuotaExceededError):
        return ModelRejected(f"the account for {model} has no quota or credit left; top it up")
    if isinstance(error, ModelRequestRejectedError):
        return _explain_rejection(error, model, secrets)
    if isinstance(error, _TRANSIENT) or not isinstance(error, ModelHTTPError) or _is_transient(error):
        return ModelUnavailable(f"{model} cannot be reached now: {_excerpt(error, secrets)}; try again later")
    return ModelRejected(f"{model} refused the request: {_excerpt(error, secrets)}")


def _explain_rejection(error: ModelRequestRejectedError, model: str, secrets: Secrets) -> ModelRejected:
    match error:
        case ModelAuthenticationError():  # no excerpt: providers echo parts of the key
            return ModelRejected(f"the provider refuses the key for {model}; check the key and its rights")
        case ModelNotFoundError():
            near = error.suggested_model_id if isinstance(error, ModelHTTPError) else None
            hint = f"did you mean {near}? " if near else ""
            return ModelRejected(
                f"the provider knows no model {model}; {hint}"
                f"check the name, and the base URL if one is set: {_excerpt(error, secrets)}"
            )
        case ModelContextWindowExceededError():
            return ModelRejected(f"the prompt is too long for {model}; use a smaller playbook or context")
        case _:
            return ModelRejected(f"{model} refused the request: {_excerpt(error, secrets)}")


def _is_transient(error: ModelHTTPError) -> bool:
    return error.status_code in _TRANSIENT_STATUS or error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR


def _excerpt(error: PydanticAIError, secrets: Secrets) -> str:
    """The first words of what the provider said, on one line."""
    text = redact(" ".join(error.message.split()), secrets)
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "..."
