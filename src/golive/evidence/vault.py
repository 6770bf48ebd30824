"""Sealing: a release is in the vault in full, signed and on disk, or it isn't there.

Everything is built in `.staging/`, the file system is synced once, the seal is written and synced,
and one rename puts the release in its place. Then the ledger notes it. A kill at any moment leaves
the vault as it was, or sealed; what the ledger missed, the next sealing notes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from golive import __version__
from golive.evidence import bag, dsse, trust
from golive.evidence.artefact import Artefact
from golive.evidence.durable import (
    VaultError,
    explained,
    sync_filesystem,
    sync_folder,
    write_durably,
    write_new,
)
from golive.evidence.keys import PublicKey, SigningKey
from golive.evidence.ledger import Ledger
from golive.evidence.locks import exclusively
from golive.evidence.objects import ObjectStore
from golive.evidence.release import Release, Seal
from golive.evidence.sealers import noted_sealers
from golive.evidence.strict import dump, load_canonical
from golive.kernel.errors import BadInput
from golive.kernel.ids import is_rehearsal_id
from golive.kernel.json import JsonObject
from golive.kernel.times import rfc3339

SEALED_TYPE = "application/vnd.golive.sealed+json"
"""Payload type of the ledger entry that a sealing leaves."""


@dataclass(frozen=True)
class SealedRelease:
    """A release read back from the vault; not verified by reading it."""

    seal: Seal
    statement: bag.Statement
    artefacts: Sequence[Artefact]

    def file(self, path: str) -> Path:
        """Where the artefact `path` lies; KeyError when the release doesn't hold it."""
        if not any(one.path == path for one in self.artefacts):
            raise KeyError(path)
        return self.seal.path / "data" / path

    def bytes_of(self, path: str) -> bytes:
        """The artefact's bytes; KeyError when the release doesn't hold it, ValueError when they
        are others than those that its list of artefacts names."""
        listed = next((one for one in self.artefacts if one.path == path), None)
        if listed is None:
            raise KeyError(path)
        with self.file(path).open("rb") as file:
            data = file.read(listed.size + 1)
        if hashlib.sha256(data).hexdigest() != listed.sha256:
            raise ValueError(f"{path} is not what was sealed")
        return data


class Vault:
    """The vault at `root`: made when first written to. `log_key` signs the ledger; the sealing key
    does where none is given."""

    def __init__(self, root: Path, *, log_key: SigningKey | None = None) -> None:
        self.root = root
        self.objects = ObjectStore(root)
        self._log_key = log_key

    def demand_key(self, key: SigningKey) -> None:
        """BadInput when the ledger is kept with another key than `key` would keep it with. To be
        asked before a day's work, which could not be sealed at its end."""
        own = (self._log_key or key).public
        try:
            known = trust.load(self.root)
        except ValueError:
            return  # not this mistake: sealing says what is wrong with the trust file
        kept = known.current(trust.LOG_ROLE)
        if key.key_id in known.retired():
            raise BadInput(
                f"your key ({key.key_id[:12]}…) was retired here on {known.retired()[key.key_id]}",
                where=str(self.root),
                hint="seal with the key that took its place",
            )
        if kept and own not in kept:
            theirs = ", ".join(one.key_id[:12] for one in kept)
            raise BadInput(
                f"this vault's ledger is kept with another key ({theirs}…) than yours "
                f"({own.key_id[:12]}…)",
                where=str(self.root),
                hint="seal as the user on the machine that began this vault, or choose another "
                "folder with --vault-root",
            )

    def seal(self, release: Release, key: SigningKey) -> Seal:
        """Seal `release` under the next number and note it in the ledger.

        BadInput on a name that may not be sealed; VaultError when the vault can't be written or
        an artefact's bytes aren't in it. Then nothing has been sealed.
        """
        release = release.checked()
        if not release.sealed_at:
            release = replace(release, sealed_at=rfc3339(datetime.now(UTC)))
        with self.staging() as staged:
            ledger = self._begin(key)
            taken, earlier = self._taken(release.rehearsal), self._numbers(release.rehearsal)
            number = taken[-1] + 1 if taken else 1
            before = self._seal_at(release.rehearsal, earlier[-1]) if earlier else None
            self._build(staged, release, number, key, before)
            return self._commit(
                staged, release.rehearsal, number, _Noting(ledger, key, release.sealed_at)
            )

    def adopt(self, staged: Path, sealed_by: PublicKey, key: SigningKey) -> Seal:
        """Take in the release in `staged` (see `staging`), which the caller has verified and found
        to be sealed by `sealed_by`; that key is enrolled, and `key` signs that it was taken in.

        BadInput when another seal bears its number; one that is there already stays as it is.
        """
        found = read_release(staged)
        seal = found.seal
        if not is_rehearsal_id(seal.rehearsal) or seal.number < 1:
            raise BadInput(f"{seal.rehearsal!r} can't name a rehearsal")
        if seal.number in self._taken(seal.rehearsal):
            there = read_release(self._folder(seal.rehearsal, seal.number)).seal
            if there.digest == seal.digest:
                ledger = self._begin(key, sealed_by)
                noting = _Noting(ledger, key, found.statement.sealed_at)
                if not noting.has(there):  # taking it in was cut short just before
                    noting.note(there)
                return there
            raise BadInput(
                f"another release is sealed as {seal.rehearsal}/{seal.number}",
                where=str(there.path),
                hint="take it into a vault of its own",
            )
        ledger = self._begin(key, sealed_by)
        for artefact in found.artefacts:
            self.objects.put(staged / "data" / artefact.path)
            (staged / "data" / artefact.path).unlink()
        self._link_all(staged / "data", found.artefacts)
        sync_filesystem(staged)
        noting = _Noting(ledger, key, found.statement.sealed_at)
        return self._commit(staged, seal.rehearsal, seal.number, noting)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder in the vault, with nobody else sealing meanwhile; gone at the end but for
        what `seal` or `adopt` put in its place. What dead processes left goes too."""
        folder = self.root / ".staging"
        with (
            explained("the release can't be sealed", self.root),
            exclusively(self.root / ".lock"),
        ):
            if folder.is_symlink():
                folder.unlink()  # it would lead what is being sealed out of the vault
            shutil.rmtree(folder, ignore_errors=True)
            staged = folder / f"{os.getpid()}-{os.urandom(4).hex()}"
            staged.mkdir(parents=True)
            try:
                yield staged
            finally:
                shutil.rmtree(staged, ignore_errors=True)

    def release(self, rehearsal: str, number: int | None = None) -> SealedRelease:
        """The release as sealed under `number`, or the latest. BadInput when there is none."""
        numbers = self._numbers(rehearsal)
        if not numbers or (number is not None and number not in numbers):
            raise BadInput(f"nothing is sealed for {rehearsal!r}", where=str(self.root))
        return read_release(self._folder(rehearsal, number or numbers[-1]))

    def rehearsals(self) -> Sequence[str]:
        """Every rehearsal with a sealed release."""
        folder = self.root / "releases"
        if not folder.is_dir():
            return []
        return sorted(one.name for one in folder.iterdir() if self._numbers(one.name))

    def seals(self) -> Iterator[Seal]:
        """Every seal, by rehearsal and number; none of them verified by being told."""
        for rehearsal in self.rehearsals():
            for number in self._numbers(rehearsal):
                yield self._seal_at(rehearsal, number)

    # -- parts of sealing ----------------------------------------------------------------------

    def _begin(self, key: SigningKey, *sealers: PublicKey) -> Ledger:
        """Trust file and ledger are there, know the keys, and miss no seal."""
        self.demand_key(key)
        log_key = self._log_key or key
        self._enrol(key, log_key, sealers)
        ledger = Ledger(self.root, log_key)
        ledger.begin()
        self._catch_up(ledger, key)
        return ledger

    def _enrol(self, key: SigningKey, log_key: SigningKey, sealers: Sequence[PublicKey]) -> None:
        try:
            ours = [key.public, log_key.public]
            if log_key.key_id != key.key_id:  # others seal here, too
                ledger = Ledger(self.root, log_key)
                ours += noted_sealers(ledger, trust.load(self.root), SEALED_TYPE)
            known = trust.load(self.root, ours=ours)
        except ValueError as error:
            raise VaultError(
                f"the trust file was changed from outside: {error}",
                where=str(self.root / trust.FILE),
                hint="run `golive verify` on the vault",
            ) from error
        now = rfc3339(datetime.now(UTC))
        wanted = known
        for one in (key.public, *sealers):
            if one not in known.holding(trust.SEAL_ROLE):
                wanted = wanted.with_key(trust.TrustedKey(one, [trust.SEAL_ROLE], now))
        if log_key.public not in known.holding(trust.LOG_ROLE):
            wanted = wanted.with_key(trust.TrustedKey(log_key.public, [trust.LOG_ROLE], now))
        if wanted is not known:
            wanted.save(self.root, key)

    def _catch_up(self, ledger: Ledger, key: SigningKey) -> None:
        """Note in the ledger what an interrupted sealing put in place but could not note."""
        noted = {digest for entry in ledger.entries() if (digest := noted_seal(entry.envelope))}
        missed = [seal for seal in self.seals() if seal.digest not in noted]
        notes = []
        for seal in missed:
            found = read_release(seal.path)
            with suppress(ValueError):
                envelope = load_canonical((seal.path / bag.SEAL).read_bytes())
                dsse.verify(envelope, [key.public], payload_type=bag.PAYLOAD_TYPE)
                notes.append(_note(seal, found.statement.sealed_at, key))
        if notes:
            ledger.append(notes)

    def _commit(self, staged: Path, rehearsal: str, number: int, noting: _Noting) -> Seal:
        """Put the sealed folder in its place and note it; undone when it can't be noted."""
        final = self._place(staged, rehearsal, number)
        seal = self._seal_at(rehearsal, number)
        try:
            noting.note(seal)
        except VaultError:
            if not noting.has(seal):
                final.rename(staged)
            raise
        return seal

    def _build(
        self, folder: Path, release: Release, number: int, key: SigningKey, before: Seal | None
    ) -> None:
        (folder / "data").mkdir()
        (folder / "metadata").mkdir()
        self._link_all(folder / "data", release.artefacts)
        files = bag.tag_files(
            release,
            number,
            agent=f"golive {__version__}",
            key_pem=key.public.pem,
            script=Path(__file__).with_name(bag.SCRIPT).read_bytes(),
        )
        for name, data in files.items():
            write_new(folder / name, data, 0o755 if name == bag.SCRIPT else 0o644)
        sync_filesystem(folder)
        statement = bag.Statement(
            tag_manifest=hashlib.sha256(files[bag.TAG_MANIFEST]).hexdigest(),
            rehearsal=release.rehearsal,
            number=number,
            sealed_at=release.sealed_at,
            supersedes=before.digest if before else "",
            tags=release.tags,
        )
        envelope = dsse.sign(bag.PAYLOAD_TYPE, statement.payload(), key)
        write_durably(folder / bag.SEAL, dump(envelope))

    def _link_all(self, data: Path, artefacts: Sequence[Artefact]) -> None:
        made: set[str] = set()
        base = os.fspath(data)
        for artefact in artefacts:
            source = self.objects.ensure(artefact.sha256, artefact.size)
            place = f"{base}/{artefact.path}"
            folder = place.rpartition("/")[0]
            if folder not in made:
                Path(folder).mkdir(parents=True, exist_ok=True)
                made.add(folder)
            try:
                os.link(source, place)
            except OSError:
                shutil.copyfile(source, place)
                Path(place).chmod(0o444)

    def _place(self, staged: Path, rehearsal: str, number: int) -> Path:
        final = self._folder(rehearsal, number)
        new = [folder for folder in (final.parent, final.parent.parent) if not folder.is_dir()]
        final.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(final)
        for folder in (final.parent, *(one.parent for one in new)):
            sync_folder(folder)
        return final

    # -- what is there -------------------------------------------------------------------------

    def _folder(self, rehearsal: str, number: int) -> Path:
        return self.root / "releases" / rehearsal / str(number)

    def _taken(self, rehearsal: str) -> Sequence[int]:
        """Numbers that have a folder."""
        folder = self.root / "releases" / rehearsal
        if not folder.is_dir():
            return []
        names = (one.name for one in folder.iterdir())
        return sorted(int(name) for name in names if name.isascii() and name.isdigit())

    def _numbers(self, rehearsal: str) -> Sequence[int]:
        """Numbers that have a seal."""
        taken = self._taken(rehearsal)
        return [one for one in taken if (self._folder(rehearsal, one) / bag.SEAL).is_file()]

    def _seal_at(self, rehearsal: str, number: int) -> Seal:
        folder = self._folder(rehearsal, number)
        digest = hashlib.sha256((folder / bag.SEAL).read_bytes()).hexdigest()
        return Seal(rehearsal, number, digest, folder)


def read_release(folder: Path) -> SealedRelease:
    """The sealed release in `folder`: what its seal says, down to the list of artefacts. Who signed
    the seal is not looked at. VaultError when it can't be read or isn't one."""
    with explained("the release can't be read", folder):
        sealed = (folder / bag.SEAL).read_bytes()
        tags = (folder / bag.TAG_MANIFEST).read_bytes()
        listed = (folder / bag.ARTEFACTS).read_bytes()
    try:
        statement = bag.Statement.parse(dsse.open_envelope(load_canonical(sealed)).payload)
        _demand_covered(statement, tags, listed)
        artefacts = bag.artefacts_of(listed)
    except ValueError as error:
        raise VaultError(
            f"not a sealed release: {error}", where=str(folder), hint="run `golive verify` on it"
        ) from error
    digest = hashlib.sha256(sealed).hexdigest()
    seal = Seal(statement.rehearsal, statement.number, digest, folder)
    return SealedRelease(seal, statement, artefacts)


def _demand_covered(statement: bag.Statement, tags: bytes, listed: bytes) -> None:
    """ValueError unless the seal covers this list of artefacts: it may have been swapped since the
    release was verified."""
    if hashlib.sha256(tags).hexdigest() != statement.tag_manifest:
        raise ValueError("the tag manifest is not the one that was signed")
    line = f"{hashlib.sha256(listed).hexdigest()}  {bag.ARTEFACTS}"
    if line.encode() not in tags.split(b"\n"):
        raise ValueError("the list of artefacts is not the one that was signed")


def noted_seal(envelope: JsonObject) -> str | None:
    """The digest of the seal that a ledger entry notes, or None when it is of another kind."""
    try:
        opened = dsse.open_envelope(envelope)
        if opened.payload_type != SEALED_TYPE:
            return None
        return str(load_canonical(opened.payload).get("digest"))
    except ValueError:
        return None


@dataclass(frozen=True)
class _Noting:
    """How a seal gets into the ledger."""

    ledger: Ledger
    key: SigningKey
    sealed_at: str

    def note(self, seal: Seal) -> None:
        self.ledger.append([_note(seal, self.sealed_at, self.key)])

    def has(self, seal: Seal) -> bool:
        return any(noted_seal(entry.envelope) == seal.digest for entry in self.ledger.entries())


def _note(seal: Seal, sealed_at: str, key: SigningKey) -> JsonObject:
    payload = dump(
        {
            "rehearsal": seal.rehearsal,
            "seal": seal.number,
            "digest": seal.digest,
            "sealedAt": sealed_at,
        }
    )
    return dsse.sign(SEALED_TYPE, payload, key)
