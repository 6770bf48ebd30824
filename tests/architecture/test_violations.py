"""Every import rule bites: one forbidden import in an otherwise clean tree is caught, by name.

The tree has the project's own module names, so a rule that stopped matching them (a renamed room, a
typing slip in a contract) fails here instead of passing for ever.
"""

from __future__ import annotations

import configparser
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.import_tree import CONTRACTS, Answer, Tree, empty_copy, lint

STRANGERS = "The rehearser and the rehearsed meet only over the wire"
ROOMS = "golive layers"
NARROW_ADAPTERS = "Adapters know ports and stores, never policy"
LONE_ADAPTERS = "Adapters do not know each other"
LONE_DRILLS = "Drills do not know each other"
NARROW_DRILLS = "A drill sees the drill contract and ports only"
QUARANTINE = "Vendor SDKs only inside adapters; web framework only in console"
CONTEXTS = "fixnado contexts"
INSIDE = "Inside every context: http > service > store > model > errors"
CYCLES = "No package cycles anywhere"
WIRED_ONCE = "Only bootstrap names an adapter or a drill"
ROUTES = "Only the app mounts a context's routes"
PURE = "Models and services know no framework; only stores know SQL"
ENGINE = "Only the rehearsal's workflow knows the durable engine"


@dataclass(frozen=True)
class Violation:
    importer: str
    imported: str
    """"" where the module's mere existence is the violation."""
    caught_by: str

    def __str__(self) -> str:
        return f"{self.importer}->{self.imported or 'exists'}"


def _names() -> dict[str, str]:
    """Every contract's name by its id."""
    parser = configparser.ConfigParser()
    parser.read(CONTRACTS, encoding="utf-8")
    sections = [section for section in parser.sections() if ":" in section]
    return {section.rpartition(":")[2]: parser[section]["name"] for section in sections}


def _contexts_with_a_store() -> list[str]:
    return [name.removeprefix("store-") for name in _names() if name.startswith("store-")]


VIOLATIONS = [
    Violation("golive.adapters.fixnado_http", "fixnado.platform", STRANGERS),
    Violation("fixnado.app", "golive.kernel.errors", STRANGERS),
    Violation("golive.kernel.errors", "golive.ports.http", ROOMS),
    Violation("golive.ports.target", "golive.evidence.artefact", ROOMS),
    Violation("golive.evidence.artefact", "golive.playbook.model", ROOMS),
    Violation("golive.playbook.model", "golive.drillkit.drill", ROOMS),
    Violation("golive.gates.verdict", "golive.governance", ROOMS),
    Violation("golive.rehearsal.journal", "golive.stage", ROOMS),
    Violation("golive.drills.wanderer", "golive.adapters.http", ROOMS),
    Violation("golive.stage.wanderer", "golive.drills", ROOMS),
    Violation("golive.report.wanderer", "golive.rehearsal.journal", ROOMS),
    Violation("golive.extras", "", ROOMS),
    Violation("golive.adapters.wanderer", "golive.gates.verdict", NARROW_ADAPTERS),
    Violation("golive.adapters.wanderer", "golive.drillkit.drill", NARROW_ADAPTERS),
    Violation("golive.adapters.one", "golive.adapters.two", LONE_ADAPTERS),
    Violation("golive.drills.one", "golive.drills.two", LONE_DRILLS),
    Violation("golive.drills.wanderer", "golive.governance", NARROW_DRILLS),
    Violation("golive.drills.wanderer", "golive.rehearsal.journal", NARROW_DRILLS),
    Violation("golive.drills.wanderer", "boto3", QUARANTINE),
    Violation("golive.cli.wanderer", "httpx", QUARANTINE),
    Violation("golive.gates.verdict", "sqlalchemy", QUARANTINE),
    Violation("golive.rehearsal.journal", "fastapi", QUARANTINE),
    Violation("golive.cli.wanderer", "golive.adapters.http", WIRED_ONCE),
    Violation("golive.rehearsal.journal", "golive.drills", WIRED_ONCE),
    Violation("golive.cli.wanderer", "golive.stage", WIRED_ONCE),
    Violation("golive.cli.wanderer", "golive.report", WIRED_ONCE),
    Violation("golive.cli.wanderer", "dbos", ENGINE),
    Violation("golive.drills.wanderer", "dbos", ENGINE),
    Violation("golive.evidence.one.part", "golive.evidence.two.part", CYCLES),
    Violation("fixnado.platform.wanderer", "fixnado.identity.model", CONTEXTS),
    Violation("fixnado.identity.service", "fixnado.commerce.model", CONTEXTS),
    Violation("fixnado.conversations.service", "fixnado.commerce.model", CONTEXTS),
    Violation("fixnado.extras", "", CONTEXTS),
    Violation("fixnado.identity.model", "fixnado.identity.service", INSIDE),
    Violation("fixnado.commerce.store", "fixnado.commerce.http", INSIDE),
    Violation("fixnado.timeline.helpers", "", INSIDE),
    Violation("fixnado.timeline.service", "fixnado.commerce.http", ROUTES),
    Violation("fixnado.commerce.service", "fastapi", PURE),
    Violation("fixnado.identity.model", "sqlalchemy", PURE),
    Violation("fixnado.conversations.errors", "httpx", PURE),
]
VIOLATIONS += [
    Violation(importer, f"fixnado.{context}.store", f"{context}.store is private")
    for context in _contexts_with_a_store()
    for importer in ("fixnado.app.wanderer", "fixnado.readiness.wanderer")
]


def _break(clean: Tree, violation: Violation, folder: Path) -> Tree:
    tree = Tree(folder)
    shutil.copytree(clean.folder, tree.folder)
    file = tree.module(violation.importer)
    if violation.imported.startswith(("golive", "fixnado")):
        imported = tree.module(violation.imported)
        if violation.caught_by == CYCLES:
            imported.write_text(f"import {violation.importer}\n")
    if violation.imported:
        file.write_text(f"import {violation.imported}\n")
    return tree


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Answer]:
    """By violation; "clean" for the tree without one."""
    folder = tmp_path_factory.mktemp("trees")
    trees = {"clean": empty_copy(folder / "clean")}
    for number, violation in enumerate(VIOLATIONS):
        trees[str(violation)] = _break(trees["clean"], violation, folder / str(number))
    return dict(zip(trees, lint(list(trees.values())), strict=True))


def test_the_clean_tree_keeps_every_contract(answers: Mapping[str, Answer]) -> None:
    assert answers["clean"].code == 0, answers["clean"].said
    assert "0 broken" in answers["clean"].said


@pytest.mark.parametrize("violation", VIOLATIONS, ids=str)
def test_a_deliberate_violation_is_caught(
    answers: Mapping[str, Answer], violation: Violation
) -> None:
    answer = answers[str(violation)]
    assert answer.code != 0
    assert f"{violation.caught_by} BROKEN" in answer.said


def test_every_contract_has_its_violation() -> None:
    assert len({str(violation) for violation in VIOLATIONS}) == len(VIOLATIONS) >= 24
    assert {violation.caught_by for violation in VIOLATIONS} == set(_names().values())
