"""Copies of sealed releases in an S3 bucket that won't give them up: Object Lock, COMPLIANCE mode.

Source: Amazon S3 User Guide, "Locking objects with Object Lock". A lock keeps a *version* from
being deleted or replaced; it doesn't keep somebody from putting a newer one on top. Reading
therefore takes the oldest version of each key, which is the one that was put first and locked.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from golive.evidence import bag
from golive.evidence.names import problem, shown
from golive.evidence.vault import SealedRelease, read_release
from golive.evidence.verify import State, verify
from golive.kernel.errors import GoliveError, PortError, Unreachable
from golive.ports.copies import Copied

_ONE_PART = 64 << 20
_AT_ONCE = 8
_LEEWAY = timedelta(minutes=5)
"""S3 keeps whole seconds, and its clock is not ours."""


@dataclass(frozen=True)
class _Version:
    key: str
    id: str
    size: int
    put: datetime


class S3Vault:
    """`ports.copies.Copies` in `bucket` under `prefix`. Every object is locked for `days`.

    `endpoint` is for anything but AWS. Credentials come from boto3's usual chain, or `profile`.
    """

    def __init__(
        self,
        bucket: str,
        *,
        prefix: str = "",
        days: int = 365,
        endpoint: str | None = None,
        region: str | None = None,
        profile: str | None = None,
    ) -> None:
        if days < 1:
            raise ValueError("a lock of less than a day is none")
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._days = days
        self._where = f"s3://{bucket}/{self._prefix}"
        with self._translated("can't be reached"):
            session = boto3.session.Session(profile_name=profile, region_name=region)
            self._s3: Any = session.client(
                "s3",
                endpoint_url=endpoint,
                config=Config(
                    connect_timeout=5,
                    read_timeout=60,
                    max_pool_connections=_AT_ONCE,
                    retries={"mode": "standard", "max_attempts": 3},
                    s3={"addressing_style": "path" if endpoint else "auto"},
                ),
            )

    def close(self) -> None:
        self._s3.close()

    def demand_lock(self) -> None:
        with self._translated("doesn't say whether it locks"):
            versioning = self._s3.get_bucket_versioning(Bucket=self._bucket).get("Status")
            try:
                answer = self._s3.get_object_lock_configuration(Bucket=self._bucket)
                locks = answer["ObjectLockConfiguration"].get("ObjectLockEnabled")
            except ClientError as error:
                if error.response["Error"]["Code"] != "ObjectLockConfigurationNotFoundError":
                    raise
                locks = None
        if versioning != "Enabled" or locks != "Enabled":
            raise PortError(
                "the bucket would not lock what is put into it",
                where=self._where,
                hint="make a bucket with Object Lock (it can't be switched on without versioning)",
            )

    def push(self, release: Path) -> Copied:
        found = _checked(release)
        self.demand_lock()
        seal = found.seal
        prefix = self._key(seal.rehearsal, seal.number, "")
        there = self._oldest(prefix)
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=self._days)
        files = sorted(path for path in release.rglob("*") if path.is_file())
        last = release / bag.SEAL

        def put(path: Path) -> datetime:
            key = prefix + path.relative_to(release).as_posix()
            return self._put(path, key, there.get(key), until)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            locked = list(pool.map(put, [path for path in files if path != last]))
        locked.append(put(last))
        size = sum(path.stat().st_size for path in files)
        where = f"s3://{self._bucket}/{prefix}"
        return Copied(seal.rehearsal, seal.number, len(files), size, min(locked), where)

    def kept(self) -> Sequence[tuple[str, int]]:
        start = len(self._prefix + "releases/")
        found = []
        for key in self._oldest(f"{self._prefix}releases/"):
            parts = key[start:].split("/")
            if len(parts) == 3 and parts[2] == bag.SEAL and parts[1].isdecimal():
                found.append((parts[0], int(parts[1])))
        return sorted(found)

    def pull(self, rehearsal: str, number: int, folder: Path) -> None:
        prefix = self._key(rehearsal, number, "")
        versions = self._oldest(prefix)
        if prefix + bag.SEAL not in versions:
            raise PortError("there is no sealed copy", where=f"s3://{self._bucket}/{prefix}")
        for key, version in versions.items():
            name = key[len(prefix) :]
            wrong = problem(name)
            if wrong:
                raise PortError(f"a copy's name can't be kept: it {wrong}", where=shown(name))
            self._fetch(version, folder / name)

    def push_records(self, root: Path) -> str:
        self.demand_lock()
        ledger = root / "ledger" / "ledger.jsonl"
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=self._days)
        try:
            entries = ledger.read_bytes().count(b"\n")
            # The trust file too: a sealing key may be handed over without a word in the ledger.
            signed = b"".join(
                (root / name).read_bytes() for name in ("ledger/checkpoint", "trust/roles.json")
            )
            files = [path for path in _records(root) if path.is_file() and not path.is_symlink()]
        except OSError as error:
            raise PortError(f"the copy failed: {error.strerror}", where=str(ledger)) from error
        digest = hashlib.sha256(signed).hexdigest()
        prefix = f"{self._prefix}records/{entries:010}-{digest[:32]}/"
        there = self._oldest(prefix)
        for path in files:  # the checkpoint last: a state without one is none
            key = prefix + path.relative_to(root).as_posix()
            self._put(path, key, there.get(key), until)
        return f"s3://{self._bucket}/{prefix}"

    def pull_records(self, folder: Path) -> bool:
        start = len(f"{self._prefix}records/")
        states: dict[str, dict[str, _Version]] = {}
        for key, version in self._oldest(f"{self._prefix}records/").items():
            state, _, name = key[start:].partition("/")
            wrong = problem(name)
            if wrong:
                raise PortError(f"a copy's name can't be kept: it {wrong}", where=shown(key))
            states.setdefault(state, {})[name] = version
        whole = [state for state, files in states.items() if "ledger/checkpoint" in files]
        if not whole:
            return False
        newest = max(whole, key=lambda one: (one[:10], states[one]["ledger/checkpoint"].put))
        for name, version in states[newest].items():
            self._fetch(version, folder / name)
        return True

    # -- one object ----------------------------------------------------------------------------

    def _key(self, rehearsal: str, number: int, name: str) -> str:
        return f"{self._prefix}releases/{rehearsal}/{number}/{name}"

    def _put(self, path: Path, key: str, there: _Version | None, until: datetime) -> datetime:
        """Put it, unless these bytes lie there already, and see that they are locked."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        version = self._same(there, digest.hexdigest(), key) if there else None
        if version is None:
            version = self._upload(path, key, digest.digest(), until)
        return self._locked(key, version, until)

    def _same(self, there: _Version, sha256: str, key: str) -> str:
        with self._translated("can't be read", key):
            head = self._s3.head_object(Bucket=self._bucket, Key=key, VersionId=there.id)
        if head["Metadata"].get("sha256") != sha256:
            raise PortError(
                "another file lies where this one belongs, and nothing there can be replaced",
                where=f"s3://{self._bucket}/{shown(key)}",
                hint="copy into another prefix, and find out who put it there",
            )
        return there.id

    def _upload(self, path: Path, key: str, digest: bytes, until: datetime) -> str:
        extra: dict[str, Any] = {
            "ObjectLockMode": "COMPLIANCE",
            "ObjectLockRetainUntilDate": until,
            "Metadata": {"sha256": digest.hex()},
        }
        with self._translated("doesn't take what is put", key), path.open("rb") as file:
            if path.stat().st_size <= _ONE_PART:
                checksum = base64.b64encode(digest).decode()
                answer = self._s3.put_object(
                    Bucket=self._bucket, Key=key, Body=file, ChecksumSHA256=checksum, **extra
                )
                return str(answer["VersionId"])
            config = TransferConfig(multipart_chunksize=_ONE_PART, max_concurrency=2)
            self._s3.upload_fileobj(file, self._bucket, key, ExtraArgs=extra, Config=config)
            return str(self._s3.head_object(Bucket=self._bucket, Key=key)["VersionId"])

    def _locked(self, key: str, version: str, until: datetime) -> datetime:
        """Until when the version is locked, as the bucket itself says; prolonged where that is
        too soon. PortError when it isn't locked."""
        with self._translated("doesn't say how long it keeps", key):
            head = self._s3.head_object(Bucket=self._bucket, Key=key, VersionId=version)
            kept: datetime | None = head.get("ObjectLockRetainUntilDate")
            if kept is not None and kept < until - _LEEWAY:
                self._s3.put_object_retention(
                    Bucket=self._bucket,
                    Key=key,
                    VersionId=version,
                    Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
                )
                head = self._s3.head_object(Bucket=self._bucket, Key=key, VersionId=version)
                kept = head.get("ObjectLockRetainUntilDate")
        if head.get("ObjectLockMode") != "COMPLIANCE" or kept is None or kept < until - _LEEWAY:
            raise PortError(
                "the bucket took a file and did not lock it",
                where=f"s3://{self._bucket}/{shown(key)}",
                hint="nothing here proves that it will still be there; choose another bucket",
            )
        return kept

    def _fetch(self, version: _Version, place: Path) -> None:
        with self._translated("can't be read", version.key):
            place.parent.mkdir(parents=True, exist_ok=True)
            answer = self._s3.get_object(Bucket=self._bucket, Key=version.key, VersionId=version.id)
            with place.open("xb") as file:
                for chunk in answer["Body"].iter_chunks(1 << 20):
                    file.write(chunk)

    def _oldest(self, prefix: str) -> Mapping[str, _Version]:
        """The version of each key that was put first."""
        found: dict[str, _Version] = {}
        with self._translated("can't be listed"):
            pages = self._s3.get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for one in page.get("Versions", []):
                    version = _Version(
                        one["Key"], one["VersionId"], one["Size"], one["LastModified"]
                    )
                    # Newest first within a key: of two in one second the later in the list.
                    if one["Key"] not in found or version.put <= found[one["Key"]].put:
                        found[one["Key"]] = version
        return found

    @contextmanager
    def _translated(self, what: str, key: str = "") -> Iterator[None]:
        where = self._where if not key else f"s3://{self._bucket}/{shown(key)}"
        try:
            yield
        except EndpointConnectionError as error:
            raise Unreachable("the object store doesn't answer", where=where) from error
        except ClientError as error:
            said = error.response.get("Error", {})
            code, message = said.get("Code", "?"), said.get("Message", "")
            raise PortError(f"the bucket {what}: {code}", where=where, answer=message) from error
        except (BotoCoreError, Boto3Error) as error:
            raise PortError(f"the bucket {what}: {type(error).__name__}", where=where) from error
        except OSError as error:
            raise PortError(f"the copy failed: {error.strerror}", where=where) from error


def _records(root: Path) -> Iterator[Path]:
    yield root / "ledger" / "ledger.jsonl"
    yield root / "trust" / "roles.json"
    if (root / "approvals").is_dir():
        yield from (root / "approvals").iterdir()
    yield root / "ledger" / "checkpoint.tsr"
    yield root / "ledger" / "checkpoint"


def _checked(release: Path) -> SealedRelease:
    """The release, once it is known to be intact: what is broken isn't copied."""
    found = verify(release)
    if found.state is not State.INTACT:
        first = f": {found.findings[0]}" if found.findings else ""
        raise PortError(f"the release is not intact{first}", where=str(release))
    try:
        return read_release(release)
    except GoliveError as error:
        raise PortError(error.what, where=error.where, hint=error.hint) from error
