"""What a playbook says, after parsing. Frozen, without I/O, with the line of every claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from golive.kernel.json import Json


@dataclass(frozen=True, order=True)
class Place:
    """1-based line and column in `file` (as the person wrote its name)."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class FileRef:
    """A name in backticks that must be a file in the vault; already expanded."""

    path: str
    place: Place


@dataclass(frozen=True)
class Moment:
    """A point of the timeline: time of day plus days, or an offset from the cutover (`T-60m`)."""

    offset: timedelta
    """From midnight of the playbook's date, or from T0 when `relative`."""
    relative: bool = False


@dataclass(frozen=True)
class Approval:
    """A barrier: `persons` distinct persons holding one of the roles `by`, within `within`."""

    by: Sequence[str]
    persons: int
    within: timedelta | None


class OnFailure(StrEnum):
    ASK = "ask"
    CONTINUE = "continue"
    STOP = "stop"
    RUN = "run"


@dataclass(frozen=True)
class Limit:
    """What `expect` demands of one measure. Exactly one field is set."""

    equals: Json = None
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class DrillBlock:
    """A fenced block `yaml golive`."""

    id: str
    """`<section>/<n>`, unique in the playbook and stable while the section's order is."""
    section: str
    drill: str
    params: Mapping[str, Json]
    place: Place
    expect: Mapping[str, Limit] = field(default_factory=dict)
    approve: Approval | None = None
    save: Mapping[str, str] = field(default_factory=dict)
    """Output name to path in the vault; expanded."""
    on_failure: OnFailure | None = None
    """None: ask when attended, continue when not."""
    run_on_failure: str | None = None
    """The section to run, when `on_failure` is RUN."""
    after: Sequence[str] = ()
    """Ids of the items that must have passed before this one begins."""
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)
    """Where each value stands, by dotted name: `with.side`, `expect.failed_requests`."""


class HumanKind(StrEnum):
    CONFIRM = "confirm"
    UPLOAD = "upload"
    SIGN = "sign"


@dataclass(frozen=True)
class HumanTask:
    """A task item, or a timeline row with nothing executable behind it."""

    id: str
    section: str
    """"" for the step that stands for a whole row."""
    text: str
    kind: HumanKind
    by: str
    """The role that acts; "All" means one person of each role."""
    place: Place
    what: str = ""
    """What is asked for, of an upload."""
    files: Sequence[str] = ()
    """Paths in the vault that the upload fills, where the playbook names them; expanded."""


Item = DrillBlock | HumanTask


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it. `items` are its own, without its subsections'."""

    id: str
    title: str
    level: int
    place: Place
    parent: str | None
    items: Sequence[Item] = ()


@dataclass(frozen=True)
class Activity:
    """A row of the timeline."""

    id: str
    """`row-1`, `row-2`, … in document order."""
    title: str
    owner: str
    place: Place
    start: Moment | None = None
    end: Moment | None = None
    phase: str = ""
    number: str = ""
    """What a `#` column says of the row."""
    links: Sequence[str] = ()
    """Section ids, in order."""
    items: Sequence[Item] = ()
    """Everything this row runs, in order: the linked sections' items with their subsections', less
    what an earlier row runs; or one human step."""
    files: Sequence[FileRef] = ()
    references: Sequence[str] = ()
    phrases: Sequence[str] = ()
    """Artefacts in plain words."""


@dataclass(frozen=True)
class Claim:
    """A line of objectives, evidence checklist or sign-off, and the sections it links to."""

    text: str
    place: Place
    links: Sequence[str] = ()
    files: Sequence[FileRef] = ()
    references: Sequence[str] = ()
    checked: bool = False
    """Whether it already bears a check mark."""


@dataclass(frozen=True)
class SignOff:
    role: str
    claim: Claim


@dataclass(frozen=True)
class Risk:
    id: str
    """`risk-1`, …"""
    risk: str
    impact: str
    likelihood: str
    mitigation: Claim
    place: Place
    owner: str = ""
    """The role that may bear what is left of it; the sponsor's alone where none is named."""


@dataclass(frozen=True)
class Playbook:
    file: str
    digest: str
    """SHA-256 of the document's bytes."""
    source: bytes = field(repr=False)
    title: str
    release: str
    day: date | None
    timezone: str
    vault: str | None
    """The vault's root, expanded, relative to --vault-root."""
    people: str | None
    targets: Sequence[str] = ()
    """Target files to rehearse in turn, relative to the playbook; the embedded stage when none."""
    objectives: Sequence[Claim] = ()
    activities: Sequence[Activity] = ()
    sections: Mapping[str, Section] = field(default_factory=dict)
    evidence: Sequence[Claim] = ()
    risks: Sequence[Risk] = ()
    signoffs: Sequence[SignOff] = ()
    policy: str | None = None
    """The policy that it wants to be judged by, relative to the playbook; None: the default."""

    def items(self) -> Sequence[Item]:
        """Every item that a row runs, in order."""
        return [item for activity in self.activities for item in activity.items]

    def within(self, section: str) -> Sequence[str]:
        """`section` and its subsections, in document order: what a link to it means."""
        inside = {section}
        for one in self.sections.values():
            if one.parent in inside:
                inside.add(one.id)
        return [one for one in self.sections if one in inside]

    def behind(self, links: Sequence[str]) -> Sequence[Item]:
        """The items of the sections that `links` name, with their subsections', each once."""
        names = dict.fromkeys(name for link in links for name in self.within(link))
        return [item for name in names for item in self.sections[name].items]


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """`file:line:column: level code: message`, with the source line and a suggestion."""

    level: Level
    code: str
    """Kebab-case, e.g. `unknown-drill`; documented in docs/playbook-format.md."""
    message: str
    place: Place
    source: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.level} {self.code}: {self.message}"
