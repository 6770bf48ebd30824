"""What holds for every document, sane or not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from golive.drillkit.drill import Registry
from golive.kernel.errors import BadInput
from golive.playbook.lint import lint
from golive.playbook.model import DrillBlock, Place, Playbook
from golive.playbook.parse import Parsed, parse
from golive.playbook.people import parse_roster
from golive.playbook.show import show
from golive.playbook.source import Source, decode

CELLS = ["09:00", "09:00–08:00", "T-1h", "02:00+1", "[a](#a)", "[b](#b-1) [a](#a)", "**x**", "All"]
CELLS += [
    "`x/{date}.json`, y",
    "`../z`",
    "{rehearsal}",
    "a|b",
    "\\|",
    "`",
    "[",
    "",
    "![i](#a)",
    "é",
]
LINES = """\
# A
## A
## Timeline
### Evidence
## Sign-off
## Risks
---
```
```yaml golive
drill: readiness
drill: x
with: {a: [1, {b: c}]}
after: '#a'
on_failure: {run: '#a'}
save: {snapshot: 'a/b.json'}
approve: {by: x, persons: 2}
golive: 1
date: 2024-05-30
timezone: Europe/London
release: 1.00
| Time (BST) | Activity | Owner | Artefacts |
|---|---|---|---|
|-|-|
> quoted

- [ ] do it (by: Ops)
- [x] [a](#a) (upload: `f.txt`)
1. step
  - **Boss**: x
| Risk | Mitigation |
[a]: #a
<div>
    code
===
\t- [ ] tab
*
&a *a
""".splitlines()
LINE = st.one_of(
    st.sampled_from(LINES),
    st.lists(st.sampled_from(CELLS), min_size=1, max_size=6).map(
        lambda cells: f"| {' | '.join(cells)} |"
    ),
    st.text(max_size=30),
)
DOCUMENT = st.lists(LINE, max_size=60).map("\n".join)


def told(parsed: Parsed, catalogue: Registry) -> Playbook | None:
    found = list(parsed.findings)
    if parsed.playbook is not None:
        found += lint(parsed.playbook, catalogue)
    for one in found:
        assert "\x1b" not in show(one)
    if parsed.playbook is None:
        assert any(one.level == "error" for one in found)
    return parsed.playbook


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_no_bytes_raise(data: bytes, catalogue: Registry) -> None:
    told(parse(data, "x.md"), catalogue)


@settings(max_examples=400, deadline=None)
@given(text=DOCUMENT, end=st.sampled_from(["\n", "\r\n"]))
def test_every_document_is_understood_consistently(
    text: str, end: str, catalogue: Registry
) -> None:
    data = text.replace("\n", end).encode("utf-8", "replace")
    parsed = parse(data, "x.md")
    book = told(parsed, catalogue)
    source = decode(data, "x.md")
    if book is None or not isinstance(source, Source):
        return
    _unique(book)
    for place in _places(parsed, book, catalogue):
        assert 1 <= place.line <= len(source.lines)
        assert 1 <= place.column <= len(source.lines[place.line - 1]) + 1
    assert all(row.items for row in book.activities), "every row has something to do"
    again = parse(data, "x.md")
    assert again == parsed


def _unique(book: Playbook) -> None:
    everything = [item.id for section in book.sections.values() for item in section.items]
    run = [item.id for item in book.items()]
    rows = [row.id for row in book.activities]
    assert len(set(everything)) == len(everything)
    assert len(set(run)) == len(run), "nothing runs twice"
    assert len(set(rows)) == len(rows)
    by_id = {item.id: item for section in book.sections.values() for item in section.items}
    for item in book.items():
        if item.section:
            assert by_id[item.id] == item
        else:
            assert item.id not in by_id
    for section in book.sections.values():
        assert section.parent is None or section.parent in book.sections
    for row in book.activities:
        assert all(link in book.sections for link in row.links)


def _places(parsed: Parsed, book: Playbook, catalogue: Registry) -> list[Place]:
    found = [one.place for one in (*parsed.findings, *lint(book, catalogue))]
    for section in book.sections.values():
        found.append(section.place)
        for item in section.items:
            found.append(item.place)
            if isinstance(item, DrillBlock):
                found += item.places.values()
    for row in book.activities:
        found += [row.place, *(file.place for file in row.files)]
    for claim in (*book.objectives, *book.evidence, *(one.claim for one in book.signoffs)):
        found += [claim.place, *(file.place for file in claim.files)]
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


@settings(max_examples=200, deadline=None)
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(_bytes)))
def test_no_roster_raises_anything_but_bad_input(data: bytes) -> None:
    try:
        parse_roster(data, "people.toml")
    except BadInput as refused:
        assert str(refused)
