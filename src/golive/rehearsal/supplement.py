"""Evidence that comes after the seal: a person adds it, it is judged anew and sealed anew.

The seal before stays as it is. What was signed over evidence that has not changed stays good; the
rest is stale (`governance/decision.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from golive.drillkit.records import Act, ItemRecord, Outcome
from golive.evidence import bag
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.locks import exclusively
from golive.evidence.release import Release, Seal
from golive.evidence.strict import load_object
from golive.evidence.vault import Vault
from golive.gates.gather import OWN, Facts
from golive.gates.verdict import Judgement
from golive.governance import acts, risks
from golive.governance.eyes import needs_eyes
from golive.kernel.errors import BadInput
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.playbook.model import DrillBlock, HumanKind, Item, Playbook
from golive.playbook.people import Roster
from golive.ports.clock import Clock
from golive.rehearsal import judging
from golive.rehearsal.act import demand_evidence
from golive.rehearsal.asking import admit, request_for
from golive.rehearsal.docket import (
    Case,
    open_case,
    sealed_bytes,
    sealed_playbook,
    vault_root,
)
from golive.rehearsal.keeping import Keeper
from golive.rehearsal.register import acceptances, words_in_force
from golive.rehearsal.sealing import RISK_LOG, tags
from golive.rehearsal.sign import demand_intact

REDACTIONS = "golive/redactions.json"
ORIGINALS = "golive/originals.json"
PERSONAL = "golive/personal-data.json"
RISKS = "golive/risks.json"


@dataclass(frozen=True)
class Addition:
    """What a person adds to an item: files, or (for a step to confirm) their word."""

    person: str
    item: str
    comment: str
    files: Sequence[tuple[Path, str]] = ()
    """Pairs of file and media type."""
    voucher: str = ""
    """Who has looked at files that only eyes can judge, and says that they hold no personal data;
    somebody else than `person`."""


@dataclass(frozen=True)
class _Hands:
    """The keys that prove who says it, and what keeps what they bring."""

    key: SigningKey
    voucher_key: SigningKey | None
    keeper: Keeper


@dataclass(frozen=True)
class Supplemented:
    seal: Seal
    judgement: Judgement
    files: Sequence[Artefact]


def supplement(
    folder: Path,
    addition: Addition,
    key: SigningKey,
    keeper: Keeper,
    clock: Clock,
    *,
    seal_key: SigningKey,
    voucher_key: SigningKey | None = None,
) -> Supplemented:
    """Add to the newest seal and seal again. BadInput says why it may not be; then nothing was
    sealed. `keeper` stores into this vault, after redaction."""
    at = rfc3339(clock.now())
    demand_intact(vault_root(folder)[0], seal_key)
    case = open_case(folder, at)
    before = case.sealed.release.seal
    with exclusively(before.path / bag.SEAL):
        if open_case(folder, at).sealed.digest != before.digest:
            raise BadInput("somebody else has just sealed anew", hint="look at it, then try again")
        hands = _Hands(key, voucher_key, keeper)
        return _supplement(case, addition, hands, at, seal_key)


def _supplement(
    case: Case,
    addition: Addition,
    hands: _Hands,
    at: str,
    seal_key: SigningKey,
) -> Supplemented:
    release = case.sealed.release
    playbook = sealed_playbook(case.sealed)
    kept = load_object(sealed_bytes(release, judging.RECORDS))
    records = dict(judging.records_of(kept))
    item = _item(playbook, addition.item)
    said, files = _acts(case, playbook, item, addition, hands, at)
    records[item.id] = _added(item, records.get(item.id), said, files, _roster(case))
    run = case.sealed.facts.run
    facts = Facts(
        practice=case.sealed.facts.practice,
        items=records,
        artefacts=(),
        called_off=run.called_off,
        evaluated_at=at,
        rehearsal=run.rehearsal,
        begun=run.begun,
        target=run.target,
    )
    return _seal(case, playbook, facts, files, hands.keeper, seal_key)


def _seal(
    case: Case,
    playbook: Playbook,
    facts: Facts,
    files: Sequence[Artefact],
    keeper: Keeper,
    seal_key: SigningKey,
) -> Supplemented:
    vault, release = Vault(case.root), case.sealed.release
    said = words_in_force(case, facts.evaluated_at)
    register = risks.register(playbook, facts.items, acceptances(said["acceptance"]))
    papers = {one.path: one for one in _papers(case, facts, register, keeper)}
    artefacts = {one.path: one for one in release.artefacts if one.path not in judging.JUDGED_LATER}
    artefacts |= papers | {one.path: one for one in files}
    looked_at = [one for one in artefacts.values() if one.path != PERSONAL]
    people = [one.name for one in case.sealed.roster.people]
    artefacts[PERSONAL] = _paper(keeper, PERSONAL, keeper.second_look(looked_at, people))
    judged = judging.judge(
        playbook,
        replace(
            facts,
            artefacts=list(artefacts.values()),
            risks=list(judging.risk_facts(register)),
            waivers=judging.waiver_facts(said["waiver"]),
        ),
        case.sealed.policy,
        vault.objects,
        seal_key,
    )
    seal = vault.seal(
        Release(
            rehearsal=release.seal.rehearsal,
            artefacts=[*artefacts.values(), *judged.papers],
            tags=tags(playbook, judged.judgement, facts.target),
        ),
        seal_key,
    )
    return Supplemented(seal, judged.judgement, files)


def _papers(
    case: Case, facts: Facts, register: Sequence[risks.Entry], keeper: Keeper
) -> Sequence[Artefact]:
    """Golive's papers that say something else now. A risk log that people kept stays theirs."""
    papers = [_paper(keeper, judging.RECORDS, judging.records_json(facts))]
    if register:
        papers.append(_paper(keeper, RISKS, risks.to_json(register)))
        own = [one for one in case.sealed.release.artefacts if one.path == RISK_LOG]
        if all(one.producer == OWN for one in own):
            papers.append(
                keeper.artefact(
                    RISK_LOG,
                    risks.to_csv(register),
                    "text/csv",
                    producer=OWN,
                    fidelity=Fidelity.LOCAL,
                )
            )
    earlier = load_object(sealed_bytes(case.sealed.release, REDACTIONS))
    told = {
        "redactions": [*_listed(earlier, "redactions"), *keeper.redactions()],
        "unsearched": [*_listed(earlier, "unsearched"), *keeper.unsearched()],
    }
    return [*papers, _paper(keeper, REDACTIONS, told), *_originals(case, keeper)]


def _originals(case: Case, keeper: Keeper) -> Sequence[Artefact]:
    """What is known of the tables that are kept under pseudonyms, those sealed before included."""
    told, kept = keeper.originals()
    if not told:
        return []
    sealed = any(one.path == ORIGINALS for one in case.sealed.release.artefacts)
    earlier = load_object(sealed_bytes(case.sealed.release, ORIGINALS)) if sealed else {}
    every = [*_listed(earlier, "originals"), *told]
    return [*kept, _paper(keeper, ORIGINALS, {"originals": every})]


def _listed(paper: JsonObject, name: str) -> Sequence[Json]:
    found = paper.get(name)
    return found if isinstance(found, list) else []


def _paper(keeper: Keeper, path: str, content: JsonObject) -> Artefact:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return keeper.artefact(path, text, "application/json", producer=OWN, fidelity=Fidelity.LOCAL)


# -- the person's part -----------------------------------------------------------------------------


def _item(playbook: Playbook, name: str) -> Item:
    for one in playbook.items():
        if one.id == name:
            return one
    raise BadInput(
        f"the playbook has no item {name!r}",
        hint=f"it has: {', '.join(one.id for one in playbook.items())}",
    )


def _acts(
    case: Case,
    playbook: Playbook,
    item: Item,
    addition: Addition,
    hands: _Hands,
    at: str,
) -> tuple[Sequence[Act], Sequence[Artefact]]:
    """The person's act, proved by their key, the words for what only eyes can judge, and the files.
    All of it is judged before a file is kept."""
    roster = _roster(case)
    run = case.sealed.facts.run.rehearsal
    action = "attach" if addition.files else "confirm"
    statement = acts.Statement(run, item.id, action, addition.person, addition.comment, at)
    acts.read(acts.sign(statement, hands.key), roster, run)
    role = _admitted(playbook, item, statement, roster)
    for file, _ in addition.files:
        demand_evidence(file)
    looked_at = [file for file, _ in addition.files if _for_eyes(file)]
    if looked_at:
        _demand_second(addition, hands, looked_at[0], roster, run, at)
    files = [
        hands.keeper.upload(
            _path(item, file, addition), file, media, person=addition.person, item=item.id
        )
        for file, media in addition.files
    ]
    statement = replace(statement, files=files)
    given = [statement.act(role, acts.sign(statement, hands.key))]
    for (file, _), kept in zip(addition.files, files, strict=True):
        if file in looked_at and hands.voucher_key:
            word = _word(addition, run, at, kept.sha256)
            voucher = roster.person(addition.voucher)
            said_as = voucher.roles[0] if voucher else ""
            given.append(word.act(said_as, acts.sign(word, hands.voucher_key)))
    return given, files


def _demand_second(
    addition: Addition, hands: _Hands, file: Path, roster: Roster, run: str, at: str
) -> None:
    """ActRefused unless somebody else, by their own key, says that the files show nobody."""
    if not addition.voucher or hands.voucher_key is None:
        raise acts.ActRefused(
            "only eyes can tell whose data is in this file",
            where=str(file),
            hint="a second person looks at it and says so: --vouched-by PERSON",
        )
    if addition.voucher == addition.person:
        raise acts.ActRefused(f"{addition.person} brings it, so somebody else looks at it")
    acts.read(acts.sign(_word(addition, run, at, "0" * 64), hands.voucher_key), roster, run)


def _word(addition: Addition, run: str, at: str, digest: str) -> acts.Statement:
    comment = "it holds no personal data"
    return acts.Statement(run, addition.item, "vouch", addition.voucher, comment, at, digest)


def _for_eyes(file: Path) -> bool:
    with file.open("rb") as source:
        return needs_eyes(source)


def _admitted(playbook: Playbook, item: Item, statement: acts.Statement, roster: Roster) -> str:
    """The role in which the person may do this."""
    person = roster.person(statement.person)
    assert person is not None  # `acts.read` has found them
    owner = next(row.owner for row in playbook.activities if item in row.items)
    if isinstance(item, DrillBlock):
        if statement.action != "attach":
            raise BadInput(f"{item.id} is a drill: only files can be added to it")
        if not roster.may_act(person.id, owner):
            raise acts.ActRefused(f"{person.id} doesn't hold the role {owner}")
        return owner
    return admit(request_for(item, roster.roles()), statement, person, roster)


def _roster(case: Case) -> Roster:
    """The sealed roster, with the keys that were enrolled since."""
    since = {
        one.person: acts.fingerprint(one.key)
        for one in case.keys.keys.values()
        if one.person and not one.until
    }
    gone = {one.person: one.until for one in case.keys.keys.values() if one.until}
    gone |= {
        one.id: at
        for one in case.sealed.roster.people
        for key, at in case.revoked.items()
        if one.key == f"SHA256:{key}"
    }
    return Roster(
        tuple(
            replace(
                one,
                key=one.key or since.get(one.id, ""),
                revoked=one.revoked or gone.get(one.id, ""),
            )
            for one in case.sealed.roster.people
        )
    )


def _path(item: Item, file: Path, addition: Addition) -> str:
    """The one path that the step asks for, where it is one file of that kind; else beside it."""
    wanted = () if isinstance(item, DrillBlock) else item.files
    fitting = [path for path in wanted if Path(path).suffix == file.suffix]
    if len(addition.files) == 1 and len(fitting) == 1:
        return fitting[0]
    return f"attachments/{item.id}/{file.name}"


def _added(
    item: Item,
    record: ItemRecord | None,
    said: Sequence[Act],
    files: Sequence[Artefact],
    roster: Roster,
) -> ItemRecord:
    """The item's record with the acts. A drill's outcome stays what it was."""
    at = said[0].at
    old = record or ItemRecord(item.id, Outcome.OPEN, at, at)
    given = [*old.acts, *said]
    return replace(
        old,
        outcome=Outcome.PASSED if _done(item, given, roster) else old.outcome,
        ended=at,
        acts=given,
        artefacts=[*old.artefacts, *files],
    )


def _done(item: Item, given: Sequence[Act], roster: Roster) -> bool:
    """Whether a human step is done by these acts, as the desk of a run would have it."""
    if isinstance(item, DrillBlock):
        return False
    answers = ("attach", "confirm") if item.kind is HumanKind.UPLOAD else ("confirm",)
    persons = [act.person for act in given if act.action in answers]
    request = request_for(item, roster.roles())
    if not request.everyone:
        return bool(persons)
    return all(any(roster.may_act(one, role) for one in persons) for role in request.roles)
