"""Known shapes: what is a key, a password or a token whoever it belongs to. Every pattern is bounded."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from .secrets import REDACTED

_TOKENS: Final = re.compile(
    # What begins as a word may is none within one: "task-0123..." is no key. "sk-learn-..." has no digit.
    r"(?<![A-Za-z0-9])(?:sk-(?=[A-Za-z_-]{0,200}[0-9])[A-Za-z0-9_-]{16,}|sk-[A-Za-z]{32,}"
    r"|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}|r8_[A-Za-z0-9]{36,}|xai-[A-Za-z0-9]{40,})"
    # So long, with all kinds of characters, it is one whatever was printed before it.
    r"|sk-(?=[A-Za-z_-]{0,200}[0-9])(?=[a-z0-9_-]{0,200}[A-Z])(?=[A-Z0-9_-]{0,200}[a-z])[A-Za-z0-9_-]{40,}"
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|gl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_.-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}"
    r"|AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|gsk_[A-Za-z0-9]{40,}|pplx-[A-Za-z0-9]{40,}"
    # All zeros is what stands for one where any will do.
    r"|e2b_(?!0+(?![0-9a-f]))[0-9a-f]{32,}"
    r"|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,}|do[opr]_v1_[0-9a-f]{64}"
)
_WEB_TOKEN: Final = re.compile(
    # Bounded, or text that begins such a token everywhere would take quadratic time.
    r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{10,}"
)
_AWS_ID: Final = re.compile(r"(?:AKIA|ASIA)[0-9A-Z]{16}")
_AWS_SECRET: Final = re.compile(
    r"(?<![A-Za-z0-9/+])(?=[A-Za-z0-9/+]{0,43}[a-z])(?=[A-Za-z0-9/+]{0,43}[A-Z])[A-Za-z0-9/+]{40,44}(?![A-Za-z0-9/+])"
)
_NEAR: Final = 256
"""Characters around the id of an AWS key where 40 characters of base64 are its secret."""
_BEGIN: Final = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_END: Final = r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PRIVATE_KEY: Final = re.compile(
    # Code that names the header has no body behind it. The end may have been cut off.
    rf"{_BEGIN}(?:[ \t\r]{{0,8}}\n|\\r|\\n)[A-Za-z0-9+/=\s\\\"',>|]{{1,20000}}{_END}"
    rf"|{_BEGIN}(?:[\s\"',+>|]|\\[nr]){{0,40}}"
    r"(?:[A-Za-z-]{1,20}: [^\n\\]{0,80}(?:\s|\\[nr]){1,8}){0,3}"
    rf"(?=[A-Za-z0-9+/=]{{16}})[A-Za-z0-9+/=\s\\\"',>|]{{16,20000}}(?:{_END})?"
)
_IN_URL: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/?#:@'\"<>]{0,100}:"
    r"(?P<value>[^\s/?#'\"<>]{1,200})@(?=[\w\[.%{$-])"
)
_HEADER: Final = re.compile(
    r"(?:authorization|x-api-key|api-key|x-auth-token)[\"']?\]?(?:\s{0,3}:\s{0,3}[\"']?|\s{0,3}[=,]\s{0,3}[\"'])"
    r"(?:(?:bearer|basic|token|digest|apikey)\s{1,3})?(?P<value>[A-Za-z0-9+/._~-]{8,4096}={0,2})(?![\w(\[])"
    r"|(?<![a-z0-9])bearer\s{1,3}(?P<bearer>[A-Za-z0-9+/._~-]{16,4096}={0,2})(?![\w(\[])",
    re.IGNORECASE,
)
_PROSE: Final = re.compile(r"[a-z]+(?:[._/-][a-z0-9]+){1,50}[.,]?")
_STAND_IN: Final = re.compile(
    r"[\[{<$%(].*|\*+|\.+|x+|-+|(?:your|my|the|a|some|example|sample|fake|dummy|test)?[_-]?"
    r"(?:password|passwd|pass|pwd|pw|secret|token|key|api[_-]?key|string|value|here|changeme|example|placeholder|"
    r"none|null|true|false|redacted|hidden|masked)",
    re.IGNORECASE,
)
_Replace = Callable[[re.Match[str]], str]


def hide_keys(text: str) -> str:
    """Return `text` with each value of a known shape replaced by [redacted].

    They are the keys of providers, AWS keys with the secret beside them, JSON web tokens, PEM private keys,
    the password in a URL, and what an Authorization header carries.
    """
    text = _WEB_TOKEN.sub(REDACTED, hide_issued_keys(text))
    return _HEADER.sub(_but_code, _IN_URL.sub(_but_stand_ins, text))


def hide_issued_keys(text: str) -> str:
    """Return `text` with the keys of providers, AWS keys and private keys replaced by [redacted].

    A JSON web token, a password in a URL and a header stay: programs may be about such text.
    """
    return _TOKENS.sub(REDACTED, _without_aws(_PRIVATE_KEY.sub(REDACTED, text)))


def stands_in(value: str) -> bool:
    """Tell whether a value is none: a template's field, stars, or a word such as `your_password`."""
    return _STAND_IN.fullmatch(value) is not None


def _without_aws(text: str) -> str:
    """Replace ids of AWS keys and, near them, what looks like their secrets."""
    parts, at = list[str](), 0
    for found in _AWS_ID.finditer(text):
        if found.start() < at:
            continue
        begin, end = max(at, found.start() - _NEAR), min(len(text), found.end() + _NEAR)
        parts += (text[at:begin], _AWS_SECRET.sub(REDACTED, _AWS_ID.sub(REDACTED, text[begin:end])))
        at = end
    return "".join((*parts, text[at:])) if parts else text


def _but_stand_ins(found: re.Match[str]) -> str:
    return found[0] if stands_in(found["value"]) else _without(found, "value")


def _but_code(found: re.Match[str]) -> str:
    """Replace what a header carries, unless it is a name in code or in prose."""
    group = "value" if found["value"] is not None else "bearer"
    value = found[group]
    if stands_in(value) or not re.search(r"[0-9]", value) or _is_prose(value):
        return found[0]
    return _without(found, group)


def _is_prose(value: str) -> bool:
    """Tell whether a value is made of words: in one case only, with something between them."""
    return (
        value == value.lower()
        and re.search(r"[._/-]", value) is not None
        and _PROSE.fullmatch(value) is not None
    )


def _without(found: re.Match[str], group: str) -> str:
    begin, end = found.start(group) - found.start(), found.end(group) - found.start()
    return found[0][:begin] + REDACTED + found[0][end:]
