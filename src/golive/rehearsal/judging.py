"""Judges what is about to be sealed, from the very bytes that will be sealed.

Four papers come of it: the facts that the rules spoke about, the policy, the verdict, and the
verdict as an attestation. Facts and policy are all that a replay needs (`decide.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from golive import __version__
from golive.drillkit.records import ItemRecord
from golive.evidence import dsse
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.objects import ObjectStore
from golive.evidence.strict import dump
from golive.gates import facts as fact
from golive.gates import vsa
from golive.gates.gather import OWN, Facts, gather, mentions
from golive.gates.policy import Policy
from golive.gates.verdict import Judgement, decide
from golive.governance.risks import Entry
from golive.governance.words import Word
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject
from golive.playbook.model import Playbook

GATE_FACTS = "golive/gate/facts.json"
GATE_POLICY = "golive/gate/policy"
GATE_VSA = "golive/gate/verdict.vsa.json"
VERDICT = "golive/verdict.json"
RECORDS = "golive/facts.json"
PLAYBOOK = "golive/playbook.md"

JUDGED_LATER = frozenset({GATE_FACTS, GATE_POLICY, GATE_VSA, VERDICT})
"""Papers that no fact can speak of, since they are made from the facts."""

_TEXTS = ("text/", "application/json", "application/x-ndjson", "application/jsonl",
          "application/xml", "application/yaml")  # fmt: skip
_MOST = 8 << 20


@dataclass(frozen=True)
class Judged:
    judgement: Judgement
    papers: Sequence[Artefact]


def judge(
    playbook: Playbook,
    facts: Facts,
    policy: Policy,
    objects: ObjectStore,
    key: SigningKey,
) -> Judged:
    """The judgement and its papers, kept in `objects`. Nothing in `facts` may need redaction."""
    searched = _Searching(objects, facts.artefacts)
    gathered = gather(playbook, replace(facts, bears=searched.bears))
    judgement = decide(gathered, policy)
    statement = vsa.statement(judgement, facts.rehearsal, __version__)
    envelope = dump(dsse.sign(vsa.PAYLOAD_TYPE, statement, key)) + b"\n"
    at = gathered.evaluated_at
    papers = [
        paper(objects, GATE_FACTS, gathered.to_bytes(), at),
        paper(objects, GATE_POLICY, policy.source, at, "text/plain"),
        paper(objects, VERDICT, verdict_bytes(judgement), at),
        paper(objects, GATE_VSA, envelope, at),
    ]
    return Judged(judgement, papers)


def verdict_bytes(judgement: Judgement) -> bytes:
    """The verdict as it is sealed: the same judgement gives the same bytes."""
    return (json.dumps(judgement.to_json(), indent=2, ensure_ascii=False) + "\n").encode()


def paper(
    objects: ObjectStore, path: str, content: bytes, at: str, media: str = "application/json"
) -> Artefact:
    """One of Golive's own papers, kept as it is."""
    kept = objects.put(content)
    return Artefact(path, kept.sha256, kept.size, media, OWN, at, Fidelity.LOCAL)


def records_json(facts: Facts) -> JsonObject:
    """What the run left, item by item, as it is sealed."""
    return {
        "practice": facts.practice,
        "called_off": facts.called_off,
        "items": {item: record.to_json() for item, record in facts.items.items()},
    }


def records_of(data: JsonObject) -> Mapping[str, ItemRecord]:
    """The inverse of `records_json`. KeyError, TypeError or ValueError when it isn't one."""
    items = data["items"]
    if not isinstance(items, Mapping):
        raise TypeError("items is not an object")
    return {
        name: ItemRecord.from_json(record)
        for name, record in items.items()
        if isinstance(record, Mapping)
    }


def risk_facts(entries: Sequence[Entry]) -> Iterator[fact.Risk]:
    """The register's entries as the gate sees them."""
    for one in entries:
        yield fact.Risk(
            seq=0,
            line=one.risk.place.line,
            id=one.risk.id,
            risk=one.risk.risk,
            likelihood=one.risk.likelihood,
            impact=one.risk.impact,
            state=one.state.value,
            residual=one.residual,
            accepted_by=one.acceptance.person if one.acceptance else "",
            accepted_until=one.acceptance.until if one.acceptance else "",
        )


def waiver_facts(words: Sequence[Word]) -> tuple[fact.Waiver, ...]:
    """Waivers as the gate sees them."""
    return tuple(
        fact.Waiver(
            seq=0,
            line=1,
            what=one.about,
            person=one.person,
            role=one.role,
            reason=one.comment,
            until=one.until,
        )
        for one in words
    )


@dataclass(frozen=True)
class _Searching:
    """Where the evidence speaks of a case, in names first, then in texts."""

    objects: ObjectStore
    artefacts: Sequence[Artefact]

    def bears(self, name: str) -> str:
        told = mentions(name)
        evidence = sorted(
            (one for one in self.artefacts if one.producer != OWN), key=lambda one: one.path
        )
        searches: Sequence[Callable[[Artefact], bool]] = (
            lambda one: told.search(one.path) is not None,
            lambda one: self._readable(one) and told.search(self._text(one)) is not None,
        )
        for search in searches:
            for one in evidence:
                if search(one):
                    return one.path
        return ""

    def _readable(self, one: Artefact) -> bool:
        return one.size <= _MOST and one.media_type.startswith(_TEXTS)

    def _text(self, one: Artefact) -> str:
        with self.objects.open(one.sha256) as file:
            return file.read().decode("utf-8", "replace")
