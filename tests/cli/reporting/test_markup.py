from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives.cli.reporting.markup import Stylesheet, el, render
from tta_dev_primitives.cli.screen import safe


class Read(HTMLParser):
    """What a parser sees: tags in order, attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


pieces = st.sampled_from([*"<>&'\"/= \n", "<script>", "</p>", "<!--", "]]>", "\u202e", "\x1b[2J", "é"])
hostile = st.lists(pieces, max_size=12).map("".join)


@settings(max_examples=60, deadline=None)
@given(hostile)
def test_text_stays_text(text: str) -> None:
    read = Read(render(el("p", text, at={"title": text})))
    assert read.tags == ["p"]
    assert read.text == safe(text)
    assert read.attributes == [("title", safe(text))]


def test_hidden_characters_and_turned_text_are_left_out() -> None:
    assert render(el("p", "a\u202eb\u200bc\x1b[1m\U000e0041")) == "<p>abc[1m</p>"


@pytest.mark.parametrize("tag", ["script", "img", "iframe", "link", "style", "form", "object"])
def test_what_could_do_something_cannot_be_written(tag: str) -> None:
    with pytest.raises(ValueError, match="no element of a report"):
        el(tag)


@pytest.mark.parametrize("name", ["onclick", "style", "src", "srcset", "action", "xlink:href"])
def test_what_could_load_something_cannot_be_written(name: str) -> None:
    with pytest.raises(ValueError, match="cannot have"):
        el("p", at={name: "x"})


@pytest.mark.parametrize("link", ["https://example.org", "javascript:alert(1)", "#a b", "x.html", "", "//a"])
def test_links_stay_on_the_page(link: str) -> None:
    with pytest.raises(ValueError, match="its own parts only"):
        el("a", "there", at={"href": link})


def test_a_stylesheet_cannot_be_left() -> None:
    with pytest.raises(ValueError, match="holds no '<'"):
        Stylesheet("p { content: '</style><script>' }")


def test_figures_are_written_short() -> None:
    assert (
        render(el("rect", at={"x": 1 / 3, "y": 2.0, "width": 3}))
        == '<rect x="0.3333" y="2" width="3"></rect>'
    )
    assert render(el("br")) == "<br>"
    assert render(el("p", css="note")) == '<p class="note"></p>'
