"""Archives: opened, searched member by member, and packed again where something was taken out.

Nothing is written to disk by a member's name. What is unpacked is bounded, so that a bomb ends in a
refusal, and what can't be looked into is told.
"""

from __future__ import annotations

import gzip
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from golive.evidence.redact.model import Redaction, SecretInBinary, unsearched
from golive.kernel.errors import GoliveError

Clean = Callable[[BinaryIO, BinaryIO, str], Sequence[Redaction]]
"""Cleans one member, given as source, sink and name."""

_IN_MEMORY = 8 << 20
_PIECE = 1 << 20
_MOST_MEMBERS = 100_000
_ENOUGH = 256 << 20
_RATIO = 400
"""Text packs fifty times smaller; what unpacks to more than this was made to."""

BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError,
    NotImplementedError, RuntimeError, ValueError, UnicodeError,
)  # fmt: skip
"""What the standard library raises on an archive that isn't one."""


class Bomb(GoliveError):
    """An archive that unpacks to far more than it could honestly hold."""


class Budget:
    """Bytes that may still come out of one archive of `packed` bytes, those in it included."""

    def __init__(self, packed: int) -> None:
        self._left = max(_ENOUGH, packed * _RATIO)

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise Bomb(
                "an archive unpacks to too much to be searched",
                hint="attach what is in it, file by file",
            )


@dataclass(frozen=True)
class Metered:
    """A member being unpacked."""

    source: BinaryIO
    budget: Budget

    def read(self, size: int = -1) -> bytes:
        data = self.source.read(min(size, _PIECE) if size >= 0 else _PIECE)
        self.budget.spend(len(data))
        return data


def spool() -> BinaryIO:
    """A nameless file, in memory while it is small."""
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)  # type: ignore[return-value]


def clean_gzip(source: BinaryIO, sink: BinaryIO, clean: Clean, budget: Budget) -> list[Redaction]:
    """Copy `source` cleaned. `BROKEN` when it can't be unpacked."""
    with spool() as inner:
        with gzip.GzipFile(fileobj=source, mode="rb") as packed:
            log = list(clean(Metered(packed, budget), inner, ""))  # type: ignore[arg-type]
        if _untouched(log):
            source.seek(0)
            _copy(source, sink)
            return log
        inner.seek(0)
        with gzip.GzipFile(filename="", fileobj=sink, mode="wb", mtime=0) as again:
            _copy(inner, again)
    return log


def clean_zip(source: BinaryIO, sink: BinaryIO, clean: Clean, budget: Budget) -> list[Redaction]:
    """Likewise. A member that is encrypted is told of."""
    log: list[Redaction] = []
    with zipfile.ZipFile(source) as archive:
        members = archive.infolist()
        if len(members) > _MOST_MEMBERS:
            raise Bomb(f"an archive of {len(members)} files is too much to be searched")
        for member in members:
            if member.flag_bits & 1:
                log.append(unsearched(f"{member.filename} is encrypted"))
            elif not member.is_dir():
                with archive.open(member) as file, spool() as scratch:
                    found = clean(Metered(file, budget), scratch, member.filename)  # type: ignore[arg-type]
                log += _inside(member.filename, found)
        if _untouched(log):
            source.seek(0)
            _copy(source, sink)
            return log
        if len({one.filename for one in members}) != len(members):
            raise SecretInBinary(
                "an archive with two files of one name can't be packed again, and must be cleaned",
                hint="attach what is in it, file by file",
            )
        with spool() as packed:
            with zipfile.ZipFile(packed, "w") as again:
                for member in members:
                    _zip_again(archive, member, again, clean)
            packed.seek(0)
            _copy(packed, sink)
    return log


def _zip_again(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, again: zipfile.ZipFile, clean: Clean
) -> None:
    if member.flag_bits & 1:
        raise SecretInBinary(
            f"{member.filename} is encrypted, beside others that had to be cleaned",
            hint="attach them one by one",
        )
    fresh = zipfile.ZipInfo(member.filename, member.date_time)
    fresh.compress_type, fresh.external_attr = member.compress_type, member.external_attr
    with archive.open(member) as file, again.open(fresh, "w", force_zip64=True) as out:
        if not member.is_dir():
            clean(file, out, member.filename)  # type: ignore[arg-type]


def clean_tar(source: BinaryIO, sink: BinaryIO, clean: Clean, budget: Budget) -> list[Redaction]:
    """Likewise. Members that hold no bytes (folders, links, devices) stay as they are."""
    log: list[Redaction] = []
    with spool() as packed:
        with (
            tarfile.open(fileobj=source, mode="r:") as archive,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as again,
        ):
            for count, member in enumerate(archive):
                if count > _MOST_MEMBERS:
                    raise Bomb("an archive of so many files is too much to be searched")
                content = archive.extractfile(member) if member.isreg() else None
                if content is None:
                    again.addfile(member)
                    continue
                with content, spool() as cleaned:
                    found = clean(Metered(content, budget), cleaned, member.name)  # type: ignore[arg-type]
                    log += _inside(member.name, found)
                    fresh = replace_size(member, cleaned.tell())
                    cleaned.seek(0)
                    again.addfile(fresh, cleaned)
        with_what = packed
        if _untouched(log):
            source.seek(0)
            with_what = source
        else:
            packed.seek(0)
        _copy(with_what, sink)
    return log


def replace_size(member: tarfile.TarInfo, size: int) -> tarfile.TarInfo:
    """The member's header for another content."""
    fresh = member.replace(deep=False)
    fresh.size = size
    fresh.pax_headers = {key: one for key, one in fresh.pax_headers.items() if key != "size"}
    return fresh


def _inside(name: str, found: Sequence[Redaction]) -> list[Redaction]:
    return [replace(one, why=f"in {name}: {one.why}") for one in found]


def _untouched(log: Sequence[Redaction]) -> bool:
    return all(one.is_note for one in log)


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


def _copy(source: _Source, sink: _Sink) -> None:
    while data := source.read(_PIECE):
        sink.write(data)
