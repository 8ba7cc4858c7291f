from __future__ import annotations

import pytest

from tta_dev_primitives.core.errors import ConfigurationError, SandboxUnavailable
from tta_dev_primitives.sandbox import Isolation, Limits, LocalSandbox, open_sandbox


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "./a",
        "a/",
        "",
        ".",
        "a\0b",
        "x" * 256,
        "a/" * 600 + "b",
        "\ud800",
    ],
)
async def test_file_paths_that_lead_elsewhere_are_refused(path: str) -> None:
    async with LocalSandbox() as sandbox:
        with pytest.raises(ConfigurationError, match="file path"):
            await sandbox.run_code("1", files={path: b""})


async def test_files_that_collide_are_refused() -> None:
    async with LocalSandbox() as sandbox:
        with pytest.raises(ConfigurationError, match="'a' is also a directory"):
            await sandbox.run_code("1", files={"a": b"", "a/b": b""})


async def test_files_that_do_not_fit_are_refused() -> None:
    async with LocalSandbox() as sandbox:
        with pytest.raises(ConfigurationError, match="disk_bytes=8192"):
            await sandbox.run_code("1", files={"a": bytes(9000)}, limits=Limits(disk_bytes=8192))
        with pytest.raises(ConfigurationError, match="inodes=3"):
            await sandbox.run_code("1", files={"a/b/c/d": b""}, limits=Limits(inodes=3))


async def test_files_that_just_fit_are_written(sandbox: LocalSandbox) -> None:
    limits = Limits(disk_bytes=8192, inodes=3)
    execution = await sandbox.run_code("1", files={"a": bytes(4096), "b/c": bytes(4096)}, limits=limits)
    assert execution.success


@pytest.mark.parametrize(
    "envs", [{"": "x"}, {"A=B": "x"}, {"A\0": "x"}, {"A": "\0"}, {"A": "\ud800"}, {"A": "x" * 200_000}]
)
async def test_environments_that_cannot_be_are_refused(envs: dict[str, str]) -> None:
    async with LocalSandbox() as sandbox:
        with pytest.raises(ConfigurationError, match=r"environment|value of 'A'"):
            await sandbox.run_code("1", envs=envs)


async def test_wrong_types_are_refused() -> None:
    async with LocalSandbox() as sandbox:
        with pytest.raises(ConfigurationError, match="code must be a str, not bytes"):
            await sandbox.run_code(b"1")  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="must be bytes, not str"):
            await sandbox.run_code("1", files={"a": "text"})  # type: ignore[dict-item]


async def test_huge_code_is_refused() -> None:
    async with LocalSandbox() as sandbox:
        with pytest.raises(ConfigurationError, match="code of 5000000 characters"):
            await sandbox.run_code("#" * 5_000_000)


async def test_a_language_it_does_not_have_is_refused() -> None:
    async with LocalSandbox() as sandbox:
        assert "python" in sandbox.languages
        assert "cobol" not in sandbox.languages
        with pytest.raises(SandboxUnavailable, match=r"'cobol'.*supported: python"):
            await sandbox.run_code("1", language="cobol")


def test_running_unconfined_must_be_asked_for() -> None:
    with pytest.raises(ConfigurationError, match="allow_unsandboxed=True"):
        LocalSandbox(isolation=Isolation.NONE)
    with pytest.raises(ConfigurationError, match="no tier"):
        LocalSandbox(isolation=Isolation.REMOTE)


async def test_a_closed_sandbox_says_so() -> None:
    sandbox = LocalSandbox()
    await sandbox.aclose()
    await sandbox.aclose()
    with pytest.raises(ConfigurationError, match="closed"):
        await sandbox.run_code("1")


def test_sandboxes_have_names() -> None:
    assert isinstance(open_sandbox("local"), LocalSandbox)
    with pytest.raises(ConfigurationError, match="'docker'"):
        open_sandbox("docker")
