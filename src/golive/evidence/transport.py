"""A release as one file, to hand over and to take in.

The file is a plain tar (POSIX.1-2001, pax) whose members lie under `<rehearsal>/<seal>/`, in order
of their names, with no owner, no time and fixed modes: the same release gives the same bytes.
Taking one in trusts nothing in it: every member must be a plain file with a name that could have
been sealed, and the whole must verify with a key that the caller vouches for, before it gets a
place in the vault.
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from golive.evidence import bag
from golive.evidence.durable import VaultError, explained
from golive.evidence.keys import PublicKey, SigningKey
from golive.evidence.names import problem, shown
from golive.evidence.release import Seal
from golive.evidence.vault import Vault, read_release
from golive.evidence.verify import State, verify
from golive.kernel.errors import BadInput

_LONGEST_HEADER = 1 << 20
_FOLDER_MODE = 0o755


def export_release(folder: Path, sink: BinaryIO) -> None:
    """Write the sealed release in `folder` to `sink`. VaultError when it isn't intact by its own
    signature: what is broken isn't handed on."""
    found = verify(folder)
    if found.state is not State.INTACT:
        first = f": {found.findings[0]}" if found.findings else ""
        raise VaultError(f"the release is not intact{first}", where=str(folder))
    seal = read_release(folder).seal
    with (
        explained("the release can't be exported", folder),
        tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            name = path.relative_to(folder).as_posix()
            member = tarfile.TarInfo(f"{seal.rehearsal}/{seal.number}/{name}")
            member.size = path.stat().st_size
            member.mode = 0o755 if name == bag.SCRIPT else 0o644
            with path.open("rb") as file:
                archive.addfile(member, file)


def import_release(
    source: Path, vault: Vault, key: SigningKey, *, trusted: Sequence[PublicKey]
) -> Seal:
    """Take the release in the file `source` into `vault`; its seal stays the one it came with.

    `trusted` may have sealed it; `key` signs that it was taken in. A release that is there already
    is left as it is. BadInput when the file holds anything but one intact release sealed by a
    trusted key; nothing of it stays then.
    """
    if not trusted:
        raise BadInput("taking in a release needs the public key of whoever sealed it")
    with vault.staging() as staged:
        _unpack(source, staged)
        found = verify(staged, trusted=trusted)
        if found.state is not State.INTACT:
            reasons = "; ".join(str(one) for one in found.findings[:3]) or "it holds no release"
            raise BadInput(f"not an intact release: {reasons}", where=str(source))
        sealed_by = next(one for one in trusted if one.key_id == found.releases[0].key_id)
        return vault.adopt(staged, sealed_by, key)


@dataclass(frozen=True)
class _Guarded:
    """A file that won't be read in huge pieces: a header that claims gigabytes is a lie."""

    file: BinaryIO

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LONGEST_HEADER:
            raise tarfile.ReadError(f"a header claims {size} bytes")
        return self.file.read(size)

    def seek(self, place: int) -> int:
        return self.file.seek(place)

    def tell(self) -> int:
        return self.file.tell()


def _unpack(source: Path, folder: Path) -> None:
    try:
        with (
            source.open("rb") as file,
            tarfile.open(fileobj=_Guarded(file), mode="r:") as archive,  # type: ignore[call-overload]
        ):
            for name, member in _members(archive):
                _extract(archive, member, folder / name)
    except (tarfile.TarError, UnicodeError, ValueError, RecursionError, EOFError) as error:
        raise BadInput(f"not an exported release: {error}", where=str(source)) from error
    except OSError as error:
        with explained("the release can't be taken in", source):
            raise error


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """Every member with its name below the release's folder; ValueError on one that doesn't fit."""
    prefix: str | None = None
    seen: set[str] = set()
    for member in archive:
        parts = member.name.split("/", 2)
        if len(parts) != 3 or (prefix or "/".join(parts[:2])) != "/".join(parts[:2]):
            raise ValueError(f"{shown(member.name)} is not in one release's folder")
        prefix = "/".join(parts[:2])
        wrong = problem(parts[2])
        if wrong:
            raise ValueError(f"{shown(member.name)}: the name {wrong}")
        if not member.isreg() or member.issparse():
            raise ValueError(f"{shown(member.name)} is not a plain file")
        if parts[2] in seen:
            raise ValueError(f"{shown(member.name)} occurs twice")
        seen.add(parts[2])
        yield parts[2], member
    if not seen:
        raise ValueError("it is empty")


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    content = archive.extractfile(member)
    if content is None:
        raise ValueError(f"{shown(member.name)} is not a plain file")
    place.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
    with place.open("xb") as file:
        shutil.copyfileobj(content, file, _LONGEST_HEADER)
    if place.stat().st_size != member.size:
        raise ValueError(f"{shown(member.name)} ends early")
