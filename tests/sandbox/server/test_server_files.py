"""Files of a sandbox, over HTTP and RPC."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
import io
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from e2b import (
    FileNotFoundException,
    FileType,
    InvalidArgumentException,
    NotEnoughSpaceException,
    SandboxException,
)
from e2b.sandbox.filesystem.filesystem import WriteEntry
from e2b_code_interpreter.code_interpreter_async import AsyncSandbox
from e2b_code_interpreter.code_interpreter_sync import Sandbox

BYTES = bytes(range(256)) * 8192
"""Two MiB with every byte: more than what a form keeps in memory by default."""


def test_bytes_come_back_as_they_went_in(sandbox: Sandbox) -> None:
    ways: dict[str, bytes | io.BytesIO] = {"form.bin": BYTES, "stream.bin": io.BytesIO(BYTES)}
    for name, data in ways.items():
        sandbox.files.write(name, data)
        assert bytes(sandbox.files.read(name, format="bytes")) == BYTES
        assert b"".join(sandbox.files.read(name, format="stream")) == BYTES


def test_text_may_be_sent_compressed(sandbox: Sandbox) -> None:
    sandbox.files.write("packed.txt", "ä" * 100_000, gzip=True)
    assert sandbox.files.read("packed.txt", gzip=True) == "ä" * 100_000


def test_many_files_are_written_at_once(sandbox: Sandbox) -> None:
    names = [f"deep/{number}/ümlaut {number}.txt" for number in range(20)]
    written = sandbox.files.write_files([WriteEntry(path=name, data=name) for name in names])
    assert [info.path for info in written] == [f"/home/user/{name}" for name in names]
    assert [sandbox.files.read(name) for name in names] == names


def test_what_is_there_is_described(sandbox: Sandbox) -> None:
    sandbox.files.write("box/file.txt", "four")
    sandbox.commands.run("ln -s file.txt box/link")
    info = sandbox.files.get_info("box/file.txt")
    assert (info.name, info.path, info.type) == ("file.txt", "/home/user/box/file.txt", FileType.FILE)
    assert (info.size, info.mode, info.permissions) == (4, 0o644, "-rw-r--r--")
    assert info.modified_time.tzinfo is not None
    link = sandbox.files.get_info("box/link")
    assert (link.type, link.symlink_target) == (FileType.SYMLINK, "/home/user/box/file.txt")
    assert sandbox.files.get_info("box").type is FileType.DIR


def test_directories_are_listed_to_a_depth(sandbox: Sandbox) -> None:
    for name in ("a/1.txt", "a/b/2.txt", "a/b/c/3.txt"):
        sandbox.files.write(name, "")
    assert sorted(entry.name for entry in sandbox.files.list("a")) == ["1.txt", "b"]
    assert [entry.name for entry in sandbox.files.list("a", depth=2)] == ["1.txt", "b", "2.txt", "c"]
    assert len(sandbox.files.list("a", depth=9)) == 5


def test_directories_are_made_once(sandbox: Sandbox) -> None:
    assert sandbox.files.make_dir("x/y/z")
    assert not sandbox.files.make_dir("x/y/z")


def test_files_are_renamed_and_removed(sandbox: Sandbox) -> None:
    sandbox.files.write("old", "text")
    assert sandbox.files.rename("old", "new").path == "/home/user/new"
    assert (sandbox.files.exists("old"), sandbox.files.exists("new")) == (False, True)
    sandbox.files.remove("new")
    assert not sandbox.files.exists("new")
    sandbox.files.remove("never was")


MISSING: dict[str, Callable[[Sandbox], object]] = {
    "read": lambda sandbox: sandbox.files.read("missing"),
    "stream": lambda sandbox: sandbox.files.read("missing", format="stream"),
    "list": lambda sandbox: sandbox.files.list("missing"),
    "stat": lambda sandbox: sandbox.files.get_info("missing"),
    "move": lambda sandbox: sandbox.files.rename("missing", "other"),
}


@pytest.mark.parametrize("use", MISSING.values(), ids=MISSING)
def test_what_is_missing_is_not_found(sandbox: Sandbox, use: Callable[[Sandbox], object]) -> None:
    with pytest.raises(FileNotFoundException):
        use(sandbox)


def test_a_directory_is_no_file(sandbox: Sandbox) -> None:
    sandbox.files.make_dir("folder")
    with pytest.raises(InvalidArgumentException):
        sandbox.files.read("folder")


def test_a_full_disk_is_named_and_the_sandbox_lives(sandbox: Sandbox) -> None:
    sandbox.commands.run("head -c 250000000 /dev/zero > big")
    with pytest.raises(NotEnoughSpaceException):
        sandbox.files.write("more", bytes(32 << 20))
    assert sandbox.run_code("1 + 1").text == "2"


def test_the_host_is_not_seen(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("host") / "secret.txt"
    secret.write_text("of the host", encoding="utf-8")
    for path in (str(secret), f"../../../../../..{secret}", f"/proc/self/root{secret}"):
        with pytest.raises(SandboxException):
            sandbox.files.read(path)
    sandbox.commands.run(f"ln -s {secret} link; ln -s / root")
    for path in ("link", f"root{secret}"):
        with pytest.raises(SandboxException):
            sandbox.files.read(path)
    assert secret.read_text(encoding="utf-8") == "of the host"


def test_a_signed_url_opens_one_file(sandbox: Sandbox) -> None:
    sandbox.files.write("public.txt", "for a browser")
    url = sandbox.download_url("public.txt", use_signature_expiration=600)
    with urllib.request.urlopen(url) as answer:  # noqa: S310  # our own server
        assert answer.read() == b"for a browser"
    for forged in (url.replace("public.txt", "other.txt"), url.replace("v1_", "v1_A"), url + "1"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(forged)  # noqa: S310  # as above
        refusal.value.close()
        assert refusal.value.code == 401


def test_a_signed_url_has_an_end(sandbox: Sandbox) -> None:
    sandbox.files.write("public.txt", "for a browser")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(sandbox.download_url("public.txt", use_signature_expiration=-1))  # noqa: S310
    with refusal.value as answer:
        assert (answer.code, answer.read()) == (401, b'{"code":401,"message":"signature is already expired"}')


async def test_a_client_that_awaits_does_the_same(async_sandbox: AsyncSandbox) -> None:
    files = async_sandbox.files
    await files.write("a/b.txt", "text")
    assert await files.read("a/b.txt") == "text"
    assert await files.exists("a/b.txt")
    assert (await files.get_info("a/b.txt")).size == 4
    assert (await files.rename("a/b.txt", "c.txt")).path == "/home/user/c.txt"
    await files.remove("c.txt")
    assert not await files.exists("c.txt")
    assert await files.make_dir("d")
    with pytest.raises(FileNotFoundException):
        await files.read("c.txt")
