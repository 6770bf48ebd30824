"""Every finding there is, each shown by the smallest document that earns it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from golive.drillkit.drill import Registry
from golive.playbook.codes import CODES
from golive.playbook.lint import lint, lint_people
from golive.playbook.model import Finding
from golive.playbook.parse import parse
from golive.playbook.people import Person, Roster

FRONT = "---\ngolive: 1\ndate: 2024-03-31\ntimezone: Europe/London\n---\n"
TABLE = "|Time|Activity|Owner|Artefacts|\n|-|-|-|-|\n"
SIGN = "## Sign-off\n- **Ops**: all.\n"


def drill(text: str) -> str:
    return f"```yaml golive\n{text}\n```\n"


def timeline(*rows: str, zone: str = "", more: str = "") -> str:
    head = TABLE.replace("Time", f"Time ({zone})") if zone else TABLE
    return f"{FRONT}# A\n## Timeline\n{head}" + "".join(f"{row}\n" for row in rows) + more + SIGN


def linked(block: str, *, artefacts: str = "", more: str = "") -> str:
    row = f"|09:00|[b](#b)|Ops|{artefacts}|"
    return timeline(row, more=f"## B\n{drill(block)}{more}")


@dataclass(frozen=True)
class Case:
    text: str | bytes
    line: int
    column: int
    says: str
    suggests: str = ""


CASES: dict[str, Case] = {
    "not-text": Case(b"# A\nfine\n\xff\xfe", 3, 1, "isn't UTF-8"),
    "empty": Case(" \n\n", 1, 1, "empty"),
    "too-large": Case(b"x" * 8_000_001, 1, 1, "8.0 MB"),
    "nested-too-deeply": Case("# A\n" + "> " * 60 + "x\n", 2, 1, "too deeply"),
    "front-matter-open": Case("---\ngolive: 1\n# A\n", 1, 1, "isn't closed"),
    "yaml-syntax": Case("---\ngolive: [1\n---\n", 2, 11, "expected"),
    "yaml-duplicate-key": Case(
        "---\ngolive: 1\ngolive: 1\n---\n", 3, 1, "`golive` stands here twice"
    ),
    "yaml-alias": Case("---\nrelease: &a x\n---\n", 2, 10, "anchors and aliases"),
    "yaml-tag": Case("---\nrelease: !!python/name:os.system x\n---\n", 2, 10, "tags"),
    "yaml-too-deep": Case("---\nrelease: " + "[" * 40 + "]" * 40 + "\n---\n", 2, 26, "levels deep"),
    "yaml-too-large": Case("---\nrelease: " + "x" * 70_000 + "\n---\n", 2, 1, "70,009 characters"),
    "unknown-key": Case("---\ngolive: 1\nrelese: x\n---\n# A\n", 3, 1, "`relese`", "`release`"),
    "missing-key": Case("# A\n" + drill("with: {}"), 3, 1, "`drill` is missing"),
    "wrong-value": Case("---\ngolive: 1\ndate: 30 May\n---\n# A\n", 3, 7, "2024-05-30"),
    "no-such-section": Case(
        timeline("|09:00|[b](#bee)|Ops||", more="## Bees\n"), 10, 8, "`#bee`", "`bees`"
    ),
    "no-such-item": Case(linked("drill: command\nwith: {argv: [a]}\nafter: c/1"), 15, 1, "`c/1`"),
    "no-date": Case(
        "# A\n" + TABLE + "|09:00|a|Ops|`x/{date}.json`|\n", 4, 15, "{date}", "date: 2024"
    ),
    "bad-path": Case(timeline("|09:00|a|Ops|`../x.json`|"), 10, 15, "relative"),
    "runs-itself": Case(
        linked('drill: command\nwith: {argv: [a]}\non_failure: {run: "#b"}'), 15, 1, "stands itself"
    ),
    "time-unreadable": Case(timeline("|25:61|a|Ops||"), 10, 2, "`25:61`", "09:30"),
    "times-mixed": Case(timeline("|09:00|a|Ops||", "|T0|b|Ops||"), 11, 5, "mixes"),
    "time-backwards": Case(timeline("|09:00|a|Ops||", "|08:00|b|Ops||"), 11, 8, "08:00", "08:00+1"),
    "zone-mismatch": Case(timeline("|09:00|a|Ops||", zone="CET"), 8, 8, "Europe/London is at BST"),
    "unknown-drill": Case(linked("drill: readyness"), 13, 1, "`readyness`", "`readiness`"),
    "wrong-parameter": Case(
        linked("drill: readiness\nwith:\n  component: a\n  within_seconds: soon"), 16, 3, "number"
    ),
    "unknown-measure": Case(
        linked("drill: readiness\nexpect: {readiness_secs: 5}"),
        14,
        10,
        "no `readiness_secs`",
        "`readiness_seconds`",
    ),
    "unknown-output": Case(
        linked("drill: readiness\nsave: {snap: a/b.json}"), 14, 8, "no `snap`", "`snapshot`"
    ),
    "no-producer": Case(
        linked("drill: readiness", artefacts="`go/readiness.json`"),
        10,
        21,
        "nothing leaves `go/readiness.json`",
        "rename it with `save`",
    ),
    "written-twice": Case(
        linked(
            "drill: blue-green\nwith: {incoming: blue}", more="- [ ] a (upload: `Lifecycle.json`)\n"
        ),
        16,
        7,
        "`b/1`",
        "another name",
    ),
    "unknown-placeholder": Case(timeline("|09:00|a|Ops|`x/{day}.json`|"), 10, 15, "`{day}`"),
    "extra-cells": Case(timeline("|09:00|a|Ops|x|y|"), 10, 16, "5 cells"),
    "no-owner": Case(timeline("|09:00|a|||"), 10, 8, "no owner"),
    "time-skipped": Case(timeline("|01:30|a|Ops||"), 10, 8, "skip 01:30"),
    "never-runs": Case(timeline("|09:00|a|Ops||", more="## B\n- [ ] c\n"), 11, 4, "`B`", "[B](#b)"),
    "checked-without-evidence": Case(
        timeline("|09:00|a|Ops||", more="## Evidence\n- ✅ a log\n"), 12, 3, "`a log`"
    ),
    "role-without-holder": Case(timeline("|09:00|a|Opps||"), 10, 8, "`Opps`", "`Ops`"),
    "no-timeline": Case("# A\n- [ ] b\n", 1, 1, "no timeline"),
    "no-front-matter": Case(
        "# A\n\nOn 30 May 2024.\n", 1, 1, "no front matter", "date: 2024-05-30"
    ),
    "zone-unset": Case("# A\n" + TABLE.replace("Time", "Time (BST)"), 2, 8, "BST", "Europe/London"),
    "already-run": Case(
        timeline("|09:00|[b](#b)|Ops||", "|10:00|[b](#b)|Ops||", more="## B\n- [ ] c\n"),
        11,
        8,
        "earlier rows",
    ),
    "manual-row": Case(
        timeline("|09:00|Readiness snapshot|Ops||"), 10, 8, "`readiness`", "drill: readi"
    ),
    "role-never-signs": Case(timeline("|09:00|a|Dev||"), 10, 8, "`Dev`"),
    "no-sign-off": Case(FRONT + "# A\n" + TABLE + "|09:00|a|Ops||\n", 9, 8, "nobody signs off"),
}

ROSTER = Roster((Person("a", "A", "a@rehearsal.example", ("Ops",), ("Dev",)),))


def findings_of(text: str | bytes, catalogue: Registry) -> list[Finding]:
    parsed = parse(text if isinstance(text, bytes) else text.encode(), "doc.md")
    if parsed.playbook is None:
        return list(parsed.findings)
    return [
        *parsed.findings,
        *lint(parsed.playbook, catalogue),
        *lint_people(parsed.playbook, ROSTER),
    ]


def test_every_code_has_its_case() -> None:
    assert set(CASES) == set(CODES)


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_finding(code: str, catalogue: Registry) -> None:
    case = CASES[code]
    found = [one for one in findings_of(case.text, catalogue) if one.code == code]
    assert found, [str(one) for one in findings_of(case.text, catalogue)]
    one = found[0]
    assert (one.place.line, one.place.column) == (case.line, case.column)
    assert one.level is CODES[code]
    assert case.says in one.message
    assert case.suggests in one.suggestion


SOUND = linked(
    'drill: readiness\nwith: {component: a}\nsave: {snapshot: "go/{date}.json"}',
    artefacts="`go/{date}.json`, `minutes.md`, case `X-1`",
    more="- [ ] d (upload: minutes)\n## Evidence\n- ✅ [it](#b)\n",
)


def test_a_sound_playbook_has_no_findings(catalogue: Registry) -> None:
    assert findings_of(SOUND, catalogue) == []


def test_the_bound_document_is_sound(catalogue: Registry) -> None:
    from pathlib import Path

    data = (Path(__file__).parent / "fixtures" / "bound.md").read_bytes()
    parsed = parse(data, "bound.md")
    assert parsed.playbook is not None
    found = [*parsed.findings, *lint(parsed.playbook, catalogue)]
    assert sorted(one.code for one in found) == [
        "already-run",
        "manual-row",
        "manual-row",
        "role-never-signs",
    ]


def test_a_case_by_case_difference_is_one_file(catalogue: Registry) -> None:
    text = timeline("|09:00|a|Ops|`A/x.json`|", "|10:00|b|Ops|`a/X.json`|")
    (one,) = [one for one in findings_of(text, catalogue) if one.code == "written-twice"]
    assert "`row-1`" in one.message


def test_a_missing_parameter_stands_at_with(catalogue: Registry) -> None:
    (one,) = [
        one
        for one in findings_of(linked("drill: blue-green\nwith: {}"), catalogue)
        if one.code == "wrong-parameter"
    ]
    assert (one.place.line, one.place.column) == (14, 1)
    assert "`incoming`" in one.message


def test_an_unknown_parameter_names_the_nearest(catalogue: Registry) -> None:
    text = linked("drill: blue-green\nwith: {incoming: blue, incomming: blue}")
    (one,) = [one for one in findings_of(text, catalogue) if one.code == "wrong-parameter"]
    assert (one.place.line, one.place.column) == (14, 24)
    assert one.suggestion == "did you mean `incoming`?"


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("drill: x\napprove: {by: Ops, within: 20}", "20m"),
        ("drill: x\napprove: {by: Ops, persons: 0}", "greater than or equal to 1"),
        ("drill: x\napprove: {by: []}", "at least 1"),
        ("drill: x\non_failure: perhaps", "ask, continue, stop"),
        ("drill: x\nexpect: {a: {at_most: 1, at_least: 0}}", "exactly one"),
        ("drill: x\nexpect: {a: [1]}", "at_most"),
        ("drill: x\nsave: {a: 1}", "string"),
        ("drill: [x]", "string"),
    ],
)
def test_wrong_values_say_what_is_right(block: str, says: str, catalogue: Registry) -> None:
    found = [one for one in findings_of(linked(block), catalogue) if one.code == "wrong-value"]
    assert len(found) == 1 and says in found[0].message


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("timezone: Mars/Olympus", "`Mars/Olympus` is no time zone"),
        ("date: 2024-02-30", "there is no such day"),
        ("golive: 2", "Input should be 1"),
        ("people: [a]", "string"),
    ],
)
def test_wrong_front_matter_stands_at_its_value(line: str, says: str, catalogue: Registry) -> None:
    found = findings_of(f"---\nrelease: x\n{line}\n---\n# A\n", catalogue)
    (one,) = [one for one in found if one.code == "wrong-value"]
    assert (one.place.line, one.place.column) == (3, line.index(":") + 3)
    assert says in one.message


def test_foreign_front_matter_is_left_alone(catalogue: Registry) -> None:
    parsed = parse(b"---\ntitle: x\nlayout: page\ndate: 2024-05-30\n---\n# A\n", "a.md")
    assert parsed.playbook is not None and str(parsed.playbook.day) == "2024-05-30"
    assert [one.code for one in parsed.findings] == ["no-timeline"]


def test_findings_of_one_kind_are_counted_beyond_a_hundred(catalogue: Registry) -> None:
    text = timeline(*(f"|0{n % 10}:61|row {n}|Ops||" for n in range(250)))
    found = [one for one in findings_of(text, catalogue) if one.code == "time-unreadable"]
    assert len(found) == 100
    assert found[-1].message.endswith("(and 150 more of this kind)")


@pytest.mark.parametrize(
    "text",
    [
        linked('drill: readiness\nwith: {component: a}\nsave: {snapshot: "golive/verdict.json"}'),
        linked('drill: readiness\nwith: {component: a}\nsave: {snapshot: "Golive/a.json"}'),
        timeline("|09:00|[b](#b)|Ops||", more="## B\n- [ ] d (upload: `golive/originals.json`)\n"),
        timeline("|09:00|a|Ops|`golive/gate/facts.json`|"),
        timeline(
            "|09:00|[b](#golive)|Ops||",
            more="## Golive\n" + drill("drill: readiness\nwith: {component: a}"),
        ),
    ],
)
def test_nobody_writes_where_golive_does(text: str, catalogue: Registry) -> None:
    (first, *_) = [one for one in findings_of(text, catalogue) if one.code == "bad-path"]
    assert "Golive's own papers" in first.message


def test_golive_s_own_papers_may_be_asked_for(catalogue: Registry) -> None:
    text = linked("drill: readiness\nwith: {component: a}", artefacts="`golive/verdict.json`")
    assert not [one for one in findings_of(text, catalogue) if one.code == "bad-path"]
