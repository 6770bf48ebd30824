"""What the gate's rules speak about: one flat document, sealed as `golive/gate/facts.json`.

Everything a rule may name stands here, with the line of the playbook that asks for it, so that a
verdict can be replayed from this document and a policy alone. The moment of evaluation is one of
the facts: a waiver that runs out can't change what was sealed.

`seq` is the order of the playbook; reasons are told in it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from golive.evidence.strict import dump, load_canonical
from golive.kernel.errors import BadInput

RANKS = {"simulated": 0, "local": 1, "live": 2, "manual": 2}
"""How real: a floor lets through what ranks no lower. A person's word ranks with the live system,
since nothing stands in for it."""


class Fact(BaseModel):
    """Unknown keys are errors and values don't change kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Placed(Fact):
    """A fact about a line of the playbook."""

    seq: int
    line: int
    owner: str = ""
    """The role that answers for it."""
    item: str = ""
    """The item's id, or ""."""


class Run(Fact):
    rehearsal: str
    begun: str
    target: str
    called_off: str
    """Who called the run off and why, or ""."""
    playbook_file: str
    playbook_digest: str
    release: str
    title: str


class Drill(Placed):
    drill: str
    outcome: str
    """An outcome, or "" for a drill that was never begun."""
    ran: bool
    attempt: int
    checks: int
    note: str
    why: str
    """": <note>", or ""."""
    refused: str
    """" by <person>: <comment>", or ""."""


class Step(Placed):
    drill: str
    step: str
    outcome: str
    error: str


class Check(Placed):
    drill: str
    step: str
    check: str
    claim: str
    verdict: str
    expected: str
    measured: str
    """Both as people read them, with the unit."""
    number: float | None
    """What was measured, where it is a number."""
    detail: str
    """" (<detail>)", or ""."""
    loosened_from: str
    """The built-in limit that the playbook loosens, or ""."""


class Given(Fact):
    """One approval."""

    person: str
    role: str
    at: str


class Approval(Placed):
    """A barrier behind a drill."""

    drill: str
    by: tuple[str, ...]
    persons: int
    """How many are demanded."""
    given: int
    """How many distinct persons approved."""
    acts: tuple[Given, ...]
    asked_at: str
    """When the drill's last step ended, or ""."""
    within_seconds: float
    """The limit, or 0 where there is none."""
    seconds: float
    """From the end of the drill's last step to the last approval; 0 before there is one."""


class Task(Placed):
    """A human item."""

    text: str
    kind: str
    outcome: str
    state: str
    """The same for people: `done`, `skipped` or `not done`."""
    comment: str
    persons: tuple[str, ...]


class File(Placed):
    """A file that the playbook asks for."""

    path: str
    human: bool
    """Whether a person may bring it."""
    present: bool


class Reference(Placed):
    """A name in backticks that is no file: a case, a run, a ticket."""

    name: str
    human: bool
    borne_by: str
    """The artefact whose name or text bears it, or ""."""


class Risk(Placed):
    id: str
    risk: str
    likelihood: str
    impact: str
    state: str
    residual: str
    accepted_by: str
    accepted_until: str
    """RFC 3339, or "" where nobody accepted it."""


class Waiver(Placed):
    """A named person's word that something may be missing for a while."""

    what: str
    """A rule, an item, or `rule:item`."""
    person: str
    role: str
    reason: str
    until: str


class Paper(Fact):
    """An artefact."""

    path: str
    sha256: str
    size: int
    media_type: str
    producer: str
    captured_at: str
    fidelity: str
    rank: int
    control: str
    own: bool
    """Whether Golive itself wrote it, about the run."""


class Seat(Placed):
    """A line of the sign-off list."""

    role: str
    text: str
    items: tuple[str, ...]
    whole: bool
    """Links to no section: decides on everything."""
    digest: str
    """Of the evidence in its scope. A signature over another digest is stale."""


class GateFacts(Fact):
    """The document. Times are RFC 3339, UTC."""

    version: Literal[1] = 1
    evaluated_at: str = Field(min_length=1)
    practice: bool
    run: Run
    drills: tuple[Drill, ...]
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    approvals: tuple[Approval, ...]
    tasks: tuple[Task, ...]
    files: tuple[File, ...]
    references: tuple[Reference, ...]
    risks: tuple[Risk, ...]
    waivers: tuple[Waiver, ...]
    artefacts: tuple[Paper, ...]
    seats: tuple[Seat, ...]
    ranks: dict[str, int] = Field(default_factory=lambda: dict(RANKS))

    def to_bytes(self) -> bytes:
        """RFC 8785 bytes: what is sealed."""
        return dump(self.model_dump(mode="json"))


def read_facts(data: bytes, where: str = "golive/gate/facts.json") -> GateFacts:
    """The facts in `data`. BadInput when they aren't canonical or don't fit the schema."""
    try:
        load_canonical(data)
        return GateFacts.model_validate_json(data)
    except ValueError as error:
        raise BadInput(f"these are not a gate's facts: {_first(error)}", where=where) from error


def _first(error: ValueError) -> str:
    return " ".join(str(error).split())[:300]
