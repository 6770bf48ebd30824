"""Drill blocks against the drills that there are."""

from __future__ import annotations

from golive.playbook.catalogue import DrillCard
from golive.playbook.findings import Findings, nearest
from golive.playbook.lint.facts import Facts
from golive.playbook.model import DrillBlock, Place


def check(facts: Facts, findings: Findings) -> None:
    for block in facts.blocks:
        card = facts.catalogue.card(block.drill)
        if card is None:
            names = facts.catalogue.names()
            findings.add(
                "unknown-drill",
                _place(block, "drill"),
                f"there is no drill `{block.drill}`",
                nearest(block.drill, names) or f"there are {', '.join(names)}",
            )
            continue
        _parameters(block, card, findings)
        _names(block, card, findings)
        if block.run_on_failure is not None:
            _on_failure(facts, block, findings)


def _parameters(block: DrillBlock, card: DrillCard, findings: Findings) -> None:
    for name, message in card.problems(block.params):
        said = message.removeprefix("Value error, ")
        schema = card.schema().get("properties")
        known = list(schema) if isinstance(schema, dict) else []
        unknown = bool(name) and name.split(".")[0] not in known
        hint = nearest(name, known) if unknown else ""
        if unknown:
            said = f"`{block.drill}` has no such parameter"
            hint = hint or f"it has {', '.join(known) or 'none'}"
        label = f"`{name}`: {said}" if name else f"`{block.drill}`: {said}"
        findings.add("wrong-parameter", _place(block, f"with.{name}"), label, hint)


def _names(block: DrillBlock, card: DrillCard, findings: Findings) -> None:
    for code, key, given, known in (
        ("unknown-measure", "expect", block.expect, card.measures),
        ("unknown-output", "save", block.save, list(card.outputs)),
    ):
        for name in given:
            if name not in known:
                word = "measures" if key == "expect" else "leaves"
                findings.add(
                    code,
                    _place(block, f"{key}.{name}"),
                    f"`{block.drill}` {word} no `{name}`",
                    nearest(name, known) or f"it {word} {', '.join(known) or 'nothing'}",
                )


def _on_failure(facts: Facts, block: DrillBlock, findings: Findings) -> None:
    section = block.run_on_failure or ""
    inside = facts.playbook.within(section)
    if block.section in inside:
        findings.add(
            "runs-itself",
            _place(block, "on_failure"),
            f"on failure it runs `#{section}`, in which it stands itself",
        )


def _place(block: DrillBlock, name: str) -> Place:
    """Where `name` stands, or the nearest part of it that the block has, or the block."""
    while name:
        if name in block.places:
            return block.places[name]
        name = name.rpartition(".")[0]
    return block.place
