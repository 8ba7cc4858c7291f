"""Package sets: what guests can import besides the standard library."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, Self

from ...core.errors import ConfigurationError
from .inside.messages import PACKAGES, PackagesConfig, Shown
from .interpreter import base_interpreter

_DATA: Final = ("numpy", "pandas")
_NOT_A_TOP: Final = frozenset({"..", "__pycache__"})
_REQUIRED: Final = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A directory of this machine to import from: the entries `names` of it, or all of it without names."""

    directory: str
    names: tuple[str, ...] = ()

    def sources(self) -> list[str]:
        """Return the paths that guests may read."""
        # No links: in the jail they would lead elsewhere.
        return [str(Path(self.directory, name).resolve()) for name in self.names] or [self.directory]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """What guests can import, read-only, and which of it is imported once for all runs.

    Each `LocalSandbox` has one set. Guests see the packages and nothing else of where they are installed;
    `.pth` files are not run, so editable installs are not seen. Only the jail's own Python has them, not one
    that a guest starts.

    Modules to preload are imported when the sandbox starts, outside of any run's limits: their code is
    trusted like the interpreter's. Other packages are imported by runs, confined like all that is in them.
    """

    places: tuple[Place, ...] = ()
    preload: tuple[str, ...] = ()

    @classmethod
    def stdlib(cls) -> Self:
        """Return the set of nothing but the standard library."""
        return cls()

    @classmethod
    def data(cls) -> Self:
        """Return numpy and pandas of the running environment, preloaded, with what they require.

        Raises:
            ConfigurationError: they are not installed.
        """
        try:
            found = _with_requirements(_DATA)
        except metadata.PackageNotFoundError as missing:
            raise ConfigurationError(
                f"Packages.data() needs {missing.name} in this environment: pip install {' '.join(_DATA)}"
            ) from missing
        names: dict[str, set[str]] = {}
        for distribution in found:
            directory = str(Path(str(distribution.locate_file(""))).resolve())
            names.setdefault(directory, set()).update(_tops(distribution))
        places = (Place(directory=where, names=tuple(sorted(tops))) for where, tops in names.items())
        return cls(places=tuple(places), preload=_DATA)

    @classmethod
    def of_environment(cls, path: Path | str, *, preload: Sequence[str] = ()) -> Self:
        """Return all packages of the virtual environment at `path`; `preload` are names of modules.

        Raises:
            ConfigurationError: it is none, or not one of the Python that runs the jail.
        """
        environment = Path(path).resolve()
        _check_made_by_our_python(environment)
        for name in preload:
            if not all(part.isidentifier() for part in name.split(".")):
                raise ConfigurationError(f"preload={name!r} is no name of a module")
        directories = _site_packages(environment)
        if not directories:
            raise ConfigurationError(f"environment {environment} has no site-packages")
        return cls(
            places=tuple(Place(directory=directory) for directory in directories), preload=tuple(preload)
        )

    @property
    def search(self) -> list[str]:
        """The directories of this machine to import from."""
        return [place.directory for place in self.places]

    def config(self) -> PackagesConfig:
        """Return what the jail is told."""
        inside = [f"{PACKAGES}/{number}" for number, _ in enumerate(self.places)]
        placed = zip(self.places, inside, strict=True)
        shown = [one for place, target in placed for one in _shown(place, target)]
        return PackagesConfig(shown=shown, search=inside, preload=list(self.preload))


STDLIB: Final = Packages.stdlib()


def _shown(place: Place, target: str) -> list[Shown]:
    targets = [f"{target}/{name}" for name in place.names] or [target]
    return [Shown(source=source, target=to) for source, to in zip(place.sources(), targets, strict=True)]


def _with_requirements(names: Sequence[str]) -> list[metadata.Distribution]:
    """Return the distributions `names` and all installed ones that they require, directly or not."""
    found = {name: metadata.distribution(name) for name in names}
    waiting = list(found.values())
    while waiting:
        for name in _required(waiting.pop()):
            if name not in found and (distribution := _installed(name)) is not None:
                found[name] = distribution
                waiting.append(distribution)
    return list(found.values())


def _required(distribution: metadata.Distribution) -> Iterator[str]:
    for requirement in distribution.requires or ():
        specification, _, marker = requirement.partition(";")
        name = _REQUIRED.match(specification)
        if name and "extra" not in marker:
            yield name.group()


def _installed(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _tops(distribution: metadata.Distribution) -> set[str]:
    """Return what a distribution put directly into site-packages."""
    if distribution.files is None:
        raise ConfigurationError(
            f"{distribution.name} has no list of its files (RECORD); install it with pip in an environment"
        )
    # An absolute path would begin with the root of this machine, which is to be shown to nobody.
    return {file.parts[0] for file in distribution.files if not file.is_absolute()} - _NOT_A_TOP


def _check_made_by_our_python(environment: Path) -> None:
    """Refuse what is no environment, and one whose machine code is for another Python."""
    try:
        text = (environment / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{environment} is no virtual environment: {error}") from error
    pairs = (line.partition("=") for line in text.splitlines())
    known = {key.strip(): value.strip() for key, _, value in pairs}
    ours = Path(base_interpreter().executable)
    version = ".".join(map(str, sys.version_info[:2]))
    home, theirs = Path(known.get("home", "")), known.get("version", known.get("version_info", ""))
    made_by_ours = ours in {(home / name).resolve() for name in ("python3", "python", f"python{version}")}
    if not made_by_ours or ".".join(theirs.split(".")[:2]) != version:
        raise ConfigurationError(
            f"environment {environment} was made by Python {theirs or 'unknown'} in {home}, the sandbox runs"
            f" {version} ({ours}); make it anew: {ours} -m venv --clear {environment}"
        )


def _site_packages(environment: Path) -> list[str]:
    variables = {"base": str(environment), "platbase": str(environment)}
    paths = (Path(sysconfig.get_path(kind, "venv", variables)) for kind in ("purelib", "platlib"))
    return list(dict.fromkeys(str(path.resolve()) for path in paths if path.is_dir()))
