"""`playbox playbook export` and `import`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.text import Text

from ...ace.bullet import FOREIGN, Provenance
from ...ace.delta import Delta, ImportBullet, Outcome, Result
from ...ace.exchange import Imported, export_bullets, import_bullets, proven
from ...ace.formats.size import read_bounded
from ...ace.store import Commit, Committed
from ...core.context import new_id
from ...core.errors import ConfigurationError, PlaybookCorrupt, PlaybookTooNew
from ...core.redaction import redact
from ...core.secrets import Secrets
from ..exits import ExitCode
from ..patience import patiently
from ..screen import Screen, one_line, open_screen, plural, safe
from ..session import Session
from .place import existing, file_named, load, store_at

HELD_BACK: Final = "held back is what waits for you: `playbox playbook admit` or `refuse` ID"
_UNPROVEN: Final = (
    "learned from output of programs or taken from elsewhere, and not validated by evidence; "
    "--unproven writes them too"
)
_BY_SUFFIX: Final[Mapping[str, str]] = {".json": "json", ".md": "markdown", ".txt": "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Where to write a playbook, and how; `unproven` also writes what is tainted and not validated."""

    form: str | None
    out: Path | None
    unproven: bool


def out_file(name: str | None) -> Path | None:
    """Return the file to write to, or None for stdout.

    Raises:
        ConfigurationError: it is the address of a server.
    """
    return None if name is None else file_named(name, "`playbox playbook copy A B` copies a playbook to it")


def export_playbook(session: Session, place: str | None, order: Export, *, as_json: bool) -> ExitCode:
    """Write the playbook as `order` says; with `as_json`, to stdout, inside the document unless to a file."""
    store, out = existing(session, place), order.out
    whole = load(store)
    playbook = whole if order.unproven else proven(whole)
    form = order.form or (_BY_SUFFIX.get(out.suffix) if out else None) or "json"
    text = export_bullets(playbook, form)
    if out is not None:
        _write(out, text, session.secrets.now)
    screen, kept = open_screen(as_json=as_json), len(whole.bullets) - len(playbook.bullets)
    if as_json:
        written = {"text": text} if out is None else {"written": str(out)}
        held = {"size": playbook.size, "left_out": kept}
        screen.document({"playbook": store.location, "format": form, **held, **written})
    elif out is None:
        screen.write(text)
    else:
        screen.show(f"{plural(playbook.size, 'strategy')} written to {safe(str(out))} as {form}")
    if kept and not as_json:
        screen.tell(f"{plural(kept, 'strategy')} left out: {_UNPROVEN}")
    return ExitCode.OK


def import_playbook(
    session: Session, place: str | None, file: Path, form: str | None, *, as_json: bool
) -> ExitCode:
    """Take over the strategies of `file`; fails if there is none in it."""
    imported = _read(file, form or _BY_SUFFIX.get(file.suffix, "text"), session.secrets.now)
    store, screen = store_at(session, place), open_screen(as_json=as_json)
    committed = patiently("taking over", lambda: store.commit(_commit(imported, file)))
    if as_json:
        screen.document(_document(committed, imported, store.location))
    else:
        _show(committed, imported, store.location, screen)
    usable = any(outcome.result is not Result.REJECTED for outcome in committed.outcomes)
    return ExitCode.OK if usable else ExitCode.FAILED


def _commit(imported: Imported, file: Path) -> Commit:
    run_id = f"import of {one_line(file.name)} {new_id()[:8]}"
    provenance = Provenance(
        task_id="import", run_id=run_id, model="", actor="import", origin="import", taints=(FOREIGN,)
    )
    return Commit(run_id=run_id, delta=Delta(operations=imported.bullets, provenance=provenance))


def _read(file: Path, form: str, secrets: Secrets) -> Imported:
    try:
        return import_bullets(secrets.hide(read_bounded(file).decode("utf-8-sig")), form)
    except OSError as error:
        raise ConfigurationError(f"{str(file)!r} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise PlaybookCorrupt(
            f"{str(file)!r} is not UTF-8 text; export a playbook to see the forms"
        ) from error
    except PlaybookTooNew as error:
        raise PlaybookTooNew(f"{str(file)!r}: {error}") from error
    except PlaybookCorrupt as error:
        raise PlaybookCorrupt(f"{str(file)!r}: {error}") from error


def _write(out: Path, text: str, secrets: Secrets) -> None:
    try:
        out.write_text(redact(text, secrets), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"--out {str(out)!r} cannot be written: {error.strerror}") from error


def _with(result: Result, committed: Committed) -> list[Outcome]:
    return [outcome for outcome in committed.outcomes if outcome.result is result]


def _content(outcome: Outcome) -> str:
    return outcome.operation.content if isinstance(outcome.operation, ImportBullet) else ""


def _document(committed: Committed, imported: Imported, location: str) -> dict[str, object]:
    told = {
        result.value: [{"content": _content(o), "reason": o.reason} for o in _with(result, committed)]
        for result in (Result.DUPLICATE, Result.REJECTED, Result.PROPOSED)
    }
    return {
        "playbook": location,
        "version": committed.playbook.version,
        "size": committed.playbook.size,
        "added": [_content(outcome) for outcome in _with(Result.APPLIED, committed)],
        **told,
        "skipped": [{"place": s.place, "text": s.text, "reason": s.reason} for s in imported.skipped],
    }


def _show(committed: Committed, imported: Imported, location: str, screen: Screen) -> None:
    for outcome in _with(Result.APPLIED, committed):
        screen.show(Text(f"+ {one_line(_content(outcome))}", style="green"))
    for outcome in _with(Result.DUPLICATE, committed):
        screen.show(Text(f"= {one_line(_content(outcome), 80)} ({safe(outcome.reason)})", style="dim"))
    for outcome in _with(Result.PROPOSED, committed):
        screen.show(Text(f"? {one_line(_content(outcome), 80)}: {safe(outcome.reason)}", style="yellow"))
    for outcome in _with(Result.REJECTED, committed):
        screen.show(Text(f"✗ {one_line(_content(outcome), 80)}: {safe(outcome.reason)}", style="red"))
    for skipped in imported.skipped:
        place = f"✗ {safe(skipped.place)}: {one_line(skipped.text, 60)}: {safe(skipped.reason)}"
        screen.show(Text(place, style="yellow"))
    counts = {result: len(_with(result, committed)) for result in Result}
    waiting = f"{counts[Result.PROPOSED]} held back, " if counts[Result.PROPOSED] else ""
    screen.show(
        f"{counts[Result.APPLIED]} added, {waiting}{counts[Result.DUPLICATE]} known already, "
        f"{counts[Result.REJECTED]} rejected, {len(imported.skipped)} skipped; "
        f"{plural(committed.playbook.size, 'strategy')} in {safe(location)}"
    )
    if waiting:
        screen.show(Text(HELD_BACK, style="dim"))
