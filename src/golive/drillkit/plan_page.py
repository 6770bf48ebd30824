"""A plan's difference as a page that two engineers can read and approve."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from golive.drillkit.page import filled
from golive.drillkit.plan_facts import Change, PlanFacts
from golive.drillkit.plan_findings import PlanFinding
from golive.kernel.json import Json


@dataclass(frozen=True)
class PlanHeading:
    """What stands above the figures."""

    workspace: str
    tool: str
    target: str
    planned: str
    fidelity: str


@dataclass(frozen=True)
class Row:
    """One value that differs, by its path in the resource."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Block:
    """One resource or output."""

    sign: str
    """`+`, `-`, `~` or `-/+`: so that colour is never the only signal."""
    word: str
    address: str
    rows: Sequence[Row]


_WORDS = {
    "create": ("+", "created"),
    "delete": ("-", "destroyed"),
    "update": ("~", "changed"),
    "forget": ("-", "let go of"),
    "read": ("~", "read"),
}
_TONES = {"+": "passed", "-": "failed", "-/+": "failed"}


def page(heading: PlanHeading, facts: PlanFacts, findings: Sequence[PlanFinding]) -> str:
    """Values that are marked sensitive are hidden in `facts` already."""
    parts = (
        ("Drifted", "what is there is no longer as the state says", facts.drift),
        ("Resources", "what this plan would do", facts.changes),
        ("Outputs", "what others would read from it", facts.outputs),
    )
    return filled(
        "plan_page.html",
        heading=heading,
        figures=_figures(facts, findings),
        findings=findings,
        checks=sorted(facts.checks.items()),
        problems=facts.problems,
        parts=[(title, about, [_block(one) for one in found]) for title, about, found in parts],
        tones=_TONES,
    )


def _figures(facts: PlanFacts, findings: Sequence[PlanFinding]) -> list[tuple[str, str, str]]:
    drift = str(len(facts.drift)) if facts.has_state or facts.drift else "not measured"
    failed = [name for name, status in facts.checks.items() if status != "pass"]
    return [
        ("Drifted", drift, "failed" if facts.drift else ""),
        ("To change", str(len(facts.changes)), ""),
        ("Replaced", *_bad(sum(one.replaces for one in facts.changes))),
        ("Destroyed", *_bad(sum(one.destroys for one in facts.changes))),
        ("Outputs", str(len(facts.outputs)), ""),
        ("Checks failed", *_bad(len(failed))),
        ("Findings", *_bad(len(findings))),
    ]


def _bad(count: int) -> tuple[str, str]:
    return str(count), "failed" if count else ""


def _block(change: Change) -> Block:
    if change.replaces:
        sign, word = "-/+", "replaced"
    else:
        action = change.actions[0] if change.actions else ""
        sign, word = _WORDS.get(action, ("~", action or "unknown"))
    return Block(sign, word, change.address, list(_rows("", change.before, change.after)))


def _rows(path: str, before: Json, after: Json) -> Iterator[Row]:
    """Only what differs, down to single values."""
    if before == after:
        return
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old = before if isinstance(before, Mapping) else {}
        new = after if isinstance(after, Mapping) else {}
        for name in dict.fromkeys([*old, *new]):
            yield from _rows(f"{path}.{name}" if path else name, old.get(name), new.get(name))
        return
    yield Row(path or "value", _shown(before), _shown(after))


def _shown(value: Json) -> str:
    if value is None:
        return "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
