"""Text that speaks to a model instead of telling what to do in code: it is no strategy, and is refused.

A list of patterns is hygiene and not the defence: whoever words it differently passes. What holds is that
strategies stand in prompts as data, that verdicts come from the host, and that evidence decides what stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from .decoded import decoded
from .skeleton import bare, skeleton
from .spoken import spoken

_TOKENS: Final = re.compile(
    r"<\s?\|[^|<>]{0,80}\|\s?>|\[/?inst\]|<</?sys>>|</s>|<(?:start|end)_of_turn>"
    r"|<(?:begin|end)of(?:text|sentence)>"
)
_BLOCKS: Final = (
    "system|systemprompt|system_prompt|assistant|instructions?|strategy|strategies|playbook|insights?"
    "|execution_result|tool_call|tool_result|function_calls|think|thinking"
)
_TAGS: Final = re.compile(
    rf"<\s*/?\s*(?:{_BLOCKS})(?:\s[^<>]{{0,80}})?/?>"
    r"|<\s*/\s*(?:user|human|developer|prompt|context|reflection|data\s[^<>]{1,80})\s*>"
    r"|<data\s+[\w-]+\s+\w+>"
)
_FORGED: Final = re.compile(r"\[[a-z]{2,8}-\d{3,}\]\s*(?:helpful|harmful|\()|\b(?:helpful|harmful)\s*=\s*\d")
_HEADING: Final = re.compile(r"#{1,6}\s|```|~~~|={3,}|-{3,}\s*$")
_ROLE: Final = re.compile(
    r"[\W\d_]*(?:system|assistant|user|human|developer)(?:\s+(?:prompt|message))?[^\w:]{0,4}:"
)
_WHICH: Final = r"(?:previous|prior|preceding|above|earlier|former|foregoing|initial|original|system)"
_FEW: Final = r"(?:[\w']+\s+){0,3}"
_TOLD: Final = r"(?:instructions?|directions?|directives?|prompts?|guidelines?|guidance)"
_OVERRIDE: Final = re.compile(
    rf"\b(?:ignor\w+|disregard\w*|overrid\w+|bypass\w*|forget\w*|neglect\w*|discard\w*"
    rf"|(?:do not|don't|never|stop)\s+(?:follow\w*|obey\w*|heed\w*)|pay no attention to)\s+{_FEW}"
    rf"(?:{_WHICH}\s+{_FEW}{_TOLD}|(?:your|all)\s+(?:\w+\s+)?{_TOLD}\b(?!\s+(?:after|following|until|whose|with)\b)|all\s+{_WHICH}\s+rules"
    rf"|{_TOLD}\s+(?:above|before|given|you))"
    r"|\b(?:ignore|disregard|forget)\s+(?:about\s+)?(?:everything|anything|all|whatever)\s+"
    r"(?:above|before\b(?!\s+(?:the|an?)\b)|prior|so far|you|that (?:was|were|came|you)|i "
    r"|previous\W*(?:$|(?:\w+\s+)?(?:context|messages?|texts?|conversation|commands?|orders?|prompts?|advice)))"
    r"|\b(?:from now on|henceforth)\W+(?:you|act|behave|answer|respond|reply)\b"
    r"|\byou are (?:now|no longer)\b(?! (?:past|at|inside|outside)\b)|\bpretend (?:to be|that you|you)\b"
    r"|\bact as (?:root|system|admin\w*|an? (?:unrestricted|different|evil)|dan)\b"
    r"|\b(?:do anything now|jailbreak\w*|developer mode|god mode|system override|override (?:code|mode))\b"
    r"|\bnew (?:system |secret )?(?:instructions?|prompt|directives?)\s*(?:are\b|is\b|:)"
    r"|\b(?:reveal|print|show|repeat|output|leak|disclose)\s+(?:me\s+)?"
    r"(?:(?:your|the)\s+(?:system|hidden|initial|secret|original)\s+(?:prompt|instructions)"
    r"|your\s+(?:hidden|initial|secret|original)\s+message|(?:your|the)\s+system\s+message)"
    r"|\b(?:note|message|instructions?|attention)\W+(?:to|for)\W+(?:the |any |an |all )?"
    r"(?:curator|reflector|generator|judge|grader|evaluator|language model|llm|ai|assistant|agent)s?\b"
    r"|\bthis (?:strategy|rule|bullet|lesson|insight) (?:is|was|has been) (?:already |pre-?)?"
    r"(?:validated|verified|approved|sealed|pinned|admitted|trusted)"
    r"|\bmark (?:this|all|every|it)\b.{0,30}\b(?:helpful|validated|sealed|pinned|trusted)"
)
_BARE_OVERRIDE: Final = re.compile(
    r"(?:ignore|ignoring|disregard|disregarding|forget)(?:all|aii|any|every|the|your|my|of|these)*"
    r"(?:previous|prior|preceding|above|earlier|former|foregoing)(?:system|given)?"
    r"(?:instruction|directive|prompt|guideline)"
)
_OTHER_TONGUES: Final = re.compile(
    r"\b(?:ignorier\w*|missacht\w*|vergiss|vergessen)\b.{0,40}(?:anweisung|instruktion|vorgabe|befehl)"
    r"|\b(?:ignor[ae]\w*|olvid[ae]\w*|descart[ae]\w*|omit[ae])\b.{0,40}(?:instruccion|indicacion)"
    r"|\b(?:ignor|oubli)\w+\b.{0,40}(?:instructions|consignes|directives)\W+(?:prec|ant|ci-)"
    r"|\btien\w+ pas compte\b.{0,40}(?:instructions|consignes)"
    r"|\b(?:ignora\w*|dimentica\w*)\b.{0,40}(?:istruzion|indicazion)"
    r"|\b(?:ignore|esqueca|desconsidere)\b.{0,40}(?:instruco|orientaco)"
    r"|\b(?:negeer|vergeet)\b.{0,40}(?:instructie|aanwijzing)"
    r"|\b(?:z?ignoruj|zapomnij)\b.{0,40}(?:instrukcj|polece)|\bonceki\b.{0,20}talimatlar"
    r"|\bignorera\b.{0,40}instruktion|\b(?:abaikan|lupakan)\b.{0,40}(?:instruksi|perintah)"
)
_OTHER_SCRIPTS: Final = re.compile(
    r"(?:忽略|无视|忘记|忘掉|忽視|無視|不要理会).{0,16}(?:指令|指示|说明|提示|規則|规则|要求)"
    r"|(?:以前|これまで|上記|前|すべて).{0,10}(?:指示|命令|プロンプト).{0,10}(?:無視|忘れ)"
    r"|(?:이전|위의|앞의|모든).{0,12}(?:지시|명령|지침).{0,10}(?:무시|잊)"
    r"|(?:игнориру|забуд|не обращай|пренебре)\w*.{0,40}(?:инструкци|указани|команд)"
    r"|(?:ігноруй|забудь)\w*.{0,40}(?:інструкці|вказівк)"
    r"|تجاهل.{0,40}(?:التعليمات|الأوامر|تعليمات)"
    r"|निर्देश.{0,30}(?:अनदेखा|नज़रअंदाज़|भूल)|התעלם.{0,30}(?:הוראות|ההוראות)"
)


_ANYWHERE: Final = (
    (_TOKENS, "injection:control_token: it has control tokens of a chat template"),
    (_TAGS, "injection:markup: it has tags that open or close parts of a prompt"),
    (_FORGED, "injection:forged: it has the form of a strategy with its counters"),
)
_AT_THE_START: Final = (
    (_HEADING, "injection:heading: it begins like a part of a document"),
    (_ROLE, "injection:role: it begins like a turn of a conversation"),
)
_OVERRIDES: Final = "injection:override: it tells a model what to make of its instructions"


def injection(text: str, *, code: bool = False) -> str | None:
    """Return why `text` speaks to a model rather than of code, or None.

    `code` is for snippets, where a `#` begins a comment and `user:` declares a variable; what such a program
    says in its comments and strings is looked at as well, and in either case what stands there encoded.
    """
    texts = (text, *spoken(text)) if code else (text,)
    begins = () if code else _AT_THE_START
    found = next(filter(None, map(_anywhere, texts)), None) or _begins(text, begins)
    return found or next(filter(None, map(_anywhere, decoded(text))), None)


def _begins(text: str, patterns: Sequence[tuple[re.Pattern[str], str]]) -> str | None:
    shape = skeleton(text) if patterns else ""
    return next((told for pattern, told in patterns if pattern.match(shape)), None)


def _anywhere(text: str) -> str | None:
    shape = skeleton(text)
    found = (told for pattern, told in _ANYWHERE if pattern.search(shape))
    return next(found, None) or (_OVERRIDES if _overrides(text, shape) else None)


def _overrides(text: str, shape: str) -> bool:
    return bool(
        _OVERRIDE.search(shape)
        or _BARE_OVERRIDE.search(bare(shape))
        or _OTHER_TONGUES.search(shape)
        or (not text.isascii() and _OTHER_SCRIPTS.search(text.casefold()))
    )
