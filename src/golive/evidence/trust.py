"""`trust/roles.json`: which key speaks for whom, and as what.

A DSSE envelope around `{"version": 1, "keys": {<key id>: {person, roles, from, until, pem}}}`. It
says what the vault's own writer claims: a reader believes it as far as the key that signed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from golive.evidence import dsse
from golive.evidence.durable import write_whole
from golive.evidence.keys import PublicKey, SigningKey, public_key
from golive.evidence.strict import dump, load_canonical, load_line
from golive.kernel.json import Json, JsonObject

PAYLOAD_TYPE = "application/vnd.golive.trust+json"
FILE = "trust/roles.json"

SEAL_ROLE = "golive:seal"
LOG_ROLE = "golive:log"


@dataclass(frozen=True)
class TrustedKey:
    """One enrolled key. `person` is empty for the vault's own keys."""

    key: PublicKey
    roles: Sequence[str]
    since: str
    """RFC 3339, UTC."""
    until: str = ""
    """Empty: still valid."""
    person: str = ""

    def record(self) -> JsonObject:
        return {
            "person": self.person,
            "roles": sorted(self.roles),
            "from": self.since,
            "until": self.until,
            "pem": self.key.pem,
        }


@dataclass(frozen=True)
class Trust:
    """The keys of one vault by key id."""

    keys: Mapping[str, TrustedKey] = field(default_factory=dict)
    rotations: Sequence[JsonObject] = ()
    """Envelopes in which a key names the one after it (`rotation.py`), oldest first."""

    def with_key(self, added: TrustedKey) -> Trust:
        """This and `added`; roles of a key that is there already are joined."""
        old = self.keys.get(added.key.key_id)
        if old is not None:
            roles = sorted({*old.roles, *added.roles})
            added = TrustedKey(old.key, roles, old.since, added.until, added.person or old.person)
        return Trust({**self.keys, added.key.key_id: added}, self.rotations)

    def holding(self, role: str) -> Sequence[PublicKey]:
        """Every key that was ever enrolled with `role`."""
        return [one.key for one in self.keys.values() if role in one.roles]

    def current(self, role: str) -> Sequence[PublicKey]:
        """Those that hold `role` still."""
        return [one.key for one in self.keys.values() if role in one.roles and not one.until]

    def retired(self) -> Mapping[str, str]:
        """When each key that no longer speaks for anybody ceased to, by key id."""
        return {name: one.until for name, one in self.keys.items() if one.until}

    def public_keys(self) -> Sequence[PublicKey]:
        return [one.key for one in self.keys.values()]

    def envelope(self, key: SigningKey) -> bytes:
        """The file's bytes, signed by `key`."""
        records: dict[str, Json] = {name: one.record() for name, one in self.keys.items()}
        content: dict[str, Json] = {"version": 1, "keys": records}
        if self.rotations:
            content["rotations"] = list(self.rotations)
        payload = dump(content)
        return dump(dsse.sign(PAYLOAD_TYPE, payload, key)) + b"\n"

    def save(self, root: Path, key: SigningKey) -> None:
        """Write `trust/roles.json` whole; durable with the next sync. OSError when it can't be."""
        path = root / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self.envelope(key))


def load(root: Path, *, ours: Sequence[PublicKey] = ()) -> Trust:
    """The trust file of the vault at `root`, signed by one of `ours` (by one of its own keys where
    none is given); an empty Trust when there is none. ValueError when it is malformed or its
    signature is wrong.

    Who is going to sign it again gives `ours`: a list that somebody else laid there and signed with
    a key of their own would be given our word.
    """
    try:
        data = (root / FILE).read_bytes()
    except FileNotFoundError:
        return Trust()
    opened = parse(data)
    trust = keys_of(opened)
    if not opened.signers(ours or trust.public_keys()):
        whose = "by us" if ours else "by a key that it lists"
        raise ValueError(f"{FILE} is not signed {whose}")
    return trust


def parse(data: bytes) -> dsse.Opened:
    """The envelope in the file's bytes, proven by nobody yet. ValueError when malformed."""
    opened = dsse.open_envelope(load_line(data))
    if opened.payload_type != PAYLOAD_TYPE:
        raise ValueError("not a trust file")
    return opened


def keys_of(opened: dsse.Opened) -> Trust:
    """What the envelope lists. ValueError when a key doesn't have the id it is listed under."""
    payload = load_canonical(opened.payload)
    listed = payload.get("keys")
    if payload.get("version") != 1 or not isinstance(listed, Mapping):
        raise ValueError("not a trust file of version 1")
    found = {name: _trusted(record) for name, record in listed.items()}
    wrong = [name for name, one in found.items() if one.key.key_id != name]
    if wrong:
        raise ValueError(f"key {wrong[0]} is not the key it is listed as")
    rotations = payload.get("rotations", [])
    if not isinstance(rotations, list) or not all(isinstance(one, Mapping) for one in rotations):
        raise ValueError("rotations are no list of envelopes")
    return Trust(found, [one for one in rotations if isinstance(one, Mapping)])


def _trusted(record: Json) -> TrustedKey:
    if not isinstance(record, Mapping):
        raise ValueError("a key's record is not an object")
    texts = {name: record.get(name) for name in ("person", "from", "until", "pem")}
    roles = record.get("roles")
    if not all(isinstance(text, str) for text in texts.values()) or not _are_texts(roles):
        raise ValueError("a key's record lacks person, roles, from, until or pem")
    assert isinstance(roles, Iterable)
    return TrustedKey(
        key=public_key(str(texts["pem"]).encode()),
        roles=[str(role) for role in roles],
        since=str(texts["from"]),
        until=str(texts["until"]),
        person=str(texts["person"]),
    )


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
