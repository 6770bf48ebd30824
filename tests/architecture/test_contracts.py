"""Contracts name what they are about one by one, so a newcomer must be put into them."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN_LAYERS = {"http", "tasks", "service", "store", "model", "errors", "privacy"}


def _contracts() -> dict[str, dict[str, list[str]]]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return {
        section.rpartition(":")[2]: {
            key: value.split() for key, value in parser[section].items() if key != "name"
        }
        for section in parser.sections()
        if ":" in section
    }


def _children(package: str) -> set[str]:
    folder = ROOT / "src" / package
    modules = {file.stem for file in folder.glob("*.py")}
    return modules | {file.parent.name for file in folder.glob("*/__init__.py")}


def _contexts() -> list[str]:
    """Packages of fixnado that have layers of their own."""
    return sorted(
        name
        for name in _children("fixnado") - {"platform", "readiness", "app", "seed", "__init__"}
        if OWN_LAYERS & _children(f"fixnado/{name}") - {"errors"}
    )


@pytest.mark.parametrize("context", _contexts())
def test_a_context_keeps_its_layers_and_its_store_to_itself(context: str) -> None:
    contracts = _contracts()
    assert f"fixnado.{context}" in contracts["fixnado-context"]["containers"]
    if "store" in _children(f"fixnado/{context}"):
        store = contracts[f"store-{context}"]
        assert store["protected_modules"] == [f"fixnado.{context}.store"]
        assert store["allowed_importers"] == [f"fixnado.{context}"]


def test_only_the_workflow_may_know_the_durable_engine() -> None:
    named = {room.partition(".")[2] for room in _contracts()["durable-engine"]["source_modules"]}
    free = {"rehearsal", "bootstrap", "__init__", "__main__"}
    assert named == _children("golive") - free


def test_only_bootstrap_names_an_adapter_a_drill_or_the_stage() -> None:
    contract = _contracts()["adapters-wired-once"]
    wired = {"adapters", "drills", "stage", "report", "data"} & _children("golive")
    assert set(contract["protected_modules"]) == {f"golive.{room}" for room in wired}
    assert contract["allowed_importers"] == ["golive.bootstrap"]


def test_the_ports_own_rooms_hold_no_vendor_library() -> None:
    named = {room.partition(".")[2] for room in _contracts()["sdk-quarantine"]["source_modules"]}
    free = {"adapters", "stage", "console", "bootstrap", "main", "report", "data"}
    assert named == _children("golive") - free - {"__init__", "__main__"}
