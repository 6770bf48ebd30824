"""Anchors as both code hosts make them."""

from __future__ import annotations

import pytest

from golive.playbook.outline import github, gitlab
from golive.playbook.parse import parse


@pytest.mark.parametrize(
    ("title", "hub", "lab"),
    [
        ("Kick-off", "kick-off", "kick-off"),
        ("Risks & Mitigations", "risks--mitigations", "risks-mitigations"),
        ("Blue/green cutover", "bluegreen-cutover", "bluegreen-cutover"),
        ("1. Plan", "1-plan", "1-plan"),
        ("Fähre_zwei", "fähre_zwei", "fähre_zwei"),
    ],
)
def test_slugs(title: str, hub: str, lab: str) -> None:
    assert (github(title), gitlab(title)) == (hub, lab)


HEADINGS = (
    "## Risks & *log*\n- [ ] one\n## Swap\n- [ ] two\n## Swap\n- [ ] three\n## Row 1\n- [ ] x\n"
)


@pytest.mark.parametrize(
    ("anchor", "item"),
    [
        ("#risks--log", "risks-log/1"),
        ("#risks-log", "risks-log/1"),
        ("#RISKS--LOG", "risks-log/1"),
        ("#risks%2D%2Dlog", "risks-log/1"),
        ("#user-content-swap", "swap/1"),
        ("#swap-1", "swap-1/1"),
        ("#row-1", "section-row-1/1"),
    ],
)
def test_links_find_their_section(anchor: str, item: str) -> None:
    text = f"# A\n|Time|Activity|\n|-|-|\n|09:00|[go]({anchor})|\n{HEADINGS}"
    parsed = parse(text.encode(), "a.md")
    assert parsed.playbook is not None
    assert [one.id for one in parsed.playbook.activities[0].items] == [item]


def test_links_by_reference_count() -> None:
    text = f"# A\n|Time|Activity|\n|-|-|\n|09:00|[go][there]|\n{HEADINGS}\n[there]: #swap\n"
    parsed = parse(text.encode(), "a.md")
    assert parsed.playbook is not None
    assert [one.id for one in parsed.playbook.activities[0].items] == ["swap/1"]


def test_links_in_code_are_none() -> None:
    text = f"# A\n|Time|Activity|\n|-|-|\n|09:00|`[go](#swap)` \\[no](#swap)|\n{HEADINGS}"
    parsed = parse(text.encode(), "a.md")
    assert parsed.playbook is not None
    assert parsed.playbook.activities[0].links == ()
    assert parsed.playbook.activities[0].title == "[go](#swap) [no](#swap)"


def test_a_dead_link_names_the_nearest_section() -> None:
    text = f"# A\n|Time|Activity|\n|-|-|\n|09:00|[go](#swop)|\n{HEADINGS}"
    (finding,) = [one for one in parse(text.encode(), "a.md").findings if one.level == "error"]
    assert (finding.code, finding.place.line, finding.place.column) == ("no-such-section", 4, 8)
    assert "`swap`" in finding.suggestion
