"""Advice that would be dangerous to follow: it is held back until a person admits it.

A list of patterns is hygiene and not the defence: whoever words it differently passes. What holds is that
programs run where there is no secret and no network, that verdicts come from the host, and that evidence
decides what stays. So a pattern may be wide: what it holds back by mistake costs a person a glance.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from .content import Kind
from .dangerous_code import dangers
from .decoded import decoded
from .skeleton import skeleton
from .spoken import spoken
from .wording import word_set

_FETCH: Final = r"(?:curl|wget|fetch|iwr|invoke-webrequest|lynx)"
_SHELL: Final = r"(?:sudo\s+)?(?:(?:ba|z|da|k|c|fi)?sh|python\d?|perl|ruby|node|php)\b"
_SECRETS: Final = (
    r"(?:os\.environ|environment variables|environ\b|env vars|secrets?\b|credentials?|passwords?"
    r"|api[ _-]keys?|private keys?|access tokens?|cookies|source code|playbook)"
)
_SENDS: Final = (
    r"(?:post|send|upload|transmit|forward|report|submit|push|beacon|e-?mail|deliver|leak|copy|write)"
    r"(?:s|ed|ing|ting)?"
)
_AWAY: Final = (
    r"(?:https?://|urllib|requests\.|httpx|webhook|remote (?:server|host)|external|collector|socket|\burl\b)"
)
_LEAVES: Final = (
    r"(?:add|install|creat|register|append|put|drop|leav|writ|schedul|set\s+up)(?:e|es|ed|ing|s)?"
)
_ENDING: Final = r"(?:e?s|e?d|ing|(?:t|p)ing|ies|ied|ying|y|e)?"

_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "shell_pipe": re.compile(
        rf"\b{_FETCH}\b[^|]{{0,200}}\|\s*{_SHELL}"
        rf"|{_SHELL}\s+(?:-c\s+)?[\"']?(?:<\(|\$\(|`)\s*{_FETCH}\b|\beval\s+[\"']?(?:\$\(|`)\s*{_FETCH}"
        r"|\biex\s*\(|\b(?:exec|eval)\s*\(\s*(?:requests|httpx|urllib|urlopen)"
        r"|\b(?:download|fetch)\w*\s.{0,60}\b(?:script|payload|installer|binary)\b.{0,60}"
        r"\b(?:run|execut\w+|pipe|source|eval)\b"
        r"|\bpip\d?\s+install\b.{0,80}(?:https?://|git\+|-index-url)"
    ),
    "encoded_exec": re.compile(
        r"\b(?:exec|eval|compile|__import__)\s*\(.{0,160}(?:b(?:64|32|85)decode|a85decode|unhexlify|fromhex"
        r"|decompress|marshal|codecs\.decode|rot_?13)"
        r"|(?:b(?:64|32|85)decode|a85decode|unhexlify|fromhex|decompress|marshal\.loads|codecs\.decode)\b"
        r".{0,160}\b(?:exec|eval)\s*\("
        r"|\b(?:decode|decompress|deserializ|unmarshal)\w*\b.{0,40}\b(?:and|then)\s+(?:exec|eval"
        r"|(?:run|execute)(?=\s+(?:it|that|them|this|the (?:code|result|payload|output|script|program))\b"
        r"|\W*$))\b"
        r"|\bbase64\s+(?:-d|--decode)\b.{0,80}\||(?:\\x[0-9a-f]{2}){9}"
    ),
    "security_disable": re.compile(
        r"\bverify\s*=\s*(?:false|0|none)\b|_create_unverified_context|\bcert_none\b"
        r"|\bcheck_hostname\s*=\s*(?:false|0)\b|\bchmod\b.{0,40}\b0?o?0?777\b|--no-verify\b"
        r"|--no-check-certificate|stricthostkeychecking\W{1,3}no\b|node_tls_reject_unauthorized"
        r"|\brejectunauthorized\W{1,3}false|insecureskipverify|--insecure\b|\bcurl\s(?:[^|]{0,80}\s)?-k\b"
        r"|\bdisable_warnings\s*\(|\bsetenforce\s+0|\bufw\s+disable|--privileged\b|--no-sandbox\b"
        r"|\b(?:disabl|turn|switch|skip|bypass|suppress|ignor)\w*\s+(?:off\s+)?(?:[\w']+\s+){0,3}"
        r"(?:ssl|tls|certificates?|hostname verification|signature (?:check|verification)s?|csrf|firewall"
        r"|sandbox|selinux|apparmor|authentication|authorization|input validation|(?:security|permission"
        r"|access) checks?)\b(?! errors? (?:as|by))"
    ),
    "test_tampering": re.compile(
        r"\b(?:delet|remov|skip|disabl|edit|modif|patch|overwrit|rewrit|weaken|bypass|neutrali[sz]|xfail"
        r"|monkey-?patch|comment out|commenting out|mock out)" + _ENDING + r"\s+(?:(?:or|and)\s+\w+\s+)?"
        r"(?:(?:the|a|an|any|all|every|each|its|their|that|those|failing|failed|broken|hidden|unit|slow|flaky"
        r"|remaining|other|own)\s+){0,4}"
        r"(?:tests?|test[ _-](?:files?|cases?|suites?)|assert(?:s|ions?)?|judges?|graders?|evaluators?"
        r"|expected (?:outputs?|values?|results?))\b(?!\s+(?:data|doubles?|fixtures?|names?|output|to use)\b)"
        r"|\bpytest\.(?:skip|xfail|exit)\b|\bunittest\.skip\b|\bpytest\.mark\.(?:skip|xfail)\b"
        r"|\bsys\.exit\s*\(\s*0\s*\)(?!\s+(?:when|if|only|for|on|after)\b)|\bos\._exit\b"
        r"|\b__eq__\b.{0,60}\breturns?(?:ing)? true\b(?!\s+(?:only|if|when|iff)\b)"
        r"|\breturn(?:s|ing)? true\b.{0,40}\b__eq__(?!\s+(?:only|if|when)\b)"
        r"|\bhard-?cod\w+\s+(?:\w+\s+){0,3}(?:expected|answers?)\b"
        r"|\b(?:monkey-?patch|overrid|redefin|replac)\w*\s.{0,30}\b(?:builtins|excepthook|unittest|pytest"
        r"|__eq__(?!\W+(?:and|together with|with|or)\W+__hash__))\b"
        r"|\b(?:writ|add|creat|edit)\w*\b.{0,40}\bconftest\b(?!.{0,40}\bfixtures?\b)"
        r"|\bprint\w*\s.{0,20}all tests passed"
    ),
    "network": re.compile(
        rf"\b{_SENDS}\b.{{0,60}}{_SECRETS}.{{0,60}}\b(?:to|at|via|with|by)\b.{{0,40}}{_AWAY}"
        rf"|\b{_SENDS}\s+(?:(?:all|the|your|its|any|every|full)\s+){{0,2}}"
        r"(?:results?|outputs?|files?|contents?|stdout|logs?|it|them)\b.{0,40}\bto\s+[\"'`(]?https?://"
        r"|\b(?:urllib|requests|httpx|socket|http\.client|aiohttp|ftplib|smtplib)\S*\s+(?:\w+\s+){0,2}to\s+"
        r"(?:post|send|upload|report|transmit)\s+(?:it|them|the (?:results?|outputs?|files?|contents?))\b"
        r"|\bexfiltrat|\bnetcat\b|\bnc\s+-\w|/dev/tcp/|\breverse shell|\bbind shell|\bngrok\b|\brequestbin"
        r"|!\[[^\]]{0,120}\]\(\s*<?https?://|<img\b[^<>]{0,200}\bsrc\s*=\s*[\"']?https?://"
        r"|\bwebhook\.site|\bpastebin|\bcurl\s.{0,120}(?:--data\S*|--upload-file|\s-d|\s-f|\s-t)\s*\S{0,20}@"
    ),
    "secrets": re.compile(
        r"~/\.ssh|\.ssh/|\bid_(?:rsa|ed25519)\b|\bauthorized_keys\b|/etc/(?:passwd|shadow|sudoers)\b(?!\W+(?:style|format|like)\b)"
        r"|/proc/(?!(?:cpuinfo|meminfo|loadavg|stat|uptime|version|self/(?:statm?|status|io|limits))\b)"
        r"|\.aws/credentials|\.netrc\b|\.pgpass\b|\.docker/config|\.kube/config|\.git-credentials"
        r"|169\.254\.169\.254|metadata\.google|/run/secrets|\bprintenv\b|\benv\s*\|"
        r"|\b(?:str|repr|json\.dumps|print|list|vars)\s*\(\s*(?:dict\s*\(\s*)?os\.environ\b(?!\.get|\[|\.setdefault)"
        r"|\bos\.environ\.(?:items|values)\s*\("
        r"|\b(?:print|dump|log|echo|expos|display|show|collect|list|return|writ|sav|read)" + _ENDING + r"\W+"
        r"(?:\w+\W+){0,5}(?:os\.environ(?!\.get|\[|\.setdefault|\.pop|\.update)\b|all (?:the )?environment)"
        r"|\b(?:print|dump|log|echo|expos|display|show|collect|list)" + _ENDING + r"\W+(?:\w+\W+){0,3}"
        r"(?:secrets|credentials|passwords?|private keys?|api[ _-]keys?|access tokens?)\b"
    ),
    "persistence": re.compile(
        rf"\bcrontab\s+-|\|\s*crontab\b|/etc/cron|\b{_LEAVES}\s+(?:(?!not\b)[\w'-]+\s+){{0,6}}"
        r"(?:cron\s?(?:jobs?|entry|entries|tabs?)|startup scripts?)\b"
        r"|\.bashrc\b|\.bash_profile\b|\.zshrc\b|~/\.profile\b"
        r"|\b(?:site|user)customize\b|site-packages\S*\.pth\b|/etc/(?:rc|init|profile|systemd|ld\.so)"
        r"|\bsystemctl\s+enable|\blaunchagents?\b|\blaunchctl\b|\bstartup folder|\bhkcu\b"
        r"|(?:/var)?/tmp/\.|/dev/shm/|\bld_preload\b|\bpythonstartup\b|\.git/hooks|\bschtasks\b"
    ),
    "destructive": re.compile(
        r"\brm\s+-\w*[rf]|\brmtree\s*\(\s*(?:[\"'](?:/|~)|os\.path\.expanduser|(?:pathlib\.)?path\.home)"
        r"|\bmkfs\b|\bdd\s+if=|:\(\)\s*\{|\bshred\s+-|\bformat\s+c:|\bdel\s+/[sfq]\b|\bfork ?bomb"
        r"|\b(?:drop|truncate)\s+(?:table|database)\s+(?!(?:with\s+)?if\b|instead\b|statements?\b)|\bgit\s+(?:push\s+(?:-f\b|--force)|reset\s+--hard"
        r"|clean\s+-\w*f)|\bkill\s+-9\s+-?1\b|\bkillall\b|\bpkill\b|\bshutdown\s+(?:-h|now)"
        r"|\b(?:delete|remove|wipe|erase)\s+(?:all|every|everything)\s+(?!.{0,40}\btemp|empty|unused|expired|stale|old)(?:\w+\s+){0,2}"
        r"(?:files?|data|director\w+|folders?|databases?|backups?)\b|\bwipe\s+(?:the\s+)?(?:disk|drive)"
    ),
}
"""In order: the first that matches names the danger."""
_HINTS: Final[Mapping[str, frozenset[str]]] = {
    "shell_pipe": word_set("curl wget fetch iwr invoke-webrequest lynx iex exec eval download pip"),
    "encoded_exec": word_set("decod unhexlify fromhex decompress marshal deserializ rot13 rot_13 64 \\x"),
    "security_disable": word_set(
        "verif cert check_hostname chmod --no- stricthost node_tls unauthorized insecure curl"
        " disable_warnings setenforce ufw privileged ssl tls hostname signature csrf firewall sandbox"
        " selinux apparmor authenti authori validation security permission access"
    ),
    "test_tampering": word_set(
        "test assert judge grader evaluator expected answer exit __eq__ builtins excepthook"
    ),
    "network": word_set(
        "http urllib requests webhook remote external collector socket url aiohttp ftplib smtplib exfiltrat"
        " netcat /dev/tcp shell ngrok requestbin pastebin curl"
    )
    | {"nc -"},
    "secrets": word_set(
        ".ssh id_rsa id_ed25519 authorized_keys /etc/ /proc/ .aws .netrc .pgpass .docker .kube .git-c 169.254"
        " metadata /run/secrets env secret credential password api"
    )
    | {"private key", "access token"},
    "persistence": word_set(
        "cron .bash .zsh .profile customize site-packages /etc/ systemctl launch startup hkcu /tmp/. /dev/shm"
        " ld_preload .git/hooks schtasks"
    ),
    "destructive": word_set(
        "rmtree mkfs if= :() shred bomb table database push reset clean kill shutdown delete remove wipe"
        " erase"
    )
    | {"rm -", "format c", "del /"},
}
"""At least one stands in whatever the pattern of the same name matches; a search for them is cheap."""
_TOLD: Final[Mapping[str, str]] = {
    "shell_pipe": "it runs what it fetched",
    "encoded_exec": "it runs what is encoded",
    "security_disable": "it switches a protection off",
    "test_tampering": "it tampers with tests or their outcome",
    "network": "it sends data away",
    "secrets": "it reads secrets",
    "persistence": "it leaves something behind",
    "destructive": "it destroys data",
}
_NEGATED: Final = re.compile(
    r"(?<!why )\b(?:never|not|don't|avoid|without|instead of|rather than|over|forbid|refuse to)\s+"
    r"(?:(?:ever|to|use|using|pass|passing|set|setting|call|calling|run|running)\s+){0,2}[`'\"(]*$"
)
_BEFORE: Final = 100
"""Characters before a danger that may warn of it."""
_DENIED: Final = re.compile(
    r"\b(?:never|not|no|nothing|cannot|[a-z]+n't|avoid\w*|without|refuse|hardly)\b[^.;:,]*$"
)
"""What denies the "never" that follows it: no reason not to."""
_BLOB: Final = re.compile(r"[A-Za-z0-9+/_-]{64,}={0,2}")


def capability(kind: Kind, content: str) -> str | None:
    """Return what is dangerous in this advice, as `capability:NAME: what it does`, or None.

    "Never pass verify=False" is advice against it, and passes. Snippets are looked at as programs, too.
    """
    texts = (content, *(spoken(content) if kind is Kind.SNIPPET else ()), *decoded(content))
    found = next(filter(None, (_said(text, code=kind is Kind.SNIPPET) for text in texts)), None)
    if found is None and kind is Kind.SNIPPET:
        found = next(iter(dangers(content)), None)
    return None if found is None else f"capability:{found}: {_TOLD[found]}"


def _said(text: str, *, code: bool) -> str | None:
    shape = skeleton(text)
    if code:  # of programs the syntax tree tells whether they always leave
        shape = shape.replace("sys.exit(0)", "")
    found = next((name for name in _PATTERNS if _advised(name, shape)), None)
    if found is None and any(map(_encoded, _BLOB.findall(text))):
        return "encoded_exec"
    return found


def _advised(name: str, shape: str) -> bool:
    if not any(hint in shape for hint in _HINTS[name]):
        return False
    found = _PATTERNS[name].finditer(shape)
    return any(not _is_warned_of(shape[: match.start()][-_BEFORE:]) for match in found)


def _is_warned_of(before: str) -> bool:
    """Tell whether what stands before a danger says not to do it; denied twice, it is advised."""
    negated = _NEGATED.search(before)
    return negated is not None and _DENIED.search(before[: negated.start()]) is None


def _encoded(blob: str) -> bool:
    """Tell whether this looks like base64: a hash is all hexadecimal, a long name has no digits in it."""
    if len(set(blob)) == len(blob):  # an alphabet
        return False
    return any(map(str.isupper, blob)) and any(map(str.islower, blob)) and any(map(str.isdigit, blob))
