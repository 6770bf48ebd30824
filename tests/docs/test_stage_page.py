"""The page on the stage names its addresses, its faults, and the permissions it takes in AWS."""

from __future__ import annotations

import json
import re
from pathlib import Path

from golive.stage.addresses import PREFERRED
from golive.stage.layout import Layout
from golive.stage.settings import FAULTS, Settings
from golive.stage.status import urls

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "stage.md").read_text(encoding="utf-8")


def _rows(heading: str) -> set[str]:
    """First cells of the table whose first heading is `heading`."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `([\w-]+)` \|", table, re.M))


def test_every_address_and_fault_has_its_row() -> None:
    assert _rows("address") == set(urls(Layout(ROOT), Settings(PREFERRED)))
    assert _rows("fault") == set(FAULTS)


_PREFIXES = {"elbv2": "elasticloadbalancing"}
"""Of IAM's actions, where it isn't boto3's name of the service."""
_ASKED_BY_CODEDEPLOY = {
    "codedeploy:GetApplicationRevision",
    "codedeploy:GetDeploymentConfig",
    "codedeploy:RegisterApplicationRevision",
}


def test_the_policy_is_what_the_adapters_call_and_no_more() -> None:
    policy = json.loads(PAGE.partition("```json\n")[2].partition("```")[0])
    allowed: set[str] = set()
    for statement in policy["Statement"]:
        actions = statement["Action"]
        allowed |= {actions} if isinstance(actions, str) else set(actions)
    called = set()
    for file in (ROOT / "src/golive/adapters/aws").glob("*.py"):
        source = file.read_text(encoding="utf-8")
        for service, operation in re.findall(r'\._(\w+)\.(?:call|pages)\(\s*"(\w+)"', source):
            action = operation.title().replace("_", "")
            called.add(f"{_PREFIXES.get(service, service)}:{action}")
    assert len(called) > 20
    assert allowed == called | _ASKED_BY_CODEDEPLOY
