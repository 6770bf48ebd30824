"""Every import rule bites: one forbidden import in an otherwise clean tree is caught, by name.

The tree has the project's own module names, so a rule that stopped matching them (a renamed room, a
typing slip in a contract) fails here instead of passing for ever.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.import_tree import Tree, empty_copy

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
    Violation("fixnado.commerce.service", "fixnado.identity.store", "identity.store is private"),
    Violation("fixnado.timeline.service", "fixnado.commerce.store", "commerce.store is private"),
    Violation("fixnado.app.wanderer", "fixnado.timeline.store", "timeline.store is private"),
    Violation(
        "fixnado.timeline.service", "fixnado.conversations.store", "conversations.store is private"
    ),
]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return empty_copy(tmp_path_factory.mktemp("clean"))


def test_the_clean_tree_keeps_every_contract(clean: Tree) -> None:
    answer = clean.lint()
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout


@pytest.mark.parametrize("violation", VIOLATIONS, ids=str)
def test_a_deliberate_violation_is_caught(
    clean: Tree, violation: Violation, tmp_path: Path
) -> None:
    tree = Tree(tmp_path / "src")
    shutil.copytree(clean.folder, tree.folder)
    file = tree.module(violation.importer)
    if violation.imported.startswith(("golive", "fixnado")):
        imported = tree.module(violation.imported)
        if violation.caught_by == CYCLES:
            imported.write_text(f"import {violation.importer}\n")
    if violation.imported:
        file.write_text(f"import {violation.imported}\n")

    answer = tree.lint()

    assert answer.returncode != 0
    assert f"{violation.caught_by} BROKEN" in answer.stdout
