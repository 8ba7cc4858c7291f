"""The lock files pin and hash everything, name no place, and satisfy pyproject.toml. All offline."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN, DEV = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
PIN = re.compile(r"(?P<name>[a-z0-9.-]+)(\[[a-z0-9, -]+\])?==(?P<version>[^ ;]+)( ; (?P<marker>.+))?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One locked version and where it applies."""

    name: str
    version: Version
    marker: Marker | None
    hashes: int


def read(lock: Path) -> list[Pin]:
    """Parse a lock; anything but `name==version ; marker` with hashes is an error."""
    logical = lock.read_text().replace(" \\\n", " ").splitlines()
    return [parse(line) for line in logical if line and not line.startswith("#")]


def parse(line: str) -> Pin:
    head, *hashes = re.split(r" +(?=--)", line)
    found = PIN.fullmatch(head)
    assert found, f"not pinned: {head!r}"
    assert all(HASH.fullmatch(part) for part in hashes), f"not only sha256 hashes: {line!r}"
    return Pin(
        name=found["name"],
        version=Version(found["version"]),
        marker=Marker(found["marker"]) if found["marker"] else None,
        hashes=len(hashes),
    )


def pinned(lock: Path, requirement: Requirement) -> list[Pin]:
    return [pin for pin in read(lock) if pin.name == canonicalize_name(requirement.name)]


def requirements(*groups: str) -> list[Requirement]:
    listed = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    for group in groups:
        listed += PROJECT["dependency-groups"][group]
    return [Requirement(text) for text in listed]


@pytest.mark.parametrize("lock", [RUN, DEV], ids=lambda lock: lock.name)
def test_every_line_is_pinned_and_hashed(lock: Path) -> None:
    pins = read(lock)
    assert len(pins) > 20
    assert all(pin.hashes for pin in pins), [pin.name for pin in pins if not pin.hashes]


@pytest.mark.parametrize("lock", [RUN, DEV], ids=lambda lock: lock.name)
def test_nothing_names_a_place(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "@" not in text
    assert "/" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE), "an option other than --hash"


@pytest.mark.parametrize(
    ("lock", "groups"), [(RUN, ("build",)), (DEV, ("build", "dev"))], ids=["run time", "development"]
)
def test_it_satisfies_the_project(lock: Path, groups: tuple[str, ...]) -> None:
    for requirement in requirements(*groups):
        found = pinned(lock, requirement)
        assert found, f"{requirement} is not in {lock.name}; run `make lock`"
        for pin in found:
            assert pin.version in requirement.specifier, f"{pin} is not {requirement}; run `make lock`"


def test_extras_are_tested() -> None:
    tools = {str(requirement) for requirement in requirements("dev")}
    for extra in PROJECT["project"]["optional-dependencies"].values():
        assert {str(Requirement(text)) for text in extra} <= tools


def test_both_locks_agree() -> None:
    tools = {(pin.name, pin.version) for pin in read(DEV)}
    assert {(pin.name, pin.version) for pin in read(RUN)} <= tools


@pytest.mark.parametrize(
    "line",
    [
        "pydantic>=2.11 --hash=sha256:" + "0" * 64,
        "pydantic==2.11 --hash=md5:" + "0" * 32,
        "pydantic @ file:///somewhere/pydantic.whl",
        "--no-binary pydantic",
        "-e .",
    ],
)
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(AssertionError):
        parse(line)
