"""A plan that was made elsewhere: what `terraform show -json PLAN` printed there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.plan import PlanRun

_LARGEST = 200_000_000


class PlanFile:
    """`golive.ports.plan.Planner` that makes no plan of its own, and changes nothing."""

    fidelity = Fidelity.MANUAL

    def __init__(self, path: Path, author: str) -> None:
        self._path, self._author = path, author

    def plan(self, workspace: str, variables: Mapping[str, str], work: Path) -> PlanRun:
        del workspace, variables, work  # all three were chosen where the plan was made
        if self._path.stat().st_size > _LARGEST:
            raise PortError("the plan is larger than 200 MB", where=self._path.name)
        try:
            document = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise PortError(
                "this is no plan as JSON",
                where=self._path.name,
                hint="terraform show -json PLAN > plan.json",
            ) from error
        if not isinstance(document, dict):
            raise PortError("this is no plan as JSON", where=self._path.name)
        tool = f"terraform {document.get('terraform_version', '(version not told)')}, elsewhere"
        log = f"made elsewhere by {self._author}; nothing was planned here\n"
        return PlanRun(document, tool, (), log, author=self._author)

    def apply(self, workspace: str, variables: Mapping[str, str], work: Path) -> None:
        del variables, work
        raise PortError(
            f"a plan of {workspace} that was made elsewhere is applied there", where=self._path.name
        )
