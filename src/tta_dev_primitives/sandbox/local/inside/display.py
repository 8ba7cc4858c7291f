"""What a value looks like to a notebook: its text, and the richer forms that it offers."""

from __future__ import annotations

import importlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, NamedTuple, Protocol, cast

from . import claims
from .box_messages import MAX_FORMAT_CHARS

BACKEND: Final = "module://playbox_figures"
"""For matplotlib, in MPLBACKEND: figures are displayed, not opened in windows."""
_METHODS: Final = {
    "html": "_repr_html_",
    "markdown": "_repr_markdown_",
    "svg": "_repr_svg_",
    "png": "_repr_png_",
    "jpeg": "_repr_jpeg_",
    "pdf": "_repr_pdf_",
    "latex": "_repr_latex_",
    "json": "_repr_json_",
    "javascript": "_repr_javascript_",
}
_MIME_TYPES: Final = {
    "text/html": "html",
    "text/markdown": "markdown",
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpeg",
    "application/pdf": "pdf",
    "text/latex": "latex",
    "application/json": "json",
    "application/javascript": "javascript",
}
_MODULE: Final = BACKEND.removeprefix("module://")


class Forms(NamedTuple):
    """`formats` by E2B's names; what is binary as base64, `json` as JSON text."""

    text: str
    formats: dict[str, str]


class _Show(Protocol):
    def __call__(self, value: object, *, is_main_result: bool = False) -> None: ...


_show: _Show | None = None


def raw_forms(bundle: object) -> Forms:
    """Return the forms of a value that a guest made itself, by MIME type."""
    given = cast("dict[object, object]", bundle) if isinstance(bundle, dict) else {}
    text = given.get("text/plain")
    return Forms(text if isinstance(text, str) else "", _bounded(dict(_by_name(given))))


def forms(value: object) -> Forms:
    """Return the text of `value` and every richer form of bounded size that it gives without an error."""
    formats = dict(_of_bundle(value))
    for name, method in _METHODS.items():
        content = _called(value, method)
        if content is not None and name not in formats:
            formats[name] = _as_text(name, content)
    if "json" not in formats and type(value) in (dict, list):
        formats |= _as_json(value)
    formats |= {"chart": value.chart} if isinstance(value, _Figure) else _as_data(value)
    return Forms(claims.text(value), _bounded(formats))


def _bounded(formats: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in formats.items() if text and len(text) <= MAX_FORMAT_CHARS}


def _of_bundle(value: object) -> Iterator[tuple[str, str]]:
    bundle = _without_metadata(_called(value, "_repr_mimebundle_"))
    if not isinstance(bundle, dict):
        return
    yield from _by_name(cast("dict[object, object]", bundle))


def _by_name(bundle: dict[object, object]) -> Iterator[tuple[str, str]]:
    for kind, content in bundle.items():
        if isinstance(kind, str) and kind in _MIME_TYPES:
            yield _MIME_TYPES[kind], _as_text(_MIME_TYPES[kind], content)


def _called(value: object, method: str) -> object:
    # On the type: an object that makes up attributes has none of these.
    if getattr(type(value), method, None) is None:
        return None
    try:
        return getattr(value, method)()
    except Exception:  # noqa: BLE001  # a form that fails is a form that is not there
        return None


def _as_text(name: str, content: object) -> str:
    content = _without_metadata(content)
    if isinstance(content, bytes):
        import binascii  # noqa: PLC0415  # only here: every run of the sandbox would carry it along

        return binascii.b2a_base64(content, newline=False).decode("ascii")
    if name == "json":
        return _as_json(content).get("json", "")
    return content if isinstance(content, str) else ""


def _without_metadata(content: object) -> object:
    """Return the first of a pair: such a method may give metadata as well."""
    if not isinstance(content, tuple):
        return content
    pair = cast("tuple[object, ...]", content)
    return pair[0] if pair else None


def _as_data(value: object) -> dict[str, str]:
    """Return the columns of a frame of pandas."""
    pandas: Any = sys.modules.get("pandas")
    if pandas is None or not isinstance(value, pandas.DataFrame):
        return {}
    frame: Any = value
    try:
        return {"data": json.dumps(frame.to_dict(orient="list"), default=_as_item)}
    except (TypeError, ValueError, RecursionError):
        return {}


def _as_item(value: Any) -> object:  # noqa: ANN401  # an item of a column
    """Return what JSON has no form for: moments in the ISO's, numbers of numpy as such, others as text."""
    for method in ("isoformat", "item"):
        if hasattr(value, method):
            return getattr(value, method)()
    return str(value)


def _as_json(value: object) -> dict[str, str]:
    try:
        return {"json": json.dumps(value)}
    except (TypeError, ValueError, RecursionError):
        return {}


def install(show: _Show) -> None:
    """Display figures, and whatever else comes by itself, with `show`."""
    global _show  # noqa: PLW0603  # matplotlib loads its back end by name, so this is where it finds it
    _show = show
    sys.meta_path.insert(0, _FigureBackend())


class _Figure:
    """A figure of matplotlib's, drawn once."""

    def __init__(self, figure: Any) -> None:  # noqa: ANN401  # matplotlib has no types here
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", bbox_inches="tight")
        self._png = drawn.getvalue()
        width, height = (int(size * figure.dpi) for size in figure.get_size_inches())
        self.chart = _chart_of(figure)
        self._text = f"<Figure size {width}x{height} with {len(figure.axes)} Axes>"

    def __repr__(self) -> str:
        return self._text

    def _repr_png_(self) -> bytes:
        return self._png


def _chart_of(figure: Any) -> str:  # noqa: ANN401  # as above
    """Return what E2B's library reads off a figure as JSON, or nothing where it is not installed."""
    try:
        charts: Any = importlib.import_module("e2b_charts")
        return json.dumps(charts.chart_figure_to_dict(figure), default=_as_item)
    except Exception:  # noqa: BLE001  # of a library that may find any figure odd
        return ""


def show_figures(*_: object, **__: object) -> None:
    """Display the open figures of matplotlib, if it is in use, and close them."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or _show is None:
        return
    for number in pyplot.get_fignums():
        figure = pyplot.figure(number)
        if figure.axes or figure.lines or figure.texts:
            _show(_Figure(figure))
    pyplot.close("all")


class _FigureBackend:
    """Makes matplotlib's back end when matplotlib asks for it."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        return ModuleSpec(name, self) if name == _MODULE else None  # type: ignore[arg-type]  # duck-typed

    def create_module(self, spec: ModuleSpec) -> None:
        del spec

    def exec_module(self, module: ModuleType) -> None:
        # Only where it is installed, which is where this is called.
        agg: Any = importlib.import_module("matplotlib.backends.backend_agg")
        show: Callable[..., None] = show_figures
        module.__dict__.update(FigureCanvas=agg.FigureCanvasAgg, show=show)
