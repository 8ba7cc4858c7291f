"""`playbox models`: ask one, or list the providers."""

from __future__ import annotations

from rich.text import Text

from ..llm.check import ModelCheck, ProviderStatus, check_model, describe_providers
from .exits import ExitCode
from .facts import show_facts
from .interrupts import interruptible
from .screen import open_screen, plural, safe
from .session import Session


def check_one(session: Session, model: str, *, as_json: bool) -> ExitCode:
    """Ask `model` one question and show what came of it.

    Raises:
        PlayboxError: whatever is wrong with it.
    """
    settings, screen = session.settings(), open_screen(as_json=as_json)
    checked = interruptible(lambda: check_model(model, settings))
    if checked.error is not None:
        raise checked.error
    if as_json:
        screen.document(_document(checked))
    else:
        show_facts(_facts(checked), screen)
    return ExitCode.OK


def list_providers(session: Session, *, as_json: bool) -> ExitCode:
    """Show the providers; of a key only that it is set."""
    screen, providers = open_screen(as_json=as_json), describe_providers(session.settings())
    if as_json:
        screen.document({"providers": [_provider(provider) for provider in providers]})
        return ExitCode.OK
    ready_first = sorted(providers, key=lambda provider: not provider.ready)
    show_facts({provider.model: _state(provider) for provider in ready_first}, screen)
    screen.show("", Text("replay:FILE plays recorded answers, record:MODEL records them", style="dim"))
    return ExitCode.OK


def _state(provider: ProviderStatus) -> Text:
    if provider.ready:
        return Text(f"ready: {provider.key} is set" if provider.key else "ready: needs no key", style="green")
    missing = [] if provider.key or not provider.keys else [f"set {' or '.join(provider.keys)}"]
    missing += [] if provider.installed else [provider.install]
    return Text("; ".join(missing), style="dim")


def _provider(provider: ProviderStatus) -> dict[str, object]:
    return {
        "name": provider.name,
        "example": provider.model,
        "keys": list(provider.keys),
        "key_set": provider.key,
        "installed": provider.installed,
        "ready": provider.ready,
    }


def _facts(checked: ModelCheck) -> dict[str, str | Text]:
    usage = checked.usage
    usd = "price unknown" if usage.usd is None else f"{usage.usd:.6f} USD"
    return {
        "model": Text(f"✓ {safe(checked.model)}", style="bold green"),
        "answered by": safe(str(checked.source)),
        "took": f"{checked.seconds:.1f} s",
        "cost": f"{plural(usage.calls, 'call')}, {plural(usage.tokens, 'token')}, {usd}",
    }


def _document(checked: ModelCheck) -> dict[str, object]:
    return {
        "ok": True,
        "model": checked.model,
        "source": str(checked.source),
        "seconds": round(checked.seconds, 3),
        "calls": checked.usage.calls,
        "tokens": checked.usage.tokens,
        "usd": checked.usage.usd,
    }
