"""`playbox playbook`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..exits import EPILOG, ExitCode
from ..session import session_of
from .options import Json, PlaybookPlace

playbook = typer.Typer(epilog=EPILOG, help="Look at what was learned, and carry it in and out.")


@playbook.callback(invoke_without_command=True)
def group(context: typer.Context) -> None:
    """Look at what was learned, and carry it in and out."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


Format = Annotated[str | None, typer.Option("--format", metavar="json|text|markdown", help="The text form.")]


@playbook.command()
def show(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORD", help="Only strategies with all these words.")
    ] = None,
    *,
    place: PlaybookPlace = None,
    form: Format = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those no longer in use.")] = False,
    as_json: Json = False,
) -> int:
    """Show the strategies, where they came from and how they did.

    Examples:

    playbox playbook show

    playbox playbook show date format --all --json
    """
    from ..playbooks.show import Query, show_playbook

    query = Query(words=tuple(words or ()), form=form, everything=everything)
    return show_playbook(session_of(context), place, query, as_json=as_json)


@playbook.command()
def search(  # each is an option of the command
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORD", help="What to look for; any of the words.")],
    *,
    place: PlaybookPlace = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Most strategies to show.")] = 10,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="STATUS", help="Only of this status; may be given again."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Find strategies by words, best first, also suspended and retired ones, and tell for which words.

    Words count without case, accents and endings. The order is that of BM25 over display id, content and
    trigger.

    Examples:

    playbox playbook search retry timeout

    playbox playbook search "date format" --status retired --limit 3 --json
    """
    from ..playbooks.search import Search, search_playbook, statuses_named

    asked = Search(text=" ".join(words), limit=limit, statuses=statuses_named(status or ()))
    return search_playbook(session_of(context), place, asked, as_json=as_json)


@playbook.command()
def why(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="ID", help="A strategy, such as str-00017.")],
    *,
    place: PlaybookPlace = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All programs in full, and every change of the strategy.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Show why a strategy stands: the run and the real error it came from, and what is known of its effect.

    Examples:

    playbox playbook why str-00017

    playbox playbook why str-00017 --all
    """
    from ..playbooks.why import explain

    return explain(session_of(context), place, reference, everything=everything, as_json=as_json)


@playbook.command()
def history(
    context: typer.Context,
    *,
    place: PlaybookPlace = None,
    last: Annotated[int | None, typer.Option("--last", min=1, help="Only the latest so many runs.")] = None,
    as_json: Json = False,
) -> int:
    """List the versions: when, by which run, and what changed.

    Examples:

    playbox playbook history --last 5
    """
    from ..playbooks.history import show_history

    return show_history(session_of(context), place, last, as_json=as_json)


@playbook.command()
def diff(
    context: typer.Context,
    old: Annotated[int, typer.Argument(metavar="V1", help="A version; 0 is the empty playbook.")],
    new: Annotated[int, typer.Argument(metavar="V2", help="Another version.")],
    *,
    place: PlaybookPlace = None,
    as_json: Json = False,
) -> int:
    """Show what changed from version V1 to version V2.

    Examples:

    playbox playbook diff 0 12
    """
    from ..playbooks.changes import show_diff

    return show_diff(session_of(context), place, old, new, as_json=as_json)


@playbook.command()
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


@playbook.command()
def verify(context: typer.Context, *, place: PlaybookPlace = None, as_json: Json = False) -> int:
    """Read every row and check it against its hash and the chain; exit code 1 if one is damaged.

    Examples:

    playbox playbook verify --playbook team.db
    """
    from ..playbooks.verify import verify_playbook

    return verify_playbook(session_of(context), place, as_json=as_json)


@playbook.command()
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


@playbook.command()
def salvage(
    context: typer.Context,
    damaged: Annotated[str, typer.Argument(metavar="DAMAGED", help="The damaged file; it is not changed.")],
    *,
    out: Annotated[str, typer.Option("--out", metavar="NEW", help="A new playbook: a file or an address.")],
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


@playbook.command()
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


@playbook.command()
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


@playbook.command()
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


@playbook.command()
def merge(
    context: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A", help="A playbook: a file or an address.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    *,
    out: Annotated[str, typer.Option("--out", metavar="C", help="A new playbook: a file or an address.")],
    as_json: Json = False,
) -> int:
    """Make one playbook of two that went different ways: all strategies, evidence and history of both.

    A strategy that both learned is one. Of two edits of one wording the earlier holds; the others are shown.

    Examples:

    playbox playbook merge mine.db yours.db --out ours.db
    """
    from ..playbooks.merge import merge_playbooks

    return merge_playbooks(session_of(context), first, second, out, as_json=as_json)


@playbook.command()
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


@playbook.command()
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


@playbook.command()
def rate(
    context: typer.Context,
    strategy: Annotated[str, typer.Argument(metavar="ID", help="Its display id, such as str-00017.")],
    rating: Annotated[str, typer.Argument(metavar="good|bad", help="What you think of it.")],
    *,
    place: PlaybookPlace = None,
    as_json: Json = False,
) -> int:
    """Say what you think of a strategy; the latest rating counts in `playbox metrics`.

    Examples:

    playbox playbook rate str-00017 good
    """
    from ..playbooks.rate import rate_strategy

    return rate_strategy(session_of(context), place, strategy, rating, as_json=as_json)


@playbook.command()
def tidy(
    context: typer.Context,
    *,
    place: PlaybookPlace = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="MODEL", help="Also ask this model about strategies that are only alike."
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Merge strategies that say the same, and mark those that contradict each other, by rule.

    After an import, or after two playbooks became one. What is found to differ is never compared again.

    Examples:

    playbox playbook tidy

    playbox playbook tidy --model openai:NAME
    """
    from ..playbooks.tidy import tidy_playbook

    return tidy_playbook(session_of(context), place, model, as_json=as_json)


@playbook.command()
def export(
    context: typer.Context,
    *,
    place: PlaybookPlace = None,
    form: Format = None,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Write there instead of to stdout.")
    ] = None,
    unproven: Annotated[
        bool, typer.Option("--unproven", help="Also what nothing has validated, though it may be tainted.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Write the playbook as json (all of it), text (the paper's form) or markdown (those in use).

    What was learned from output of programs, or taken over from elsewhere, is left out until it is validated.

    Examples:

    playbox playbook export --out ace_playbook.json

    playbox playbook export --format markdown > STRATEGIES.md
    """
    from ..playbooks.transfer import Export, export_playbook, out_file

    order = Export(form=form, out=out_file(out), unproven=unproven)
    return export_playbook(session_of(context), place, order, as_json=as_json)


@playbook.command(name="import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What export wrote, or a list of strategies.")],
    *,
    place: PlaybookPlace = None,
    form: Format = None,
    as_json: Json = False,
) -> int:
    """Take over the strategies of FILE and say what became of each.

    Examples:

    playbox playbook import ace_playbook.json --playbook team.db
    """
    from ..playbooks.transfer import import_playbook

    return import_playbook(session_of(context), place, file, form, as_json=as_json)
