"""What somebody who can write a vault may do to it, each with who must notice.

The columns are those of the matrix in `docs/vault.md`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence_world.making import Made, overwrite
from golive.evidence import bag, dsse
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import Ledger
from golive.evidence.release import Release
from golive.evidence.strict import load_object
from golive.evidence.vault import Vault
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import canonical

PAYLOAD = "data/golive/playbook.md"


@dataclass(frozen=True)
class Attack:
    """`do` changes the release in the folder it is given."""

    name: str
    do: Callable[[Path], None]
    names: str
    """What both of our verifiers must name."""
    sha256sum: bool
    """Whether `sha256sum -c` over both manifests notices."""
    bagit: bool
    """Whether `bagit.py --validate` notices."""
    needs_key: bool = False
    """Whether ours notice only when given the real key."""


def edit(release: Path) -> None:
    overwrite(release / PAYLOAD, b"# Plaxbook\n")


def delete(release: Path) -> None:
    (release / PAYLOAD).unlink()


def rename(release: Path) -> None:
    (release / PAYLOAD).rename(release / "data/golive/playbook2.md")


def add_payload(release: Path) -> None:
    (release / "data/golive/extra.md").write_text("never captured\n")


def add_tag(release: Path) -> None:
    (release / "metadata/extra.json").write_text("{}")


def link_outside(release: Path) -> None:
    outside = release.parent.parent.parent.parent / "outside.md"
    outside.write_bytes((release / PAYLOAD).read_bytes())
    (release / PAYLOAD).unlink()
    (release / PAYLOAD).symlink_to(outside)


def drop_tag_manifest(release: Path) -> None:
    (release / "tagmanifest-sha256.txt").unlink()
    info = release / "bag-info.txt"
    overwrite(info, info.read_bytes().replace(b"ready", b"reedy"))


def rewrite_hashes(release: Path) -> None:
    """A consistent bag around other evidence, with the old signature."""
    edit(release)
    data = (release / PAYLOAD).read_bytes()
    listed = load_object((release / bag.ARTEFACTS).read_bytes())
    records = [
        {**record, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}  # type: ignore[dict-item]
        if record["path"] == PAYLOAD[5:]  # type: ignore[index,call-overload]
        else record
        for record in listed["artifacts"]  # type: ignore[union-attr]
    ]
    overwrite(release / bag.ARTEFACTS, canonical({**listed, "artifacts": records}))
    rehash(release, "manifest-sha256.txt")
    rehash(release, "tagmanifest-sha256.txt")


def rehash(release: Path, manifest: str) -> None:
    """Make the manifest say what lies there."""
    lines = []
    for line in (release / manifest).read_text().splitlines():
        path = line[66:]
        lines.append(f"{hashlib.sha256((release / path).read_bytes()).hexdigest()}  {path}\n")
    overwrite(release / manifest, "".join(lines).encode())


def sign_again(release: Path) -> None:
    """The whole chain redone, from the bytes to a valid signature: by another key."""
    attacker = SigningKey.generate()
    overwrite(release / bag.SEAL_KEY, attacker.public.pem.encode())
    rewrite_hashes(release)
    old = dsse.open_envelope(load_object((release / bag.SEAL).read_bytes()))
    statement = json.loads(old.payload)
    digest = hashlib.sha256((release / bag.TAG_MANIFEST).read_bytes()).hexdigest()
    statement["subject"][0]["digest"]["sha256"] = digest
    envelope = dsse.sign(bag.PAYLOAD_TYPE, canonical(statement), attacker)
    overwrite(release / bag.SEAL, canonical(envelope))


def replace_script(release: Path) -> None:
    overwrite(release / "verify.sh", b"#!/bin/sh\necho intact\n")


def drop_seal(release: Path) -> None:
    (release / bag.SEAL).unlink()


def fifo(release: Path) -> None:
    (release / PAYLOAD).unlink()
    os.mkfifo(release / PAYLOAD)


def link_folder(release: Path) -> None:
    moved = release.parent.parent.parent.parent / "moved"
    (release / "data/golive").rename(moved)
    (release / "data/golive").symlink_to(moved, target_is_directory=True)


def climb(release: Path) -> None:
    """A manifest that names a file outside."""
    secret = release.parent / "outside.txt"
    secret.write_text("x")
    line = f"{hashlib.sha256(b'x').hexdigest()}  data/../../outside.txt\n"
    manifest = release / "manifest-sha256.txt"
    overwrite(manifest, manifest.read_bytes() + line.encode())
    secret.unlink()


def list_twice(release: Path) -> None:
    manifest = release / "manifest-sha256.txt"
    overwrite(manifest, manifest.read_bytes() * 2)
    rehash(release, "tagmanifest-sha256.txt")


def duplicate_key(release: Path) -> None:
    sealed = (release / bag.SEAL).read_bytes()
    overwrite(release / bag.SEAL, b'{"payloadType":"x",' + sealed[1:])


def swap_payloads(release: Path) -> None:
    """Two files under each other's names, and lists to suit."""
    one, other = release / PAYLOAD, release / "data/ci/smoke report.html"
    first, second = one.read_bytes(), other.read_bytes()
    overwrite(one, second)
    overwrite(other, first)
    rehash(release, "manifest-sha256.txt")
    rehash(release, "tagmanifest-sha256.txt")


def other_type(release: Path) -> None:
    """The genuine signature, shown as one over something else."""
    sealed = json.loads((release / bag.SEAL).read_bytes())
    sealed["payloadType"] = "text/plain"
    overwrite(release / bag.SEAL, canonical(sealed))


def second_signature(release: Path) -> None:
    """A stranger's beside the genuine one, which still holds."""
    _signatures(release, lambda envelope, other: [*envelope["signatures"], *other["signatures"]])


def signature_twice(release: Path) -> None:
    _signatures(release, lambda envelope, _: envelope["signatures"] * 2)


def word_in_a_signature(release: Path) -> None:
    _signatures(release, lambda envelope, _: [{**envelope["signatures"][0], "note": "go"}])


def _signatures(release: Path, made: Callable[[Any, Any], list[Any]]) -> None:
    envelope = json.loads((release / bag.SEAL).read_bytes())
    opened = dsse.open_envelope(envelope)
    other = dsse.sign(opened.payload_type, opened.payload, SigningKey.generate())
    envelope["signatures"] = made(envelope, other)
    overwrite(release / bag.SEAL, canonical(envelope))


def word_beside_a_signature(release: Path) -> None:
    envelope = json.loads((release / bag.SEAL).read_bytes())
    overwrite(release / bag.SEAL, canonical({**envelope, "note": "go"}))


def key_s_name_on_another_signature(release: Path) -> None:
    _signatures(
        release,
        lambda envelope, other: [
            {**other["signatures"][0], "keyid": envelope["signatures"][0]["keyid"]}
        ],
    )


def line_ends(release: Path) -> None:
    """Both lists as another system writes them."""
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        overwrite(release / name, (release / name).read_bytes().replace(b"\n", b"\r\n"))


def capitals(release: Path) -> None:
    """The same digests in another spelling: still right, and no longer what was signed."""
    manifest = release / "manifest-sha256.txt"
    lines = [line[:64].upper() + line[64:] for line in manifest.read_text().splitlines()]
    overwrite(manifest, "".join(f"{line}\n" for line in lines).encode())
    rehash(release, "tagmanifest-sha256.txt")


def control_name(release: Path) -> None:
    (release / "data/a\x1b[2Jb.txt").write_text("")


def undecodable_name(release: Path) -> None:
    (release / "data" / os.fsdecode(b"\xff\xfe.txt")).write_bytes(b"")


def add_empty_folder(release: Path) -> None:
    (release / "data/golive/void").mkdir()


RELEASE_ATTACKS = (
    Attack("same-size edit", edit, PAYLOAD, True, True),
    Attack("deletion", delete, PAYLOAD, True, True),
    Attack("renaming", rename, PAYLOAD, True, True),
    Attack("extra payload file", add_payload, "extra.md", False, True),
    Attack("extra tag file", add_tag, "metadata/extra.json", False, False),
    Attack("empty folder added", add_empty_folder, "data/golive/void", False, False),
    Attack("payload turned into a link outside", link_outside, PAYLOAD, False, True),
    Attack("tag manifest deleted, bag-info edited", drop_tag_manifest, "tagmanifest", True, False),
    Attack("all hashes rewritten", rewrite_hashes, "tagmanifest", False, False),
    Attack("signed again by an attacker", sign_again, "seal.dsse.json", False, False, True),
    Attack("verify.sh replaced", replace_script, "verify.sh", True, True),
    Attack("seal deleted", drop_seal, "seal.dsse.json", False, False),
    Attack("folder turned into a link", link_folder, "data/golive", False, True),
    Attack("manifest names a file outside", climb, "manifest-sha256.txt", True, True),
    Attack("every file listed twice", list_twice, "manifest-sha256.txt", False, True),
    Attack("duplicate key in the seal", duplicate_key, "seal.dsse.json", False, False),
    Attack("two files swapped, lists rewritten", swap_payloads, "artifacts.json", False, False),
    Attack("seal shown as another type", other_type, "seal.dsse.json", False, False),
    Attack("a second signature", second_signature, "seal.dsse.json", False, False),
    Attack("the signature twice", signature_twice, "seal.dsse.json", False, False),
    Attack("a word in the signature", word_in_a_signature, "seal.dsse.json", False, False),
    Attack("a word beside the signature", word_beside_a_signature, "seal.dsse.json", False, False),
    Attack(
        "a key's name on another's signature",
        key_s_name_on_another_signature,
        "seal.dsse.json",
        False,
        False,
    ),
    Attack("lists with other line ends", line_ends, "tagmanifest", True, True),
    Attack("digests in capitals", capitals, "manifest-sha256.txt", False, False),
    Attack("control characters in a name", control_name, "x1b", False, True),
    Attack("undecodable name", undecodable_name, "data", False, True),
)
"""The fifo is apart: `sha256sum` and `bagit.py` would wait at it for ever."""


def cut_ledger(made: Made) -> None:
    path = made.root / "ledger/ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    overwrite(path, b"".join(lines[:-1]))


def edit_ledger(made: Made) -> None:
    path = made.root / "ledger/ledger.jsonl"
    overwrite(path, path.read_bytes().replace(b'"seq":0', b'"seq":7', 1))


def swap_ledger(made: Made) -> None:
    path = made.root / "ledger/ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    overwrite(path, b"".join([*lines[1:], lines[0]]))


def rewrap_ledger(made: Made) -> None:
    """The last line around another, validly signed envelope: the chain stays whole."""
    path = made.root / "ledger/ledger.jsonl"
    *before, last = path.read_bytes().splitlines(keepends=True)
    record = json.loads(last)
    record["env"] = dsse.sign("text/plain", b"no-go", made.key)
    overwrite(path, b"".join([*before, canonical(record) + b"\n"]))


def append_ledger(made: Made) -> None:
    """One entry more, well chained, by a key that may sign; but no log key has seen it."""
    path = made.root / "ledger/ledger.jsonl"
    lines = path.read_bytes().splitlines()
    record = {
        "seq": len(lines),
        "prev": hashlib.sha256(lines[-1]).hexdigest(),
        "env": dsse.sign("text/plain", b"go", made.key),
    }
    overwrite(path, b"".join(line + b"\n" for line in [*lines, canonical(record)]))


def drop_ledger(made: Made) -> None:
    for path in (made.root / "ledger").iterdir():
        path.unlink()
    (made.root / "ledger").rmdir()


def drop_release(made: Made) -> None:
    made.seal.path.rename(made.root.parent / "gone")


def drop_seal_in_vault(made: Made) -> None:
    drop_seal(made.seal.path)


def swap_seals(made: Made) -> None:
    """The second seal's folder shown as the first."""
    folder = made.seal.path.parent
    (folder / "1").rename(folder / "x")
    (folder / "2").rename(folder / "1")
    (folder / "x").rename(folder / "2")


def other_release(made: Made) -> None:
    """Another release, as genuinely sealed with the same key, in its place."""
    other = Vault(made.root.parent / "another", log_key=made.log_key)
    stored = other.objects.put(b"other evidence")
    record = Artefact("a.txt", stored.sha256, stored.size, "text/plain", "x/1:y",
                      "2024-05-30T08:30:00.000Z", Fidelity.LOCAL)  # fmt: skip
    seal = other.seal(Release(made.seal.rehearsal, [record]), made.key)
    made.seal.path.rename(made.root.parent / "gone")
    seal.path.rename(made.seal.path)


def older_checkpoint(made: Made) -> None:
    """A genuine checkpoint, of an earlier moment than the ledger beside it."""
    path = made.root / "ledger/checkpoint"
    before = path.read_bytes()
    envelope = dsse.sign("text/plain", b"go", made.key)
    Ledger(made.root, made.log_key).append([envelope])
    overwrite(path, before)


def link_ledger(made: Made) -> None:
    path = made.root / "ledger/ledger.jsonl"
    path.rename(made.root.parent / "ledger.jsonl")
    path.symlink_to(made.root.parent / "ledger.jsonl")


def forge_trust(made: Made) -> None:
    path = made.root / "trust/roles.json"
    opened = dsse.open_envelope(load_object(path.read_bytes()))
    attacker = SigningKey.generate()
    envelope = dsse.sign(opened.payload_type, opened.payload, attacker)
    overwrite(path, canonical(envelope) + b"\n")


def drop_trust(made: Made) -> None:
    (made.root / "trust/roles.json").unlink()


def damage_object(made: Made) -> None:
    name = hashlib.sha256(b"loose").hexdigest()
    path = made.root / "objects/sha256" / name[:2]
    path.mkdir(exist_ok=True)
    (path / name[2:]).write_bytes(b"other")


def stray_object(made: Made) -> None:
    (made.root / "objects/sha256/zz").mkdir()
    (made.root / "objects/sha256/zz/file").write_bytes(b"x")


def stray_file(made: Made) -> None:
    (made.root / "README").write_text("trust me\n")


def stray_release(made: Made) -> None:
    (made.root / "releases/note.txt").write_text("x")


def stray_release_folder(made: Made) -> None:
    """Empty, and no number: no sealing was cut short there."""
    (made.root / "releases/another/one").mkdir(parents=True)


def empty_release(made: Made) -> None:
    """Everything in it gone, the folder left."""
    shutil.rmtree(made.seal.path)
    made.seal.path.mkdir()


def staging_link(made: Made) -> None:
    shutil.rmtree(made.root / ".staging", ignore_errors=True)
    (made.root / ".staging").symlink_to("/")


def lock_with_words(made: Made) -> None:
    (made.root / ".lock").write_bytes(b"#!/bin/sh\n")


def lock_link(made: Made) -> None:
    (made.root / ".lock").unlink(missing_ok=True)
    (made.root / ".lock").symlink_to("/etc/passwd")


def lock_folder(made: Made) -> None:
    (made.root / "ledger/.lock").unlink(missing_ok=True)
    (made.root / "ledger/.lock").mkdir()


def third_checkpoint(made: Made) -> None:
    (made.root / "ledger/checkpoint.old").write_bytes(b"x")


def almost_temporary(made: Made) -> None:
    (made.root / "ledger/.checkpoint.d").mkdir()
    (made.root / "ledger/.checkpoint.d/e.tmp").write_bytes(b"x")


def two_trust_files(made: Made) -> None:
    path = made.root / "trust/roles.json"
    overwrite(path, path.read_bytes() * 2)


def word_in_the_checkpoint(made: Made) -> None:
    """Beside its signature, which still holds."""
    path = made.root / "ledger/checkpoint"
    envelope = json.loads(path.read_bytes())
    envelope["signatures"][0]["note"] = "go"
    overwrite(path, canonical(envelope) + b"\n")


def second_signature_of_trust(made: Made) -> None:
    path = made.root / "trust/roles.json"
    envelope = json.loads(path.read_bytes())
    opened = dsse.open_envelope(envelope)
    other = json.loads(canonical(dsse.sign(opened.payload_type, opened.payload, made.log_key)))
    envelope["signatures"] += other["signatures"]
    overwrite(path, canonical(envelope) + b"\n")


def folder_that_is_a_pattern(made: Made) -> None:
    """A shell would take it for whatever lies where it stands."""
    (made.root / "releases/*/1").mkdir(parents=True)
    (made.root / "releases/*/1/f").write_bytes(b"")


def programs_for_names(made: Made) -> None:
    for name in ("$(touch pwned)", "`touch pwned`", "-delete", "a b"):
        (made.root / "objects/sha256" / name).write_bytes(b"x")


def add_approval(made: Made) -> None:
    (made.root / "approvals").mkdir(exist_ok=True)
    (made.root / "approvals/forged.pdf").write_bytes(b"%PDF-1.7")


def edit_approval(made: Made) -> None:
    overwrite(made.root / "approvals/board.pdf", b"%PDF-1.7 with a page more")


def delete_approval(made: Made) -> None:
    (made.root / "approvals/board.pdf").unlink()


VAULT_ATTACKS: tuple[tuple[str, Callable[[Made], None], str], ...] = (
    ("ledger cut", cut_ledger, "ledger"),
    ("ledger edited", edit_ledger, "ledger"),
    ("ledger reordered", swap_ledger, "ledger"),
    ("last line of the ledger rewrapped", rewrap_ledger, "ledger"),
    ("entry added to the ledger", append_ledger, "ledger"),
    ("ledger deleted", drop_ledger, "ledger"),
    ("release deleted", drop_release, "releases/1.00-2024-05-30-abc234/1"),
    ("seal deleted", drop_seal_in_vault, "seal.dsse.json"),
    ("two seals swapped", swap_seals, "releases/1.00-2024-05-30-abc234/1"),
    ("another release in its place", other_release, "releases/1.00-2024-05-30-abc234/1"),
    ("older checkpoint put back", older_checkpoint, "ledger"),
    ("ledger turned into a link", link_ledger, "ledger"),
    ("trust file signed by a stranger", forge_trust, "trust/roles.json"),
    ("trust file deleted", drop_trust, "trust/roles.json"),
    ("loose object damaged", damage_object, "objects/sha256"),
    ("stray object", stray_object, "objects/sha256/zz/file"),
    ("stray file", stray_file, "README"),
    ("stray file among the releases", stray_release, "releases/note.txt"),
    ("stray folder among the releases", stray_release_folder, "releases"),
    ("release emptied", empty_release, "releases/1.00-2024-05-30-abc234/1"),
    ("staging turned into a link", staging_link, ".staging"),
    ("words in a lock", lock_with_words, ".lock"),
    ("lock turned into a link", lock_link, ".lock"),
    ("lock turned into a folder", lock_folder, "ledger/.lock"),
    ("a third checkpoint", third_checkpoint, "ledger/checkpoint.old"),
    ("almost a temporary file", almost_temporary, "ledger/.checkpoint.d/e.tmp"),
    ("trust file twice over", two_trust_files, "trust/roles.json"),
    ("a second signature of the trust file", second_signature_of_trust, "trust/roles.json"),
    ("a word in the checkpoint's signature", word_in_the_checkpoint, "ledger/"),
    ("folder that is a pattern", folder_that_is_a_pattern, "releases"),
    ("names that are programs", programs_for_names, "$(touch pwned)"),
    ("approval added", add_approval, "approvals"),
    ("approval edited", edit_approval, "approvals"),
    ("approval deleted", delete_approval, "approvals"),
)
