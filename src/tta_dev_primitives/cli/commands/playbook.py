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
        Path | None, typer.Option("--out", metavar="FILE", help="Write there instead of to stdout.")
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
    from ..playbooks.transfer import Export, export_playbook

    order = Export(form=form, out=out, unproven=unproven)
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
