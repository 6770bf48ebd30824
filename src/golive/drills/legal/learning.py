"""A learning system's export: who has completed what, and when. Pure.

Moodle writes headers, states and dates in the reader's own language; nothing is guessed from them.
A row or statement that can't be read is told, not skipped in silence.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339
from golive.ports.learning import Moodle, XApi

_DONE = {
    "en": ("completed", "completed (achieved pass grade)"),
    "en-US": ("completed", "completed (achieved pass grade)"),
    "de": ("abgeschlossen", "abgeschlossen (erfolgreich)"),
    "fr": ("terminé", "terminé (note de réussite atteinte)"),
}
_NOT_DONE = {
    "en": ("not completed", "completed (did not achieve pass grade)", "-", ""),
    "en-US": ("not completed", "completed (did not achieve pass grade)", "-", ""),
    "de": ("nicht abgeschlossen", "abgeschlossen (nicht erfolgreich)", "-", ""),
    "fr": ("non terminé", "terminé (note de réussite non atteinte)", "-", ""),
}
_DATES = {
    "en": ("%d/%m/%y, %H:%M", "%d/%m/%Y, %H:%M", "%A, %d %B %Y, %I:%M %p", "%d %B %Y, %I:%M %p"),
    "en-US": ("%m/%d/%y, %H:%M", "%m/%d/%Y, %I:%M %p", "%A, %B %d, %Y, %I:%M %p"),
    "de": ("%d.%m.%y, %H:%M", "%d.%m.%Y, %H:%M", "%d.%m.%Y %H:%M"),
    "fr": ("%d/%m/%y, %H:%M", "%d/%m/%Y, %H:%M", "%d/%m/%Y %H:%M"),
}
_VERBS = (
    "http://adlnet.gov/expapi/verbs/completed",
    "http://adlnet.gov/expapi/verbs/passed",
    "http://activitystrea.ms/schema/1.0/accept",
)
_VOIDED = "http://adlnet.gov/expapi/verbs/voided"


@dataclass
class Completions:
    """By learner's address (lower case) and document: when it was completed, last."""

    done: dict[tuple[str, str], datetime] = field(default_factory=dict)
    learners: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    """What could not be read, by line or statement; nobody's address is in it."""

    def add(self, email: str, policy: str, at: datetime) -> None:
        known = self.done.get((email, policy))
        self.done[email, policy] = at if known is None else max(known, at)


def read(content: bytes, lms: Moodle | XApi) -> Completions:
    """What the export says. Nothing in it stops the reading."""
    found = Completions()
    try:
        text = content.decode(
            "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        )
    except UnicodeDecodeError:
        found.unread.append("the file is neither UTF-8 nor UTF-16")
        return found
    if isinstance(lms, Moodle):
        _moodle(text, lms, found)
    else:
        _xapi(text, lms, found)
    return found


def _moodle(text: str, lms: Moodle, found: Completions) -> None:
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=lms.delimiter, strict=True))
    except csv.Error as error:
        found.unread.append(f"the file is no CSV: {error}")
        return
    widest = max(lms.email, *(column + 1 for column in lms.policies.values()))
    for number, row in enumerate(rows[lms.header_rows :], lms.header_rows + 1):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < widest or "@" not in row[lms.email - 1]:
            found.unread.append(f"line {number}: {len(row)} columns, or no address in {lms.email}")
            continue
        email = row[lms.email - 1].strip().casefold()
        found.learners.add(email)
        for policy, column in lms.policies.items():
            why = _cell(found, email, policy, row[column - 1], row[column], lms)
            if why:
                found.unread.append(f"line {number}, column {column}: {why}")


def _cell(found: Completions, email: str, policy: str, state: str, when: str, lms: Moodle) -> str:
    """Note one completion; why it can't be, or ""."""
    said = state.strip().casefold()
    if said in _NOT_DONE[lms.locale]:
        return ""
    if said not in _DONE[lms.locale]:
        return f"no state in {lms.locale}"
    for shape in _DATES[lms.locale]:
        try:
            at = datetime.strptime(when.strip(), shape)  # noqa: DTZ007  (its zone is declared)
        except ValueError:
            continue
        found.add(email, policy, at.replace(tzinfo=ZoneInfo(lms.zone)))
        return ""
    return f"completed, but without a date in {lms.locale}"


def _xapi(text: str, lms: XApi, found: Completions) -> None:
    statements = _statements(text)
    if statements is None:
        found.unread.append("the file is no list of statements")
        return
    voided = {_at(one, "object", "id") for one in statements if _at(one, "verb", "id") == _VOIDED}
    policies = {activity: policy for policy, activity in lms.policies.items()}
    for number, one in enumerate(statements, 1):
        email, policy = _learner(one), policies.get(_at(one, "object", "id"))
        if _at(one, "verb", "id") == _VOIDED or (one.get("id") and one["id"] in voided):
            continue
        if not email:
            found.unread.append(f"statement {number}: no address of its actor")
            continue
        found.learners.add(email)
        if policy is None or _at(one, "verb", "id") not in _VERBS or not _succeeded(one):
            continue
        try:
            found.add(email, policy, parse_rfc3339(str(one.get("timestamp") or "")))
        except ValueError:
            found.unread.append(f"statement {number}: no moment with a zone")


def _statements(text: str) -> Sequence[JsonObject] | None:
    try:
        said: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    listed = said.get("statements") if isinstance(said, Mapping) else said
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else None


def _learner(statement: JsonObject) -> str:
    mailbox = _at(statement, "actor", "mbox")
    return mailbox.removeprefix("mailto:").casefold() if mailbox.startswith("mailto:") else ""


def _succeeded(statement: JsonObject) -> bool:
    result = statement.get("result")
    said = result if isinstance(result, Mapping) else {}
    return said.get("success") is not False and said.get("completion") is not False


def _at(said: JsonObject, outer: str, inner: str) -> str:
    member = said.get(outer)
    value = member.get(inner) if isinstance(member, Mapping) else None
    return value if isinstance(value, str) else ""


def differences(
    ours: Mapping[tuple[str, str], bool],
    lms: Completions,
    policies: Mapping[str, datetime | None],
    known: Container[str],
) -> Iterator[tuple[str, str, str]]:
    """(address, document, what differs). `ours` says, for whoever owes an acknowledgement, whether
    the service has it; `policies` when what is in force was published; `known` whom it knows at
    all."""
    for (email, policy), at in sorted(lms.done.items()):
        if email not in known:
            yield email, policy, "only the learning system knows this person"
        elif (email, policy) in ours and not ours[email, policy]:
            since = policies.get(policy)
            early = since is not None and at < since
            yield email, policy, "completed an older version" if early else "not with the service"
    for (email, policy), acknowledged in sorted(ours.items()):
        covered = policy in policies and (email, policy) not in lms.done
        if acknowledged and covered:
            yield email, policy, "not with the learning system"
