"""Codec: the result of a step as JSON and back, exactly, or an error that says what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from pydantic import ConfigDict, PydanticUserError, TypeAdapter

from ...core.errors import NotKeepable
from ...core.primitive import WorkflowPrimitive
from .fingerprint import fingerprint

_CONFIG = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants")
Adapter: TypeAlias = TypeAdapter[object]
_SHOWN: Final = 80  # characters of a value in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How the results of `step` are kept; `adapter` is None where plain JSON is all that is known."""

    step: WorkflowPrimitive[Any, Any]
    adapter: Adapter | None

    def encode(self, value: object) -> str:
        """Return `value` as JSON that `decode` turns into the same value again.

        Raises:
            NotKeepable: it would come back different, or not at all.
        """
        try:
            text = _dumps(value if self.adapter is None else self._dumped(self.adapter, value))
            back = self.decode(text)
            same = fingerprint(back) == fingerprint(value)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._refused(value, f"{type(error).__name__}: {error}") from error
        if not same:
            raise self._refused(value, f"it would come back as {shown(back)}")
        return text

    def decode(self, text: str) -> object:
        """Return the value of which `text` was made.

        Raises:
            ValueError: it does not have the declared type.
        """
        return json.loads(text) if self.adapter is None else self.adapter.validate_json(text)

    def _dumped(self, adapter: Adapter, value: object) -> object:
        return adapter.dump_python(value, mode="json", warnings=False)

    def _refused(self, value: object, why: str) -> NotKeepable:
        remedy = (
            "annotate what it returns, or return plain JSON"
            if self.adapter is None
            else "return exactly the type that it declares, or declare the one that it returns"
        )
        return NotKeepable(
            f"the result {shown(value)} of step {self.step.name!r} cannot be kept: {why}; {remedy}"
        )


def adapter_for(step: WorkflowPrimitive[Any, Any], declared: object) -> Adapter:
    """Return what turns values of the type `declared` by `step` into JSON and back.

    Raises:
        NotKeepable: values of that type cannot be kept.
    """
    try:
        return _adapter(cast("type[object]", declared))
    except (PydanticUserError, TypeError, NameError) as error:
        raise NotKeepable(
            f"what step {step.name!r} returns, {declared!r}, cannot be kept: {error}; "
            "return plain values, a dataclass or a pydantic model"
        ) from error


def encode_plain(value: object, what: str) -> str:
    """Return `value` as JSON; `what` names it in the error.

    Raises:
        NotKeepable: it is not plain JSON.
    """
    try:
        text = _dumps(value)
        same = fingerprint(json.loads(text)) == fingerprint(value)
    except (ValueError, TypeError, RecursionError) as error:
        raise NotKeepable(
            f"{what}, {shown(value)}, cannot be kept: {error}; use plain JSON values"
        ) from error
    if not same:
        raise NotKeepable(
            f"{what}, {shown(value)}, would come back from JSON different; use plain JSON values"
        )
    return text


def _adapter(declared: type[object]) -> Adapter:
    try:
        return TypeAdapter(declared, config=_CONFIG)
    except PydanticUserError as error:
        if error.code != "type-adapter-config-unused":
            raise
        return TypeAdapter(declared)


def _dumps(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def shown(value: object) -> str:
    """Return the beginning of a value as text, for a message."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # too many digits for Python to write, or nested too deep
        return f"of type {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
