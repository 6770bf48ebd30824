"""Where exports lie: a folder by default, any S3 by URL."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Protocol

from fixnado.platform.errors import StartRefused, Unavailable


class Shelf(Protocol):
    """Objects by key. A key is put once; what was put is never changed."""

    def put(self, key: str, payload: bytes) -> None:
        """Keep `payload` whole; Unavailable when it can't be."""
        ...

    def get(self, key: str) -> bytes:
        """What was put under `key`; Unavailable when it isn't there."""
        ...

    def remove(self, prefix: str) -> None:
        """Forget everything under `prefix`; nothing there is fine."""
        ...

    def location(self, prefix: str) -> str:
        """Where `prefix` lies, for people: never with credentials."""
        ...


class FolderShelf:
    """A folder that only this user can read, shared by all instances on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, payload: bytes) -> None:
        path = self._folder / key
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            for folder in (self._folder, path.parent):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary.touch(mode=0o600)
            with temporary.open("wb") as file:
                file.write(payload)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            raise Unavailable("the export can't be kept: its folder refuses") from error

    def get(self, key: str) -> bytes:
        try:
            return (self._folder / key).read_bytes()
        except OSError as error:
            raise Unavailable("this part of the export can't be read") from error

    def remove(self, prefix: str) -> None:
        shutil.rmtree(self._folder / prefix, ignore_errors=True)

    def location(self, prefix: str) -> str:
        return (self._folder / prefix).absolute().as_uri()


class S3Shelf:
    """Objects in a bucket, by boto3 with the environment's own credentials and endpoint."""

    def __init__(self, bucket: str, prefix: str) -> None:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        self._errors = (BotoCoreError, ClientError)
        self._client: Any = boto3.client("s3")
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def put(self, key: str, payload: bytes) -> None:
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=payload)
        except self._errors as error:
            raise Unavailable("the export can't be kept: its bucket refuses") from error

    def get(self, key: str) -> bytes:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            payload: bytes = found["Body"].read()
        except self._errors as error:
            raise Unavailable("this part of the export can't be read") from error
        return payload

    def remove(self, prefix: str) -> None:
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._prefix}{prefix}/"
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    self._client.delete_object(Bucket=self._bucket, Key=found["Key"])
        except self._errors as error:
            raise Unavailable("the export can't be removed: its bucket refuses") from error

    def location(self, prefix: str) -> str:
        return f"s3://{self._bucket}/{self._prefix}{prefix}"


def open_shelf(where: str | None, database_path: Path | None, runtime: Path) -> Shelf:
    """The shelf at `where` (a folder or `s3://bucket/prefix`), else one beside the database."""
    if where and where.startswith("s3://"):
        bucket, _, prefix = where.removeprefix("s3://").partition("/")
        if not bucket:
            raise StartRefused(f"{where}: names no bucket; write s3://bucket/prefix")
        return S3Shelf(bucket, prefix)
    if where:
        return FolderShelf(Path(where))
    beside = database_path.with_name(f"{database_path.name}.exports") if database_path else None
    return FolderShelf(beside or runtime / "exports")
