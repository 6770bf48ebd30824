"""Reads from a vault, and from nothing else, what a verdict and a decision rest on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from golive.evidence import bag, dsse, merkle, trust
from golive.evidence import ledger as ledgers
from golive.evidence.durable import explained
from golive.evidence.keys import PublicKey
from golive.evidence.ledger import Checkpoint
from golive.evidence.strict import load_object
from golive.evidence.vault import SealedRelease, Vault, read_release
from golive.gates import facts as fact
from golive.gates.policy import Policy, parse_policy
from golive.gates.verdict import decide as judge
from golive.governance import decision as decisions
from golive.governance.acts import fingerprint
from golive.governance.bench import Bench, objection
from golive.governance.decision import Docket, Heard, Uncounted
from golive.governance.words import Word, read_event, read_word
from golive.kernel.errors import BadInput, GoliveError
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339
from golive.playbook.model import Playbook
from golive.playbook.parse import parse
from golive.playbook.people import Person, Roster
from golive.rehearsal.judging import GATE_FACTS, GATE_POLICY, PLAYBOOK, VERDICT, waiver_facts
from golive.rehearsal.noted import missing_seal

ROSTER = "golive/roster.json"
CLOCKS_APART = timedelta(minutes=5)
"""How far two machines' clocks may differ."""
_MOST = 256 << 20


class NotAsSealed(GoliveError):
    """A file of the release is not what was sealed."""

    exit_code = 1


@dataclass(frozen=True)
class Sealed:
    """One sealed release, as the gate left it."""

    release: SealedRelease
    facts: fact.GateFacts
    policy: Policy
    verdict: bytes
    roster: Roster

    @property
    def digest(self) -> str:
        return self.release.seal.digest


@dataclass(frozen=True)
class Case:
    """A rehearsal in its vault: the newest seal and the words in the ledger."""

    root: Path
    sealed: Sealed
    keys: trust.Trust
    checkpoint: Checkpoint
    docket: Docket
    at: str
    """The moment that it is judged at."""
    revoked: Mapping[str, str]
    """When each key was taken out that the ledger says was, by key id; one that has never signed
    here, and so isn't in the trust file, included."""


def open_case(folder: Path, at: str, rehearsal: str = "") -> Case:
    """The case of `rehearsal` (the newest sealed, where "") in the vault that `folder` is, or lies
    in, at the moment `at`, or (where "") at the last of the words. BadInput where there is none;
    VaultError or NotAsSealed where it isn't as it was sealed."""
    root, named = vault_root(folder)
    vault = Vault(root)
    found = vault.release(rehearsal or named or newest(vault))
    try:
        keys = trust.load(root)
    except ValueError as error:
        raise NotAsSealed(f"the trust file: {error}", where=str(root / trust.FILE)) from error
    demand_sealed(found, keys.holding(trust.SEAL_ROLE))
    sealed = read_sealed(found)
    entries, checkpoint = ledgers.read_proven(root, keys.current(trust.LOG_ROLE))
    _demand_complete(root, entries)
    heard, uncounted = _heard(entries, keys, sealed)
    at = at or max((one.word.at for one in heard), default=sealed.facts.evaluated_at)
    docket = _docket(sealed, heard, uncounted, _owners(sealed), at)
    return Case(root, sealed, keys, checkpoint, docket, at, revoked_keys(entries, keys))


def _demand_complete(root: Path, entries: Sequence[ledgers.Entry]) -> None:
    try:
        gone = missing_seal(root, entries)
    except ValueError as error:
        raise NotAsSealed(f"the ledger: {error}", where=str(root)) from error
    if gone:
        raise NotAsSealed(
            f"the ledger notes the seal {gone}, which is not there as it was sealed",
            where=str(root / "releases" / gone),
            hint="what was said over it would be lost: `golive verify` tells all of it",
        )


def read_sealed(release: SealedRelease) -> Sealed:
    """What the gate sealed. NotAsSealed when a byte of it has changed; BadInput when there is
    none (a release sealed by other means)."""
    if not any(one.path == GATE_FACTS for one in release.artefacts):
        raise BadInput(
            "this release holds no facts to judge",
            where=str(release.seal.path),
            hint="it was sealed by an older Golive, or by hand",
        )
    return Sealed(
        release=release,
        facts=fact.read_facts(sealed_bytes(release, GATE_FACTS)),
        policy=parse_policy(sealed_bytes(release, GATE_POLICY), GATE_POLICY),
        verdict=sealed_bytes(release, VERDICT),
        roster=read_roster(sealed_bytes(release, ROSTER)),
    )


def sealed_bytes(release: SealedRelease, path: str) -> bytes:
    """The artefact's bytes. NotAsSealed when they are others than those that were sealed."""
    where = f"{release.seal.path}/data/{path}"
    listed = next((one for one in release.artefacts if one.path == path), None)
    if listed is None:
        raise BadInput(f"the release holds no {path}", where=where)
    data = _read(release.file(path))
    if hashlib.sha256(data).hexdigest() != listed.sha256:
        raise NotAsSealed("not what was sealed", where=where, hint="run `golive verify`")
    return data


def demand_sealed(release: SealedRelease, keys: Sequence[PublicKey]) -> None:
    """NotAsSealed unless one of `keys` signed the seal that was read (and that covers the list of
    artefacts, which `sealed_bytes` compares with)."""
    folder = release.seal.path
    try:
        data = _read(folder / bag.SEAL)
        if hashlib.sha256(data).hexdigest() != release.seal.digest:
            raise ValueError("the seal has just been replaced")
        dsse.verify(load_object(data), keys, payload_type=bag.PAYLOAD_TYPE)
    except ValueError as error:
        raise NotAsSealed(str(error), where=str(folder), hint="run `golive verify`") from error


def _read(path: Path) -> bytes:
    """The file's bytes. NotAsSealed for more than any paper of ours has."""
    with explained("the release can't be read", path), path.open("rb") as file:
        data = file.read(_MOST + 1)
    if len(data) > _MOST:
        raise NotAsSealed("larger than anything that Golive writes", where=str(path))
    return data


def sealed_playbook(sealed: Sealed) -> Playbook:
    """The playbook as it was rehearsed. BadInput where its sealed copy doesn't parse."""
    run = sealed.facts.run
    source = sealed_bytes(sealed.release, PLAYBOOK)
    found = parse(source, run.playbook_file, rehearsal=run.rehearsal).playbook
    if found is None:
        raise BadInput("the sealed playbook doesn't parse", where=run.playbook_file)
    return replace(found, digest=run.playbook_digest)


def vault_root(folder: Path) -> tuple[Path, str]:
    """The vault that `folder` is or lies in, and the rehearsal that it names, or ""."""
    here = folder.absolute()
    if (here / bag.SEAL).is_file() and here.parent.parent.name == "releases":
        return here.parents[2], here.parent.name
    if here.parent.name == "releases":
        return here.parent.parent, here.name
    return here, ""


def newest(vault: Vault) -> str:
    """The rehearsal that was sealed last. BadInput where none was."""
    found = [
        (release.statement.sealed_at, name)
        for name in vault.rehearsals()
        for release in (vault.release(name),)
    ]
    if not found:
        raise BadInput("nothing has been sealed in it", where=str(vault.root))
    return max(found)[1]


# -- the roster ------------------------------------------------------------------------------------


def roster_json(people: Sequence[Person]) -> JsonObject:
    """The roster as it is sealed: without addresses. A reader's key is a public one: whoever adds
    evidence later keeps originals for the same readers."""
    return {
        "version": 1,
        "people": [
            {
                "id": one.id,
                "name": one.name,
                "roles": list(one.roles),
                "deputy_for": list(one.deputy_for),
                "key": one.key,
                "revoked": one.revoked,
                "reader_key": " ".join(one.reader_key.split()[:2]),
            }
            for one in people
        ],
    }


def read_roster(data: bytes) -> Roster:
    """The inverse of `roster_json`. BadInput when it isn't one."""
    try:
        people = load_object(data)["people"]
        assert isinstance(people, list)
        return Roster(tuple(_person(one) for one in people))
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise BadInput("not a sealed roster", where=ROSTER) from error


def _person(one: Json) -> Person:
    if not isinstance(one, Mapping):
        raise TypeError("not a person")
    roles, deputy = one["roles"], one["deputy_for"]
    if not isinstance(roles, list) or not isinstance(deputy, list):
        raise TypeError("not a person")
    texts = {name: str(one[name]) for name in ("id", "name", "key", "revoked")}
    return Person(
        **texts,
        email="",
        roles=[*map(str, roles)],
        deputy_for=[*map(str, deputy)],
        reader_key=str(one.get("reader_key", "")),
    )


# -- the ledger's words ----------------------------------------------------------------------------


def _heard(
    entries: Sequence[ledgers.Entry], keys: trust.Trust, sealed: Sealed
) -> tuple[list[Heard], list[Uncounted]]:
    """The words on this rehearsal, in order, and those whose key or seal doesn't hold."""
    rehearsal = sealed.facts.run.rehearsal or sealed.release.seal.rehearsal
    seals = {one.digest: one for one in _seals(sealed, keys.holding(trust.SEAL_ROLE))}
    people = {name: one.key for name, one in keys.keys.items() if one.person}
    own = [*keys.holding(trust.SEAL_ROLE), *keys.holding(trust.LOG_ROLE)]
    revoked: dict[str, str] = {}
    good: list[Heard] = []
    bad: list[Uncounted] = []
    heads = list(merkle.heads(entry.line for entry in entries))
    for entry in entries:
        try:
            event = read_event(entry.envelope, own)
            said = read_word(entry.envelope, people.values())
        except ValueError as error:
            bad.append(Uncounted(entry.seq, "", "", f"its signature doesn't hold: {error}"))
            continue
        if event is not None and event.kind == "revoked":
            revoked[event.key] = event.at
        if said is None or said[0].rehearsal != rehearsal:
            continue
        word, key = said
        why = ""
        if key.key_id in revoked:
            why = f"the key was revoked on {revoked[key.key_id]}"
        why = why or _not_theirs(word, key, keys, sealed.roster)
        why = why or _beside_the_seal(word, seals.get(word.seal_digest))
        if not why and (word.head.size, word.head.root) != (entry.seq, heads[entry.seq]):
            why = "it was said over another ledger than this: what stood before it is not the same"
        if why:
            bad.append(Uncounted(entry.seq, word.person, word.role, why))
        else:
            good.append(Heard(entry.seq, word))
    return good, bad


def revoked_keys(entries: Sequence[ledgers.Entry], keys: trust.Trust) -> Mapping[str, str]:
    """When each key was revoked, by key id, as the vault's own key says in the ledger."""
    own = [*keys.holding(trust.SEAL_ROLE), *keys.holding(trust.LOG_ROLE)]
    found: dict[str, str] = {}
    for entry in entries:
        try:
            event = read_event(entry.envelope, own)
        except ValueError:
            continue  # told as uncounted, where its words are read
        if event is not None and event.kind == "revoked":
            found.setdefault(event.key, event.at)
    return found


def sealed_rosters(root: Path) -> Iterator[Roster]:
    """The roster of each rehearsal's newest seal. NotAsSealed where one was changed."""
    vault = Vault(root)
    for name in vault.rehearsals():
        found = vault.release(name)
        if any(one.path == ROSTER for one in found.artefacts):
            yield read_roster(sealed_bytes(found, ROSTER))


def _not_theirs(word: Word, key: PublicKey, keys: trust.Trust, roster: Roster) -> str:
    """Why `key` can't speak for the person of `word`, or "". The trust file is the keeper's word;
    the roster was sealed with the evidence, and where it has a key for somebody, none other is
    theirs."""
    enrolled = keys.keys[key.key_id]
    if enrolled.person != word.person:
        return f"signed with the key of {enrolled.person}"
    if parse_rfc3339(word.at) < parse_rfc3339(enrolled.since) - CLOCKS_APART:
        return f"it is dated before its key was enrolled ({enrolled.since})"
    known = roster.person(word.person)
    if known is not None and known.key and known.key != fingerprint(key):
        return f"signed with another key than the sealed roster has for {word.person}"
    if known is not None and known.revoked:
        return f"the sealed roster has the key of {word.person} as revoked on {known.revoked}"
    return ""


def _beside_the_seal(word: Word, over: Sealed | None) -> str:
    """Why `word` isn't about the seal that it names, or ""."""
    if over is None:
        return "it names a seal that this vault doesn't hold"
    if word.kind == "decision" and word.scope != _scope(over, word.role):
        return "it names other evidence than that seal holds"
    if word.policy_digest != over.policy.digest:
        return "it names another policy than that seal was judged by"
    return ""


def _seals(newest_one: Sealed, keys: Sequence[PublicKey]) -> Iterator[Sealed]:
    seal = newest_one.release.seal
    yield newest_one
    for number in range(1, seal.number):
        folder = seal.path.with_name(str(number))
        if (folder / bag.SEAL).is_file():
            found = read_release(folder)
            demand_sealed(found, keys)
            yield read_sealed(found)


def _scope(sealed: Sealed, role: str) -> str:
    return next((one.digest for one in sealed.facts.seats if one.role == role), "")


def _docket(
    sealed: Sealed,
    heard: Sequence[Heard],
    uncounted: Sequence[Uncounted],
    owners: Mapping[str, str],
    at: str,
) -> Docket:
    seal = sealed.release.seal
    bench = Bench(sealed.facts.seats, sealed.roster, owners)
    good = [one for one in heard if not objection(one.word, bench)]
    return Docket(
        rehearsal=seal.rehearsal,
        seal=seal.number,
        digest=seal.digest,
        judgement=judge(with_words(sealed.facts, good, at), sealed.policy),
        seats=sealed.facts.seats,
        roster=sealed.roster,
        words=heard,
        uncounted=uncounted,
        owners=owners,
    )


def _owners(sealed: Sealed) -> Mapping[str, str]:
    """The roles that own the risks, by the sealed playbook."""
    if not sealed.facts.risks:
        return {}
    return {one.id: one.owner for one in sealed_playbook(sealed).risks if one.owner}


def with_words(facts: fact.GateFacts, words: Sequence[Heard], at: str) -> fact.GateFacts:
    """The facts at the moment `at`, with the waivers and acceptances among `words` that last."""
    said = decisions.in_force(words, at)
    accepted = {one.about: one for one in said["acceptance"]}
    risks = [
        one.model_copy(
            update={
                "accepted_by": accepted[one.id].person,
                "accepted_until": accepted[one.id].until,
            }
        )
        if one.id in accepted
        else one
        for one in facts.risks
    ]
    return facts.model_copy(
        update={"evaluated_at": at, "waivers": waiver_facts(said["waiver"]), "risks": tuple(risks)}
    )
