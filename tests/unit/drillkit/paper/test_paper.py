"""Papers as Markdown and as a wiki's storage format: other people's words never become markup."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from golive.drillkit.paper import (
    BLANK,
    Bullets,
    Heading,
    Paper,
    Table,
    Words,
    markdown,
    storage,
    text_of,
)

_PRINTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30
)


def _paper(text: str) -> Paper:
    table = Table(("a", "b"), [(text, BLANK)])
    return Paper(text, [Heading(text), Words(text), Bullets([text, BLANK]), table])


def _words(text: str) -> str:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [one for one in tokens if one.type == "inline"]
    return "\n".join("".join(child.content for child in one.children or []) for one in inline)


@given(_PRINTABLE)
def test_any_words_come_out_as_they_went_in(text: str) -> None:
    read = _words(markdown(_paper(text)))
    assert read.count(text) >= 5
    assert text_of(storage(_paper(text))).count(text) >= 4


def test_markup_stays_text() -> None:
    evil = "<script>alert(1)</script> | [x](javascript:y) *b* `c` # d"
    page = storage(_paper(evil))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown(_paper(evil)))
    assert "<script" not in html and "<a " not in html and "<em>" not in html
    assert html.count("<td>") == 2


def test_a_blank_stays_blank() -> None:
    text = markdown(Paper("t", [Table(("Who", "What"), [(BLANK, BLANK)]), Bullets([BLANK])]))
    assert "|  |  |" in text
    assert "\n-\n" in text


def test_direction_marks_can_make_nothing_look_like_another() -> None:
    assert "\u202e" not in markdown(_paper("abc\u202edef"))
