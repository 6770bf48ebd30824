"""Every code a finding may bear, with its level. docs/playbook-format.md explains each."""

from __future__ import annotations

from collections.abc import Mapping

from golive.playbook.model import Level

_ERRORS = (
    # the file
    "not-text",
    "empty",
    "too-large",
    "nested-too-deeply",
    # front matter and blocks
    "front-matter-open",
    "yaml-syntax",
    "yaml-duplicate-key",
    "yaml-alias",
    "yaml-tag",
    "yaml-too-deep",
    "yaml-too-large",
    "unknown-key",
    "missing-key",
    "wrong-value",
    # names
    "no-such-section",
    "no-such-item",
    "no-date",
    "bad-path",
    "runs-itself",
    # times
    "time-unreadable",
    "times-mixed",
    "time-backwards",
    "zone-mismatch",
    # drills and evidence
    "unknown-drill",
    "wrong-parameter",
    "unknown-measure",
    "unknown-output",
    "no-producer",
    "written-twice",
)
_WARNINGS = (
    "unknown-placeholder",
    "extra-cells",
    "no-owner",
    "time-skipped",
    "never-runs",
    "checked-without-evidence",
    "role-without-holder",
)
_NOTES = (
    "no-timeline",
    "no-front-matter",
    "zone-unset",
    "already-run",
    "manual-row",
    "role-never-signs",
    "no-sign-off",
)

CODES: Mapping[str, Level] = {
    **dict.fromkeys(_ERRORS, Level.ERROR),
    **dict.fromkeys(_WARNINGS, Level.WARNING),
    **dict.fromkeys(_NOTES, Level.NOTE),
}
