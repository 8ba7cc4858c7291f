"""`playbox report`: read, build the page, write it, and say what it says first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from ...ace.store.place import place_of
from ...core.errors import ConfigurationError
from ...core.redaction import redact
from ...core.secrets import Secrets
from ..exits import ExitCode
from ..facts import show_facts
from ..interrupts import interruptible
from ..playbooks.place import existing, name_of
from ..screen import Screen, open_screen, safe
from ..session import Session
from .figures import conclusion, figures
from .material import Material
from .page import page
from .read_comparison import is_comparison, read_comparison
from .read_playbook import read_playbook
from .read_run import read_run

_IN_A_RUN = "report.html"
_BESIDE = ".report.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to report on: a run's folder, else a playbook, by default the configured one; where to write."""

    run: Path | None
    playbook: str | None
    out: Path | None


def report(session: Session, wanted: Wanted, *, as_json: bool) -> ExitCode:
    """Write the report.

    Raises:
        ConfigurationError: there is nothing to report on, or the page cannot be written.
        StoreError: the playbook cannot be read.
    """
    screen = open_screen(as_json=as_json)
    material, default = _read(session, wanted)
    out = wanted.out or default
    _write(out, page(material), session.secrets.now)
    if as_json:
        screen.document(_document(material, out))
    else:
        _show(material, out, screen)
    return ExitCode.OK


def _read(session: Session, wanted: Wanted) -> tuple[Material, Path]:
    """Return the material, and where its report is written by default."""
    run = wanted.run
    if run is not None and wanted.playbook is not None:
        raise ConfigurationError(
            f"RUN {str(run)!r} and --playbook {str(place_of(wanted.playbook))!r} are both given; name one of "
            "them, as a run has a playbook of its own"
        )
    if run is not None:
        read = read_comparison if is_comparison(run) else read_run
        return interruptible(lambda: read(run)), run / _IN_A_RUN
    store = existing(session, wanted.playbook)
    return interruptible(lambda: read_playbook(store)), _beside(store.location)


def _beside(location: str) -> Path:
    """Return where the report of a playbook goes: beside its file, or here."""
    return Path(name_of(location) + _BESIDE if "://" in location else location).with_suffix(_BESIDE)


def _write(out: Path, text: str, secrets: Secrets) -> None:
    try:
        out.write_text(redact(text, secrets), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"the report cannot be written to {str(out)!r}: {error.strerror}; name another file with --out"
        ) from None


def _document(material: Material, out: Path) -> Mapping[str, object]:
    return {
        "written": str(out),
        "name": material.name,
        "finished": not material.stopped,
        "conclusion": conclusion(material),
        "figures": {figure.key: figure.value for figure in figures(material)},
    }


def _show(material: Material, out: Path, screen: Screen) -> None:
    screen.show(Text(safe(conclusion(material)), style="bold"))
    show_facts({one.title: f"{one.shown}  {one.note}".rstrip() for one in figures(material)}, screen)
    screen.show(Text(f"written to {safe(str(out))}", style="dim"))
