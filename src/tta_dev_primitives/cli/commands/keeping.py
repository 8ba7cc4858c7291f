"""What keeps a playbook: the commands of `playbox playbook` that prove it, copy it, undo, join and erase."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..session import session_of
from .options import Json, PlaybookPlace


def rollback(
    context: typer.Context,
    version: Annotated[int, typer.Argument(metavar="V", min=0, help="0 is the empty playbook.")],
    *,
    place: PlaybookPlace = None,
    as_json: Json = False,
) -> int:
    """Make the strategies those of version V again, by further changes: nothing is taken out of the history.

    Not undone are what a person pinned, what was forgotten, and the wording of strategies in the core.

    Examples:

    playbox playbook rollback 12
    """
    from ..playbooks.rollback import roll_back

    return roll_back(session_of(context), place, version, as_json=as_json)


def verify(context: typer.Context, *, place: PlaybookPlace = None, as_json: Json = False) -> int:
    """Read every row and check it against its hash and the chain; exit code 1 if one is damaged.

    Examples:

    playbox playbook verify --playbook team.db
    """
    from ..playbooks.verify import verify_playbook

    return verify_playbook(session_of(context), place, as_json=as_json)


def backup(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="FILE", help="A new .db file.")],
    *,
    place: PlaybookPlace = None,
    as_json: Json = False,
) -> int:
    """Copy the playbook with all its history to FILE, also while it is in use, and also from a server.

    Examples:

    playbox playbook backup ../backups/monday.db
    """
    from ..playbooks.backup import back_up_playbook

    return back_up_playbook(session_of(context), place, target, as_json=as_json)


def salvage(
    context: typer.Context,
    damaged: Annotated[
        Path, typer.Argument(metavar="DAMAGED", help="The damaged playbook; it is not changed.")
    ],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="NEW", help="A new playbook.")],
    as_json: Json = False,
) -> int:
    """Make a new playbook of all that can be read of a damaged, truncated or partly unreadable one.

    Says what was lost. Strategies that lost records may have been about are kept, but not used: `show --all`
    marks them, `trust` uses them again, and a merge with a backup brings back what was lost.

    Examples:

    playbox playbook salvage team.db --out rescued.db
    """
    from ..playbooks.salvage import salvage_playbook

    return salvage_playbook(session_of(context), damaged, out, as_json=as_json)


def trust(
    context: typer.Context,
    strategies: Annotated[list[str], typer.Argument(metavar="ID...", help="Display ids, such as str-00017.")],
    *,
    place: PlaybookPlace = None,
    as_json: Json = False,
) -> int:
    """Use strategies again that a damaged record put in doubt, as they read now; they are candidates then.

    Examples:

    playbox playbook trust str-00017 str-00021
    """
    from ..playbooks.trust import trust_strategies

    return trust_strategies(session_of(context), place, strategies, as_json=as_json)


def compact(
    context: typer.Context,
    *,
    keep: Annotated[int, typer.Option("--keep", metavar="N", min=0, help="How many versions stay.")] = 1_000,
    archive: Annotated[
        Path | None,
        typer.Option("--archive", metavar="FILE", help="A new file; without it, one beside the playbook."),
    ] = None,
    place: PlaybookPlace = None,
    as_json: Json = False,
) -> int:
    """Move all but the latest N versions to an archive; the playbook gets smaller, and nothing is lost.

    Strategies, their evidence and all runs stay. What each version was is still proved by the chain of
    hashes, and is read from the archive, where that is at hand: keep it. A backup copies both.

    Examples:

    playbox playbook compact

    playbox playbook compact --keep 100 --archive ../archives/team-2026.jsonl.gz
    """
    from ..playbooks.compact import compact_playbook

    return compact_playbook(session_of(context), place, keep, archive, as_json=as_json)


def forget(
    context: typer.Context,
    strategy: Annotated[str, typer.Argument(metavar="ID", help="Its display id, such as str-00017.")],
    *,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept, so without what is to go.")
    ],
    place: PlaybookPlace = None,
    as_json: Json = False,
) -> int:
    """Erase a strategy for good, and what was merged into it: text, trigger and reasons, from every version.

    That it was there, its evidence and the chain of hashes stay: what its runs were given, wrote and
    printed, too. It is not learned again.

    Examples:

    playbox playbook forget str-00017 --reason "names a customer"
    """
    from ..playbooks.forget import forget_strategy

    return forget_strategy(session_of(context), place, strategy, reason, as_json=as_json)


def merge(
    context: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A", help="A playbook: a file or an address.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    *,
    out: Annotated[str, typer.Option("--out", metavar="C", help="A new playbook.")],
    as_json: Json = False,
) -> int:
    """Make one playbook of two that went different ways: all strategies, evidence and history of both.

    A strategy that both learned is one. Of two edits of one wording the earlier holds; the others are shown.

    Examples:

    playbox playbook merge mine.db yours.db --out ours.db
    """
    from ..playbooks.merge import merge_playbooks

    return merge_playbooks(session_of(context), first, second, out, as_json=as_json)


def copy(
    context: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A", help="A playbook: a file or an address.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Where to: a new file, or an address.")],
    *,
    as_json: Json = False,
) -> int:
    """Copy a playbook between files and servers: all its records, hashes and episodes, as of one moment.

    Examples:

    playbox playbook copy team.db "postgresql://user@host/database?playbook=team"
    """
    from ..playbooks.copy import copy_playbook

    return copy_playbook(session_of(context), first, second, as_json=as_json)


def edit(
    context: typer.Context,
    strategy: Annotated[str, typer.Argument(metavar="ID", help="Its display id, such as str-00017.")],
    *,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="What it shall say.")],
    revision: Annotated[
        int,
        typer.Option(
            "--revision", metavar="N", min=1, help="The one that you read; show tells it, 1 if it tells none."
        ),
    ],
    place: PlaybookPlace = None,
    as_json: Json = False,
) -> int:
    """Reword a strategy. If another changed it since revision N, nothing is changed, and both are shown.

    Examples:

    playbox playbook edit str-00017 --revision 1 --text "groupby() leaves out rows without a key."
    """
    from ..playbooks.edit import edit_strategy

    return edit_strategy(session_of(context), place, strategy, text, revision=revision, as_json=as_json)


COMMANDS = (verify, backup, rollback, merge, copy, edit, compact, forget, salvage, trust)
