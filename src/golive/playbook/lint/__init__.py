"""What is wrong, or worth a second look, in a playbook that could be read. Pure.

Each rule is a function of its own over the model; codes are listed in `golive.playbook.codes`.
"""

from __future__ import annotations

import re

from golive.playbook.catalogue import Catalogue
from golive.playbook.findings import Findings
from golive.playbook.lint import drills, evidence, order, roles, suggest
from golive.playbook.lint.facts import gather
from golive.playbook.model import Finding, Playbook
from golive.playbook.people import Roster


def lint(playbook: Playbook, catalogue: Catalogue) -> tuple[Finding, ...]:
    """Every finding, in order of place. `catalogue` says which drills there are."""
    findings = _findings(playbook)
    facts = gather(playbook, catalogue)
    drills.check(facts, findings)
    evidence.check(facts, findings)
    order.check(facts, findings)
    roles.check(facts, findings)
    suggest.check(facts, findings)
    return findings.all()


def lint_people(playbook: Playbook, roster: Roster) -> tuple[Finding, ...]:
    """Roles that the playbook asks for and nobody on the roster holds."""
    findings = _findings(playbook)
    roles.check_roster(playbook, roster, findings)
    return findings.all()


def _findings(playbook: Playbook) -> Findings:
    text = playbook.source.decode("utf-8", "replace").removeprefix("\ufeff")
    return Findings(re.split(r"\r\n?|\n", text))
