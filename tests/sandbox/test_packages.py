from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import pytest

from tta_dev_primitives.core.errors import ConfigurationError, SandboxUnavailable
from tta_dev_primitives.sandbox import Isolation, Limits, LocalSandbox
from tta_dev_primitives.sandbox.local import Packages

TIERS = [Isolation.NAMESPACES, Isolation.LANDLOCK]
HAS_DATA = all(importlib.util.find_spec(name) for name in ("numpy", "pandas"))
SECRET = f"secret-{os.urandom(8).hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment that everybody on this machine may read and write."""

    path: Path

    @property
    def site(self) -> Path:
        variables = {"base": str(self.path), "platbase": str(self.path)}
        return Path(sysconfig.get_path("purelib", "venv", variables))

    def add(self, name: str, text: str) -> None:
        file = self.site / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o666)
        file.parent.chmod(0o777)


@pytest.fixture
def environment() -> Iterator[Environment]:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        made = Environment(path=Path(directory, "venv"))
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", made.path], check=True)  # noqa: S603
        (made.path / "secret").write_text(SECRET, encoding="utf-8")
        made.add("parcels/__init__.py", "WEIGHT = 7\nheld = []\nfrom . import inner\n")
        made.add("parcels/inner.py", "VALUE = 6\n")
        made.add("parcels/late.py", "VALUE = 8\n")
        made.add("alone.py", "VALUE = 9\n")
        yield made


@pytest.fixture(params=TIERS)
def tier(request: pytest.FixtureRequest) -> Isolation:
    isolation: Isolation = request.param
    try:
        asyncio.run(_run("pass", isolation, Packages.stdlib()))
    except SandboxUnavailable as missing:
        pytest.skip(f"{isolation.value}: {missing}")
    return isolation


async def _run(code: str, isolation: Isolation, packages: Packages) -> str:
    async with LocalSandbox(isolation=isolation, packages=packages) as sandbox:
        execution = await sandbox.run_code(code)
    assert execution.success, execution
    return execution.stdout


async def test_packages_of_an_environment_can_be_imported(tier: Isolation, environment: Environment) -> None:
    code = (
        "import sys; print(sorted(name for name in sys.modules if 'parcels' in name))\n"
        "import parcels, parcels.late, alone\n"
        "print(parcels.WEIGHT, parcels.inner.VALUE, parcels.late.VALUE, alone.VALUE)"
    )
    plain = await _run(code, tier, Packages.of_environment(environment.path))
    assert plain == "[]\n7 6 8 9\n"
    preloaded = await _run(code, tier, Packages.of_environment(environment.path, preload=["parcels"]))
    assert preloaded == "['parcels', 'parcels.inner']\n7 6 8 9\n"


async def test_without_packages_there_are_none(tier: Isolation, environment: Environment) -> None:
    del environment
    code = "import importlib.util as u; print(u.find_spec('parcels'), u.find_spec('pytest'))"
    assert await _run(code, tier, Packages.stdlib()) == "None None\n"


async def test_runs_do_not_share_the_state_of_a_preloaded_package(
    tier: Isolation, environment: Environment
) -> None:
    packages = Packages.of_environment(environment.path, preload=["parcels"])
    async with LocalSandbox(isolation=tier, packages=packages) as sandbox:
        for _ in range(3):
            execution = await sandbox.run_code(
                "import parcels; parcels.held.append(1); parcels.WEIGHT += 1; (parcels.held, parcels.WEIGHT)"
            )
            assert execution.text == "([1], 8)"


async def test_a_guest_cannot_change_packages(tier: Isolation, environment: Environment) -> None:
    code = """
import os, shutil, parcels
package = os.path.dirname(parcels.__file__)
site = os.path.dirname(package)
def attempt(name, attack, *arguments):
    try:
        attack(*arguments)
    except OSError:
        return
    print("ESCAPED", name)
attempt("append", open, package + "/__init__.py", "a")
attempt("create", open, package + "/new.py", "w")
attempt("create beside", open, site + "/new.py", "w")
attempt("remove", os.remove, package + "/inner.py")
attempt("rename", os.rename, package, site + "/other")
attempt("truncate", os.truncate, package + "/inner.py", 0)
attempt("mkdir", os.mkdir, site + "/d")
attempt("link", os.link, package + "/inner.py", "linked.py")
attempt("remove all", shutil.rmtree, package)
try:
    os.chmod(package + "/inner.py", 0o600)
    os.utime(package + "/inner.py", (1, 1))
except OSError:
    pass
"""
    before = _state(environment.path)
    assert await _run(code, tier, Packages.of_environment(environment.path, preload=["parcels"])) == ""
    assert _state(environment.path) == before


def _state(top: Path) -> dict[str, tuple[int, int, bytes]]:
    files = (path for path in sorted(top.rglob("*")) if path.is_file() and not path.is_symlink())
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes()[:1000]) for path in files
    }


async def test_a_guest_sees_nothing_else_of_the_environment(
    tier: Isolation, environment: Environment
) -> None:
    code = f"""
import os, parcels
venv = {str(environment.path)!r}
for path in (venv + "/secret", venv + "/pyvenv.cfg", parcels.__file__ + "/../../../../../secret"):
    try:
        print(open(path).read())
    except OSError:
        pass
for path in (venv, venv + "/bin", os.path.dirname(venv)):
    try:
        print(os.listdir(path))
    except OSError:
        pass
for where, _, names in os.walk("/packages"):
    if "secret" in names or "pyvenv.cfg" in names:
        print(where)
"""
    assert await _run(code, tier, Packages.of_environment(environment.path)) == ""


async def test_path_files_of_an_environment_are_not_run(tier: Isolation, environment: Environment) -> None:
    environment.add("evil.pth", "import builtins; builtins.LEAKED = 1\n/\n")
    code = "import builtins, sys; print(hasattr(builtins, 'LEAKED'), '/' in sys.path)"
    assert (
        await _run(code, tier, Packages.of_environment(environment.path, preload=["alone"]))
        == "False False\n"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise ValueError('no luck')", "broken: ValueError: no luck"),
        ("raise SystemExit(0)", "broken: SystemExit: 0"),
        ("import missing_module", "broken: ModuleNotFoundError: No module named 'missing_module'"),
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()",
            "1 threads running",
        ),
    ],
)
async def test_a_module_that_cannot_be_preloaded_is_named(
    tier: Isolation, environment: Environment, text: str, reason: str
) -> None:
    environment.add("broken.py", text)
    packages = Packages.of_environment(environment.path, preload=["alone", "broken"])
    async with LocalSandbox(isolation=tier, packages=packages) as sandbox:
        for _ in range(2):
            with pytest.raises(ConfigurationError, match=reason):
                await sandbox.run_code("1")


async def test_the_self_test_is_not_fooled_by_a_package(tier: Isolation, environment: Environment) -> None:
    # A preloaded module is trusted, yet what it breaks by accident must not look like a jail that holds.
    environment.add(
        "sloppy.py", "import os\nos.environ['TOKEN'] = 'x'\nimport builtins\nbuiltins.OSError = Exception\n"
    )
    packages = Packages.of_environment(environment.path, preload=["sloppy"])
    assert await _run("import os; print('TOKEN' in os.environ)", tier, packages) == "False\n"


def test_what_is_no_environment_of_this_python_is_refused(environment: Environment, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is no virtual environment"):
        Packages.of_environment(tmp_path)
    config = environment.path / "pyvenv.cfg"
    good = config.read_text(encoding="utf-8")
    config.write_text(good.replace("version = 3.", "version = 2."), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"was made by Python 2\..*; make it anew: .* -m venv"):
        Packages.of_environment(environment.path)
    config.write_text(f"home = /nowhere/bin\nversion = {sys.version_info[0]}.{sys.version_info[1]}.0\n")
    with pytest.raises(ConfigurationError, match="in /nowhere/bin, the sandbox runs"):
        Packages.of_environment(environment.path)
    config.write_text("nonsense")
    with pytest.raises(ConfigurationError, match="was made by Python unknown"):
        Packages.of_environment(environment.path)


@pytest.mark.parametrize("name", ["", "a b", "os; import x", "a..b", "../x"])
def test_what_is_no_name_of_a_module_is_refused(environment: Environment, name: str) -> None:
    with pytest.raises(ConfigurationError, match="is no name of a module"):
        Packages.of_environment(environment.path, preload=[name])


async def test_packages_that_only_root_can_read(tier: Isolation, environment: Environment) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, which turns into somebody else")
    environment.path.parent.chmod(0o700)
    packages = Packages.of_environment(environment.path, preload=["parcels"])
    code = "import parcels, alone; print(parcels.WEIGHT + alone.VALUE)"
    if tier is Isolation.NAMESPACES:
        assert await _run(code, tier, packages) == "16\n"
    else:
        with pytest.raises(
            SandboxUnavailable, match=r"refused at packages.*packages that other users can read"
        ):
            await _run(code, tier, packages)


async def test_packages_are_there_without_a_sandbox_as_well(environment: Environment) -> None:
    packages = Packages.of_environment(environment.path, preload=["parcels"])
    async with LocalSandbox(isolation=Isolation.NONE, allow_unsandboxed=True, packages=packages) as sandbox:
        assert (await sandbox.run_code("import parcels; parcels.WEIGHT")).text == "7"


def test_data_packages_that_are_missing_are_named() -> None:
    if HAS_DATA:
        assert Packages.data() == Packages.data()
        assert Packages.data().preload == ("numpy", "pandas")
    else:
        with pytest.raises(ConfigurationError, match=r"needs numpy .*pip install numpy pandas"):
            Packages.data()


@pytest.fixture(params=TIERS)
def data(request: pytest.FixtureRequest) -> Iterator[LocalSandbox]:
    if not HAS_DATA:
        pytest.skip("numpy and pandas are not installed")
    one = LocalSandbox(isolation=request.param, packages=Packages.data())
    try:
        asyncio.run(one.run_code("pass"))
    except SandboxUnavailable as missing:
        pytest.skip(str(missing))
    yield one
    asyncio.run(one.aclose())


async def test_numpy_and_pandas_work_within_the_default_limits(data: LocalSandbox) -> None:
    execution = await data.run_code(
        "import sys; preloaded = {'numpy', 'pandas'} <= set(sys.modules)\n"
        "import numpy as np, pandas as pd, io, importlib.metadata as m\n"
        "days = pd.date_range('2024-01-01', periods=4, tz='Europe/Berlin')\n"
        "frame = pd.DataFrame({'day': days, 'n': range(4)})\n"
        "frame.to_csv('x.csv'); back = pd.read_csv('x.csv', parse_dates=['day'])\n"
        "print(preloaded, int(back['n'].sum()), frame.groupby(frame['n'] % 2)['n'].sum().tolist())\n"
        "a = np.random.rand(400, 400)\n"
        "print(np.allclose(np.linalg.inv(a) @ a, np.eye(400)), np.linalg.svd(a)[1].shape)\n"
        "print(m.version('numpy') == np.__version__, pd.Timestamp('2024-02-29').isoformat())"
    )
    assert execution.success, execution
    assert execution.stdout == "True 6 [2, 4]\nTrue (400,)\nTrue 2024-02-29T00:00:00\n"


async def test_two_runs_do_not_draw_the_same_numbers(data: LocalSandbox) -> None:
    code = "import numpy as np, random; (np.random.rand(), np.random.default_rng().random(), random.random())"
    drawn = [(await data.run_code(code)).text for _ in range(6)]
    numbers = [number for text in drawn for number in (text or "").strip("()").split(", ")]
    assert len(numbers) == 18
    assert len(set(numbers)) == 18


async def test_two_sessions_do_not_draw_the_same_numbers(data: LocalSandbox) -> None:
    if data.isolation is not Isolation.NAMESPACES:
        pytest.skip("sessions need namespaces")
    drawn: list[str | None] = []
    for _ in range(3):
        session = await data.open_session()
        drawn.append((await session.run_code("import numpy as np; np.random.rand()")).text)
        await session.aclose()
    assert None not in drawn
    assert len(set(drawn)) == 3


async def test_only_what_was_asked_for_is_seen(data: LocalSandbox) -> None:
    code = (
        "import importlib.util as u; print([u.find_spec(n) is None for n in ('pip', 'pytest', 'pydantic')])"
    )
    assert (await data.run_code(code)).stdout == "[True, True, True]\n"


async def test_memory_of_packages_counts(data: LocalSandbox) -> None:
    limits = replace(Limits(), memory_bytes=400 << 20)
    execution = await data.run_code("import numpy as np; np.ones(50 << 20).sum()", limits=limits)
    assert execution.error is not None
    assert "MemoryError" in execution.error.name


class _Installed(metadata.Distribution):
    """A distribution that says it put files anywhere."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def read_text(self, filename: str) -> str | None:
        return {
            "METADATA": "Name: numpy\nVersion: 1\n",
            "RECORD": "numpy/__init__.py,,\n/etc/odd/file,,\n../../bin/tool,,\n",
        }.get(filename)

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        return self._directory / path


def test_what_a_package_put_elsewhere_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(_name: str) -> metadata.Distribution:
        return _Installed(tmp_path)

    monkeypatch.setattr(metadata, "distribution", find)
    shown = Packages.data().config()["shown"]
    assert [one["source"] for one in shown] == [str(tmp_path / "numpy")]
