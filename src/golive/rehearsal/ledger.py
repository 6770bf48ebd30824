"""The ledger for people who trust nobody: checked, proved entry by entry, and exported."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from golive.evidence import dsse, merkle, rotation, trust
from golive.evidence import ledger as ledgers
from golive.evidence.durable import VaultError, explained
from golive.evidence.keys import PublicKey, public_key
from golive.evidence.ledger import Checkpoint, Entry
from golive.evidence.strict import load_canonical, load_object
from golive.governance.risks import defused
from golive.kernel.errors import BadInput
from golive.kernel.json import Json, JsonObject
from golive.rehearsal.docket import vault_root

PROOF_TYPE = "golive-inclusion-proof"


@dataclass(frozen=True)
class Checked:
    """What was found of a ledger. `problems` are empty when all of it holds."""

    entries: Sequence[Entry]
    checkpoint: Checkpoint
    problems: Sequence[str]

    def to_json(self) -> JsonObject:
        return {
            "entries": len(self.entries),
            "root": self.checkpoint.root,
            "sha256": self.checkpoint.sha256,
            "approvals": dict(self.checkpoint.approvals),
            "problems": list(self.problems),
        }


def check(folder: Path, anchors: Sequence[PublicKey] = ()) -> Checked:
    """Chain, checkpoint, Merkle root and the signature of every entry, with the trust file signed
    by one of `anchors` where any are given. VaultError where chain or checkpoint don't hold."""
    root, _ = vault_root(folder)
    keys = _keys(root, anchors)
    entries, checkpoint = ledgers.read_proven(root, keys.current(trust.LOG_ROLE))
    problems = []
    if merkle.root(entry.line for entry in entries) != checkpoint.root:
        problems.append("the Merkle root is not the one that was signed")
    known = {one.key_id: one for one in keys.public_keys()}
    for entry in entries:
        opened = dsse.open_envelope(entry.envelope)
        named = [known[key_id] for key_id, _ in opened.signatures if key_id in known]
        if not opened.signers(named):
            problems.append(f"line {entry.seq + 1}: no valid signature by a key of the trust file")
    return Checked(entries, checkpoint, problems)


def prove(folder: Path, seq: int) -> JsonObject:
    """Entry `seq` (from 0) and everything that a stranger needs to check that the signed root
    covers it (RFC 9162 §2.1.3). BadInput when there is no such entry."""
    root, _ = vault_root(folder)
    keys = _keys(root, ())
    log_keys = keys.current(trust.LOG_ROLE)
    entries, checkpoint = ledgers.read_proven(root, log_keys)
    if not 0 <= seq < len(entries):
        raise BadInput(f"the ledger has {len(entries)} entries, from 0; there is no {seq}")
    with explained("the ledger can't be read", root):
        signed = load_object((root / "ledger" / "checkpoint").read_bytes())
    signer = dsse.open_envelope(signed).signers(log_keys)[0]
    lines = [entry.line for entry in entries]
    return {
        "type": PROOF_TYPE,
        "seq": seq,
        "size": checkpoint.size,
        "entry": base64.b64encode(lines[seq]).decode("ascii"),
        "path": list(merkle.inclusion(lines, seq)),
        "root": checkpoint.root,
        "checkpoint": signed,
        "log_key": signer.pem,
    }


def check_proof(data: bytes, key: PublicKey | None = None) -> Entry:
    """The entry that the proof in `data` shows to be in the ledger; by `key`, or by the key that
    the proof itself brings. BadInput says what doesn't hold."""
    try:
        proof = load_object(data)
        if proof.get("type") != PROOF_TYPE:
            raise ValueError("not an inclusion proof")
        known = key or public_key(str(proof["log_key"]).encode())
        payload = dsse.verify(_object(proof["checkpoint"]), [known])
        checkpoint = Checkpoint.parse(payload)
        line = base64.b64decode(str(proof["entry"]), validate=True)
        if base64.b64encode(line).decode("ascii") != proof["entry"]:
            raise ValueError("the entry is not in the one base64 spelling")
        seq, path = proof["seq"], proof["path"]
        if not isinstance(seq, int) or not isinstance(path, list):
            raise ValueError("not an inclusion proof")
        hashes = [str(one) for one in path]
        if not merkle.included(line, seq, checkpoint.size, hashes, checkpoint.root):
            raise ValueError("the path doesn't lead from the entry to the signed root")
        return ledgers.parse_line(line)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"the proof doesn't hold: {error}") from error


# -- export ----------------------------------------------------------------------------------------

_COLUMNS = (
    "seq", "type", "kind", "at", "person", "role", "decision", "conditions", "about", "until",
    "comment", "rehearsal", "seal", "seal_digest", "key", "entry_sha256",
)  # fmt: skip


def rows(entries: Sequence[Entry]) -> Iterator[dict[str, Json]]:
    """One flat record an entry, the same columns for every kind."""
    for entry in entries:
        opened = dsse.open_envelope(entry.envelope)
        said = load_canonical(opened.payload)
        conditions = said.get("conditions")
        yield {
            "seq": entry.seq,
            "type": opened.payload_type,
            "kind": said.get("kind", "sealed"),
            "at": said.get("at") or said.get("sealedAt", ""),
            "person": said.get("person", ""),
            "role": said.get("role", ""),
            "decision": said.get("say", ""),
            "conditions": "; ".join(map(str, conditions)) if isinstance(conditions, list) else "",
            "about": said.get("about", ""),
            "until": said.get("until", ""),
            "comment": said.get("comment") or said.get("reason", ""),
            "rehearsal": said.get("rehearsal", ""),
            "seal": said.get("seal", ""),
            "seal_digest": said.get("seal_digest") or said.get("digest", ""),
            "key": opened.signatures[0][0],
            "entry_sha256": ledgers.digest_of(entry.line),
        }


def to_jsonl(entries: Sequence[Entry]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows(entries))


def to_csv(entries: Sequence[Entry]) -> str:
    """RFC 4180, which a spreadsheet opens without running anything."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in rows(entries):
        writer.writerow([defused(str(one[name])) for name in _COLUMNS])
    return text.getvalue()


def _keys(root: Path, anchors: Sequence[PublicKey]) -> trust.Trust:
    try:
        data = (root / trust.FILE).read_bytes()
        opened = trust.parse(data)
        listed = trust.keys_of(opened)
        if not opened.signers(rotation.followed(listed, anchors) or listed.public_keys()):
            raise ValueError("not signed by a trusted key")
        return listed
    except (OSError, ValueError) as error:
        raise VaultError(
            f"the trust file can't be relied on: {error}", where=str(root / trust.FILE)
        ) from error


def _object(value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value
