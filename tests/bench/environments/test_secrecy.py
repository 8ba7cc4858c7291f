from __future__ import annotations

import inspect
import pydoc
import re
import sys
import traceback
import zlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from tests.bench.environments.loading import loaded
from tests.bench.environments.looking import seen
from tta_dev_primitives.bench.environments import Environment, Quirk
from tta_dev_primitives.bench.environments.engine import engine_code
from tta_dev_primitives.bench.environments.families import FAMILIES


def telling(quirks: Iterable[Quirk]) -> set[str]:
    """What gives a rule away: pieces of its messages, its own words and numbers, its name in the engine."""
    words = {family.rule.__name__ for family in FAMILIES}
    for quirk in quirks:
        words |= set(quirk.told)
        words |= {
            piece
            for text in quirk.messages.values()
            for piece in re.split(r"\{.*?\}", text)
            if len(piece) > 9
        }
        words |= {str(value) for value in quirk.parameters.values() if len(str(value)) > 3}
    return words


def found(words: set[str], texts: Iterable[str | int]) -> list[str]:
    whole = "\n".join(str(text) for text in texts)
    return sorted(word for word in words if word in whole)


def decompressed(data: bytes) -> list[str]:
    """Every zlib stream in `data`, whatever its header says."""
    streams: list[str] = []
    for start in range(len(data) - 2):
        if data[start] & 0x0F == 8 and (data[start] << 8 | data[start + 1]) % 31 == 0:
            try:
                streams.append(zlib.decompressobj().decompress(data[start:]).decode("latin-1"))
            except zlib.error:
                continue
    return streams


def test_the_files_hold_no_rule(environment: Environment) -> None:
    words = telling(environment.quirks)
    for content in environment.files.values():
        assert found(words, [content.decode("latin-1"), *decompressed(content)]) == []


def test_a_stream_that_is_not_sealed_would_be_found() -> None:
    assert decompressed(b"before" + zlib.compress(b"the rule") + b"after") == ["the rule"]


def test_what_public_objects_lead_to_holds_no_rule(environment: Environment, library: ModuleType) -> None:
    reached = seen(library, environment.name)
    assert {"One page of the list of all", "Session", "Open a session"} & {str(text)[:27] for text in reached}
    assert "End the session." in reached
    assert found(telling(environment.quirks), reached) == []


def test_the_engine_would_be_found_if_anything_led_there(environment: Environment) -> None:
    reached = seen(engine_code(environment.name), environment.name)
    assert {"HeldLookups", "PageNumbers", "Checksums"} <= set(reached)


def test_an_error_leads_to_its_own_message_only(environment: Environment, library: ModuleType) -> None:
    with pytest.raises(library.NotFoundError, match="Atlantis") as caught:
        library.connect("Atlantis")
    assert found(telling(environment.quirks), seen(caught.value, environment.name)) == []
    told = "".join(traceback.format_exception(caught.value))
    assert "return " not in told.partition(f'File "<{environment.name}>"')[2]
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "wrong", ["endless list", "no such session", "no number of a session", "no stack left"]
)
def test_no_wrong_call_leads_to_frames_of_the_inside(
    environment: Environment, library: ModuleType, wrong: str
) -> None:
    endless: list[object] = []
    endless.append(endless)

    def below(frames: int) -> None:
        below(frames - 1) if frames else library.connect("Atlantis")

    calls: dict[str, list[Callable[[], object]]] = {
        "endless list": [lambda: library.connect(endless)],
        "no such session": [lambda: library.Session(99).close()],
        "no number of a session": [lambda: library.Session("first").close()],
        "no stack left": [partial(below, frames) for frames in range(800, sys.getrecursionlimit())],
    }
    for call in calls[wrong]:
        with pytest.raises(Exception) as caught:  # noqa: PT011  # of which kind does not matter
            call()
        frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
        inside = {frame.f_code.co_name for frame in frames if frame.f_code.co_filename.startswith("<")}
        assert inside <= {"connect", "close", "_told"}
        assert found(telling(environment.quirks), seen(caught.value, environment.name)) == []


def test_help_is_that_of_a_small_library(environment: Environment, library: ModuleType) -> None:
    shown = pydoc.plain(pydoc.render_doc(library))
    assert "Open a session with a" in shown
    assert all(
        f"{method}(" in shown for method in re.findall(r"`Session\.(\w+)\(", environment.documentation)
    )
    words = telling(environment.quirks) - {
        str(value) for q in environment.quirks for value in q.parameters.values()
    }
    assert found(words, [shown]) == []
    assert str(inspect.signature(library.Session.close)) == "(self) -> 'None'"


def test_there_is_no_source_to_get(library: ModuleType) -> None:
    with pytest.raises(OSError, match="could not"):
        inspect.getsource(library.connect)


def test_arguments_never_get_to_see_who_looks_at_them(library: ModuleType) -> None:
    called: list[str] = []

    class Curious:
        def __eq__(self, other: object) -> bool:
            called.append("eq")
            return False

        def __hash__(self) -> int:
            called.append("hash")
            return 1

        def __str__(self) -> str:
            called.append("str")
            return "curious"

        __repr__ = __str__

    with pytest.raises(library.NotFoundError, match="<Curious>"):
        library.connect(Curious())
    assert called == []


def test_another_python_is_refused_in_plain_words(environment: Environment, tmp_path: Path) -> None:
    path = f"{environment.name}/__init__.py"
    other = re.sub(rb'!= "[0-9a-f]{8}"', b'!= "00000000"', environment.files[path])
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    expected = rf"{environment.name} is for Python {version} and cannot be loaded by Python {version}"
    with (
        pytest.raises(ImportError, match=expected),
        loaded({**environment.files, path: other}, environment.name, tmp_path),
    ):
        pass
