"""What is shaped like a secret goes; what only looks a little like one stays."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest

from tta_dev_primitives.core.redaction import redact, redact_lesson, redact_stored
from tta_dev_primitives.core.secrets import REDACTED, Secrets

HERE = Path(__file__).parent
BENIGN = (HERE / "texts" / "benign.txt").read_text(encoding="utf-8").splitlines()
ROOT = HERE.parents[1]
RECORDINGS = (
    ROOT / "src" / "tta_dev_primitives" / "demo" / "recording.jsonl",
    *sorted((ROOT / "benchmarks" / "results").rglob("answers.jsonl")),
)
CASES = Path(os.environ.get("TASK_SETS") or ROOT.parent / "shared" / "data") / "poison_cases.jsonl"
"""Not part of this repository; `TASK_SETS` names their folder."""
BODY = "\n".join(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"] * 3)
PEM = f"-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
AWS_ID = "AKIA" + "IOSFODNN7EXAMPL0"
KEYS = {
    "e2b": "e2b_" + "0123456789abcdef" * 3,
    "openai": "sk-" + "a1B2c3D4" * 6,
    "openai, project": "sk-proj-" + "a1B2_c3D-" * 6,
    "anthropic": "sk-ant-api03-" + "a1B2c3D4" * 6,
    "github": "ghp_" + "a1B2c3D4e" * 4,
    "github, server": "ghs_" + "a1B2c3D4e" * 4,
    "github, fine-grained": "github_pat_" + "a1B2c3D4e_" * 6,
    "gitlab": "glpat-" + "a1B2c3D4e5" * 2,
    "aws": AWS_ID,
    "aws, for a while": "ASIA" + "IOSFODNN7EXAMPL0",
    "slack": "xoxb-" + "123456789012-abcdefABCDEF",
    "google": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6q",
    "hugging face": "hf_" + "aBcDeFgHiJ" * 4,
    "npm": "npm_" + "a1B2c3D4e" * 4,
    "pypi": "pypi-AgEIcHlwaS5vcmc" + "a1B2c3D4e_" * 5,
    "stripe": "sk_live_" + "a1B2c3D4" * 3,
    "stripe, restricted": "rk_live_" + "a1B2c3D4" * 3,
    "sendgrid": "SG." + "a1B2c3D4e5F6g7H8i9J0kl." + "a1B2c3D4e5" * 4,
    "json web token": JWT,
    "private key": PEM,
    "private key in json": json.dumps(PEM)[1:-1],
    "private key, encrypted": PEM.replace(
        "\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0F3A\n\n", 1
    ),
}
AROUND = ["{}", "key={} and more", '{{"key": "{}"}}', "use\n{}\nhere", "x{}", "({}), [{}]", "\u200b{}\u200b"]
WITHIN = {
    "postgres://svc:{}@10.0.0.5:5432/app": "S3cr3tPw",
    "mongodb+srv://u.ser:{}@cluster0.example.test/?w=1": "p%40ss%2Fw0rd",
    "redis://:{}@cache:6379/0": "S3cr3t",
    "Authorization: Bearer {}": "mF_9.B5f-4.1JqM",
    "Authorization: Basic {}": base64.b64encode(b"aladdin:open 5esame").decode(),
    '{{"authorization": "Basic {}"}}': "dXNlcjpwYTU1d29yZA==",
    "headers={{'X-Api-Key': '{}'}}": "0a1b2c3d4e5f6071",
    "curl -H 'Authorization: token {}'": "0a1b2c3d4e5f60718293a4b5",
    "got bearer {} back": "mF9B5f41JqMmF9B5f41JqM",
    f"{AWS_ID} secret={{}}": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12",
}
ASSIGNED = {
    "password = '{}'": "hunter2!",
    'password: str = "{}"': "hunter2!",
    '{{"db_password": "{}"}}': "Tr0ub4dor",
    "{{'client_secret': '{}'}}": "0a1b2c3d4e5f",
    "DB_PASSWORD={}": "hunter2-not-a-pattern",
    "export API_KEY={} # mine": "0a1b2c3d4e5f",
    "  password: {}": "hunter2-x9!",
    'config["api_key"] = "{}"': "0a1b2c3d4e5f",
    'f(user, passwd="{}")': "hunter2!",
    '{{\\"password\\": \\"{}\\"}}': "hunter2!",
    'GITHUB_TOKEN="{}"': "0a1b2c3d4e5f6g7h",
    "aws_secret_access_key={} ": "wJalrXUtnFEMI/K7MDENG/bPxRfiCY8=",
}
PERSONAL = {
    "alice.smith@example.com": "When the row for {} fails, skip it",
    "bob+orders@mail.example.co.uk": "<{}>",
    "4111 1111 1111 1111": "card {}.",
    "4111-1111-1111-1111": "card {},",
    "5500005555555559": "{}",
    "378282246310005": "amex {}",
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", KEYS)
def test_known_kinds_of_keys_go(kind: str, around: str) -> None:
    if around == "x{}" and KEYS[kind].startswith("SG."):
        pytest.skip("within a word it is a part of it, as in MSG.name.name")
    told = redact(around.format(*[KEYS[kind]] * 2))
    assert KEYS[kind] not in told
    assert told == around.replace("\u200b", "").format(REDACTED, REDACTED)


@pytest.mark.parametrize("around", WITHIN)
def test_only_the_secret_goes_out_of_what_is_around_it(around: str) -> None:
    told = redact(around.format(WITHIN[around]))
    assert told in {
        around.format(REDACTED),
        around.format(REDACTED).replace(AWS_ID, REDACTED),
    }


@pytest.mark.parametrize("around", ASSIGNED)
def test_literals_assigned_to_secret_names_are_not_stored(around: str) -> None:
    text = around.format(ASSIGNED[around])
    assert redact_stored(text) == around.format(REDACTED)
    assert redact(text) == text, "a task may be about passwords, and a model has to see what came out"


@pytest.mark.parametrize("data", PERSONAL)
def test_one_persons_data_is_no_lesson(data: str) -> None:
    text = PERSONAL[data].format(data)
    assert redact_lesson(text) == PERSONAL[data].format(REDACTED)
    assert redact_stored(text) == text


def test_of_a_private_key_that_was_cut_off_nothing_stays() -> None:
    for length in (60, 120, 200):
        assert redact(f"key: {PEM[:length]}") == f"key: {REDACTED}"
        assert redact(json.dumps({"key": PEM[:length]})) == f'{{"key": "{REDACTED}}}'


def test_invisible_characters_hide_nothing() -> None:
    assert redact("\u200b".join(KEYS["github"])) == REDACTED
    assert redact_lesson("alice\u00ad.smith@exam\u2060ple.com") == REDACTED
    assert redact_lesson("41\u200b11 1111 1111 1111") == REDACTED


def test_text_without_secrets_comes_back_as_it_was() -> None:
    text = "a\u200bb\r\n\x1b[31mred"
    assert redact(text) is text


def test_enough_benign_lines_are_tried() -> None:
    assert len({line for line in BENIGN if line.strip()}) >= 200


@pytest.mark.parametrize("line", BENIGN)
def test_benign_lines_stay(line: str) -> None:
    assert redact_lesson(line) == line


def test_benign_lines_stay_together_too() -> None:
    text = "\n".join(BENIGN)
    assert redact_lesson(text) == text
    assert redact_lesson(json.dumps(BENIGN)) == json.dumps(BENIGN)


def texts(value: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from texts(item)
    elif isinstance(value, dict):
        for item in cast("dict[str, object]", value).values():
            yield from texts(item)


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_recorded_prompt_program_or_strategy_changes(recording: Path) -> None:
    lines = recording.read_text(encoding="utf-8").splitlines()
    told = [text for line in lines for text in texts(json.loads(line))]
    assert len(told) > 50
    assert [text for text in told if redact_stored(text) != text] == []
    insights = [text for line in lines for text in texts(json.loads(line)["answer"])]
    assert [text for text in insights if redact_lesson(text) != text] == []


def case(line: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads(line))


def cases(*ids: str, kind: str) -> list[Mapping[str, object]]:
    if not CASES.exists():
        pytest.skip("TASK_SETS names no folder with poison_cases.jsonl")
    all_cases = map(case, CASES.read_text(encoding="utf-8").splitlines())
    return [one for one in all_cases if one["kind"] == kind and (not ids or one["id"] in ids)]


def test_the_known_attacks_with_secrets_leave_none() -> None:
    found = cases(*(f"P{number}" for number in range(21, 28)), kind="attack")
    assert len(found) == 7
    for one in found:
        payload = cast("dict[str, object]", one["payload"])
        environment = cast("dict[str, str]", payload.pop("env", {}))
        told = redact_lesson(json.dumps(payload), Secrets(environment.values()))
        must_not = cast("dict[str, list[str]]", one["expect"])["stored_must_not_contain"]
        assert [text for text in must_not if text in told] == [], one["id"]


def test_the_known_benign_cases_stay() -> None:
    found = cases(kind="benign")
    assert len(found) == 20
    told = [text for one in found for text in texts(one["payload"])]
    assert [text for text in told if redact_lesson(text) != text] == []


LINEAR = (
    *(
        "sk-",
        "sk-a",
        "eyJ",
        "eyJaaaaaaaaaa.eyJ",
        "http://",
        "a://b:",
        "AKIA",
        AWS_ID,
        "password=",
    ),
    *(
        'password: "',
        "authorization: bearer ",
        "a@",
        "a@a.",
        "a.",
        "_",
        "-",
        "4",
        "4 ",
        "\\",
        "\u200b",
        "a\u0301",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAA",
        "password=a+b+",
        "SG.aA1-",
    ),
)


@pytest.mark.parametrize("piece", LINEAR)
def test_it_takes_linear_time(piece: str) -> None:
    """Text that begins a pattern everywhere; in quadratic time this test would not end."""
    assert redact_lesson(piece * (100_000 // len(piece)))


@pytest.mark.parametrize("hide", [redact, redact_stored, redact_lesson])
def test_twice_is_once(hide: Callable[[str], str]) -> None:
    everything = "\n".join(
        (*KEYS.values(), *(key.format(value) for key, value in {**WITHIN, **ASSIGNED}.items()))
    )
    assert hide(hide(everything)) == hide(everything)
