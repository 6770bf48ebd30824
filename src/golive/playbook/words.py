"""What headings and columns mean, whatever a team calls them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum


class Part(StrEnum):
    """A part of the document that Golive gives meaning to."""

    OBJECTIVES = "objectives"
    TIMELINE = "timeline"
    EVIDENCE = "evidence"
    RISKS = "risks"
    SIGN_OFF = "sign-off"


class Column(StrEnum):
    TIME = "time"
    END = "end"
    LASTS = "lasts"
    ACTIVITY = "activity"
    OWNER = "owner"
    ARTEFACTS = "artefacts"
    PHASE = "phase"
    NUMBER = "number"
    RISK = "risk"
    IMPACT = "impact"
    LIKELIHOOD = "likelihood"
    MITIGATION = "mitigation"
    SCOPE = "scope"


_PARTS: Mapping[Part, tuple[str, ...]] = {
    Part.OBJECTIVES: ("objectives", "objective", "goals", "goal", "aims", "purpose"),
    Part.TIMELINE: ("timeline", "schedule", "timetable", "agenda", "runsheet", "run sheet"),
    Part.EVIDENCE: ("evidence", "artefact checklist", "artifact checklist"),
    Part.RISKS: ("risks", "risk register", "risk", "risk log"),
    Part.SIGN_OFF: ("sign off", "signoff", "sign offs", "approvals", "approval"),
}

_COLUMNS: Mapping[Column, tuple[str, ...]] = {
    Column.TIME: ("time", "when", "start", "starts", "at", "clock", "begin", "begins"),
    Column.END: ("end", "ends", "finish", "until", "to"),
    Column.LASTS: ("duration", "length", "lasts", "takes"),
    Column.ACTIVITY: ("activity", "activities", "task", "tasks", "step", "what", "action"),
    Column.OWNER: ("owner", "owners", "responsible", "role", "lead", "who", "assignee", "by"),
    Column.ARTEFACTS: (
        "artefacts",
        "artefact",
        "artifacts",
        "artifact",
        "evidence",
        "output",
        "outputs",
        "deliverable",
        "deliverables",
    ),
    Column.PHASE: ("phase", "stage", "block"),
    Column.NUMBER: ("#", "no", "nr", "number", "id", "ref"),
    Column.RISK: ("risk", "risks", "threat"),
    Column.IMPACT: ("impact", "severity", "consequence"),
    Column.LIKELIHOOD: ("likelihood", "probability", "chance"),
    Column.MITIGATION: ("mitigation", "mitigations", "response", "treatment", "countermeasure"),
    Column.SCOPE: ("scope", "signs", "confirms", "approves", "statement"),
}
_COLUMN_OF = {word: column for column, words in _COLUMNS.items() for word in words}
_NUMBERING = re.compile(r"^\s*(?:\d{1,3}[.)]\s*)+")
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Lower-case words of a heading or cell, without numbering, marks and pictures."""
    return _WORD.findall(_NUMBERING.sub("", text.casefold()))


def part(title: str) -> tuple[Part, int] | None:
    """What a heading means, and how many words it has beside: fewer is the better match."""
    said = words(title)
    for meaning, phrases in _PARTS.items():
        for phrase in phrases:
            wanted = phrase.split()
            if any(said[at : at + len(wanted)] == wanted for at in range(len(said))):
                return meaning, len(said) - len(wanted)
    return None


def columns(header: Sequence[str]) -> Mapping[Column, int]:
    """Which cell of a table's header means what; the first of a kind counts."""
    found: dict[Column, int] = {}
    for index, cell in enumerate(header):
        bare = re.sub(r"\([^()]*\)", " ", cell)
        said = ["#"] if bare.strip() == "#" else words(bare)
        meaning = _meaning(said)
        if meaning is not None:
            found.setdefault(meaning, index)
    return found


def _meaning(said: Sequence[str]) -> Column | None:
    """The last word counts (`Task owner` is an owner), but for time (`End time` is an end)."""
    meanings = [_COLUMN_OF[word] for word in said if word in _COLUMN_OF]
    return next(
        (one for one in reversed(meanings) if one is not Column.TIME),
        meanings[-1] if meanings else None,
    )
