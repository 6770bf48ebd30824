"""May the playbook be sealed as it is?

It is cleaned like all evidence. What would be taken out of it is found before the day: else the
sealed copy would not be the document whose digest everybody approved.
"""

from __future__ import annotations

from collections.abc import Sequence

from golive.evidence.redact import Redactor
from golive.playbook.model import Finding, Level, Place, Playbook

CODE = "would-be-redacted"


def unsealable(playbook: Playbook, domains: Sequence[str]) -> Sequence[Finding]:
    """An error for every place that would be redacted. `domains` are the rehearsal's own."""
    _, found = Redactor(domains=domains).bytes(playbook.source, "text/markdown")
    lines = playbook.source.decode("utf-8", "replace").split("\n")
    where = ", ".join(domains)
    return [
        Finding(
            Level.ERROR,
            CODE,
            f"this would be redacted before sealing ({one.why}), and the sealed playbook would not "
            "be the one that was approved",
            Place(playbook.file, one.line),
            lines[one.line - 1] if one.line <= len(lines) else "",
            f"use a role, or an address in {where}" if one.kind == "email" else "take it out",
        )
        for one in found
    ]
