"""Whether a published document states what it must. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from golive.kernel.json import Json, JsonObject

_STATED = (
    "documentTitle",
    "version",
    "owner",
    "effectiveDate",
    "lastUpdated",
    "jurisdiction",
    "contact",
    "audience",
    "statusLabel",
)
_RULE = ("frequency", "channel")
_RULE_WHEN_REQUIRED = ("dueWithinHours", "reminderCadence")


def findings(said: JsonObject, today: date) -> Sequence[str]:
    """Everything that is wrong with a document's metadata on `today`."""
    return [*_missing(said), *_rule(said), *_governance(said, today), *_dates(said, today)]


def _missing(said: JsonObject) -> Iterator[str]:
    for name in _STATED:
        if not said.get(name):
            yield f"{name} is not stated"


def _rule(said: JsonObject) -> Iterator[str]:
    rule = said.get("acknowledgement")
    if not isinstance(rule, Mapping) or not isinstance(rule.get("required"), bool):
        yield "it is not stated whether it must be acknowledged"
        return
    names = (*_RULE, *_RULE_WHEN_REQUIRED) if rule["required"] else _RULE
    for name in names:
        if not rule.get(name):
            yield f"acknowledgement.{name} is not stated"


def _governance(said: JsonObject, today: date) -> Iterator[str]:
    governance = said.get("governance")
    if not isinstance(governance, Mapping) or not any(governance.values()):
        yield "governance is empty"
        return
    due = day(governance.get("nextReviewDue"))
    if due is None:
        yield "governance.nextReviewDue is no date"
    elif due < today:
        yield f"its review was due on {due.isoformat()}"


def _dates(said: JsonObject, today: date) -> Iterator[str]:
    effective, written = day(said.get("effectiveDate")), day(said.get("lastUpdated"))
    if effective is None:
        if said.get("effectiveDate"):
            yield "effectiveDate is no date"
        return
    if effective > today:
        yield f"it takes effect on {effective.isoformat()}, and is not in force yet"
    if written is not None and effective < written:
        yield (
            f"it is in force since {effective.isoformat()}, before its words were written on "
            f"{written.isoformat()}"
        )


def day(value: Json) -> date | None:
    """The date of an RFC 3339 date or moment; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        return None
