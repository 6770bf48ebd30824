"""A catalogue of drills for the linter, and documents to read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from golive.drillkit.drill import Drill, Measure, Output, Params, Registry, Step
from golive.playbook.parse import Parsed, parse

HERE = Path(__file__).parent / "fixtures"


class ReadinessParams(Params):
    component: str = "payments"
    within_seconds: float = Field(5.0, gt=0)
    at: str = ""
    flag: str = ""


class Readiness(Drill[ReadinessParams]):
    name = "readiness"
    summary = "The snapshot follows."
    params = ReadinessParams
    fits = ("readiness", "snapshot")
    outputs = (Output("snapshot", "{item}/readiness.json", "application/json"),)
    measures = (Measure("readiness_seconds", "s", "slowest"),)

    def steps(self, params: ReadinessParams) -> Sequence[Step[ReadinessParams]]:
        return ()


class BlueGreenParams(Params):
    incoming: str


class BlueGreen(Drill[BlueGreenParams]):
    name = "blue-green"
    summary = "There and back."
    params = BlueGreenParams
    fits = ("blue/green", "cutover")
    outputs = (Output("lifecycle", "lifecycle.json", "application/json"),)
    measures = (Measure("failed_requests", "", "lost"), Measure("rollback_seconds", "s", "back"))

    def steps(self, params: BlueGreenParams) -> Sequence[Step[BlueGreenParams]]:
        return ()


class CommandParams(Params):
    argv: tuple[str, ...]


class Command(Drill[CommandParams]):
    name = "command"
    summary = "Whatever a team has."
    params = CommandParams
    runs_code = True

    def steps(self, params: CommandParams) -> Sequence[Step[CommandParams]]:
        return ()


@pytest.fixture(scope="session")
def catalogue() -> Registry:
    drills: Sequence[Any] = (Readiness(), BlueGreen(), Command())
    return Registry(drills)


@pytest.fixture(scope="session")
def launch() -> Parsed:
    """A document as teams have it."""
    return parse((HERE / "launch.md").read_bytes(), "launch.md")


@pytest.fixture(scope="session")
def bound() -> Parsed:
    """The same, bound to drills."""
    return parse((HERE / "bound.md").read_bytes(), "bound.md")
