"""Copies under Object Lock, on a store that really refuses to give them up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from evidence_world.attacks import edit
from evidence_world.making import FILES, REHEARSAL, Made, make, tree
from evidence_world.ports import free_port
from golive.adapters import s3_vault
from golive.adapters.s3_vault import S3Vault
from golive.evidence.verify import State, verify
from golive.kernel.errors import PortError, Unreachable

_NUMBERS = count()

Open = Callable[..., S3Vault]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "vault")


@pytest.fixture(scope="session")
def locked(store) -> str:  # type: ignore[no-untyped-def]
    """A bucket that locks."""
    return str(store.bucket("locked", lock=True))


@pytest.fixture
def opened() -> Iterator[Open]:
    """Makes vaults, and lets go of their connections."""
    with ExitStack() as stack:

        def make_one(bucket: str, **options: Any) -> S3Vault:
            return stack.enter_context(closing(S3Vault(bucket, **options)))

        yield make_one


@pytest.fixture
def copies(store, opened: Open, locked: str) -> S3Vault:  # type: ignore[no-untyped-def]
    """A prefix of its own in it."""
    return opened(locked, prefix=f"team/{next(_NUMBERS)}/", days=2, endpoint=store.endpoint)


def versions(store, copies: S3Vault) -> list[dict[str, object]]:  # type: ignore[no-untyped-def]
    answer = store.client.list_object_versions(Bucket=copies._bucket, Prefix=copies._prefix)
    found: list[dict[str, object]] = answer["Versions"]
    return found


def test_a_release_is_copied_locked_and_comes_back_whole(  # type: ignore[no-untyped-def]
    store, copies: S3Vault, made: Made, tmp_path: Path
) -> None:
    copied = copies.push(made.seal.path)
    assert (copied.rehearsal, copied.number) == (REHEARSAL, 1)
    assert copied.files == len(FILES) + 8
    assert copied.size == sum(len(data) for data in tree(made.seal.path).values())
    assert copied.locked_until > datetime.now(UTC) + timedelta(days=1, hours=23)
    assert copies.kept() == [(REHEARSAL, 1)]
    copies.pull(REHEARSAL, 1, tmp_path / "back")
    assert tree(tmp_path / "back") == tree(made.seal.path)
    assert verify(tmp_path / "back", trusted=[made.key.public]).state is State.INTACT


def test_what_was_copied_cannot_be_taken_back(store, copies: S3Vault, made: Made) -> None:  # type: ignore[no-untyped-def]
    copies.push(made.seal.path)
    soon = {"Mode": "COMPLIANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(minutes=1)}
    for one in versions(store, copies):
        where = {"Bucket": copies._bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
        with pytest.raises(ClientError, match="AccessDenied"):
            store.client.delete_object(**where)
        with pytest.raises(ClientError, match="AccessDenied"):
            store.client.put_object_retention(**where, Retention=soon)


def test_a_newer_version_or_a_delete_marker_hides_nothing(  # type: ignore[no-untyped-def]
    store, copies: S3Vault, made: Made, tmp_path: Path
) -> None:
    copies.push(made.seal.path)
    for number, one in enumerate(versions(store, copies)):
        if number % 2:
            store.client.delete_object(Bucket=copies._bucket, Key=one["Key"])
        else:
            store.client.put_object(Bucket=copies._bucket, Key=one["Key"], Body=b"forged")
    assert copies.kept() == [(REHEARSAL, 1)]
    copies.pull(REHEARSAL, 1, tmp_path / "back")
    assert tree(tmp_path / "back") == tree(made.seal.path)


def test_copying_again_puts_nothing_new_and_prolongs_the_lock(  # type: ignore[no-untyped-def]
    store, opened: Open, copies: S3Vault, made: Made
) -> None:
    first = copies.push(made.seal.path)
    before = {one["VersionId"] for one in versions(store, copies)}
    longer = opened(copies._bucket, prefix=copies._prefix, days=9, endpoint=store.endpoint)
    second = longer.push(made.seal.path)
    assert {one["VersionId"] for one in versions(store, copies)} == before
    assert second.locked_until > first.locked_until + timedelta(days=6)
    assert copies.push(made.seal.path).locked_until > first.locked_until + timedelta(days=6)


def test_a_copy_that_was_cut_short_is_none_and_is_finished(  # type: ignore[no-untyped-def]
    store, copies: S3Vault, made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    upload = S3Vault._upload

    def cut(self: S3Vault, path: Path, *rest: object) -> str:
        if path.name == "playbook.md":
            raise PortError("the line was cut")
        return upload(self, path, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(S3Vault, "_upload", cut)
        with pytest.raises(PortError, match="line was cut"):
            copies.push(made.seal.path)
    assert copies.kept() == []
    with pytest.raises(PortError, match="no sealed copy"):
        copies.pull(REHEARSAL, 1, tmp_path / "back")
    copies.push(made.seal.path)
    assert copies.kept() == [(REHEARSAL, 1)]


def test_a_bucket_that_would_not_lock_is_refused(  # type: ignore[no-untyped-def]
    store, opened: Open, made: Made
) -> None:
    for number, versioned in enumerate((False, True)):
        bucket = store.bucket(f"plain-{number}", lock=False)
        if versioned:
            store.client.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
        copies = opened(bucket, endpoint=store.endpoint)
        for act in (copies.demand_lock, lambda copies=copies: copies.push(made.seal.path)):
            with pytest.raises(PortError, match="would not lock") as caught:
                act()
            assert "Object Lock" in caught.value.hint
        assert "Contents" not in store.client.list_objects_v2(Bucket=bucket)


def test_what_is_broken_is_not_copied(copies: S3Vault, made: Made) -> None:
    edit(made.seal.path)
    with pytest.raises(PortError, match="not intact"):
        copies.push(made.seal.path)
    assert copies.kept() == []


def test_a_file_that_somebody_laid_there_first_is_not_passed_over(  # type: ignore[no-untyped-def]
    store, copies: S3Vault, made: Made
) -> None:
    key = f"{copies._prefix}releases/{REHEARSAL}/1/bagit.txt"
    store.client.put_object(Bucket=copies._bucket, Key=key, Body=b"first")
    with pytest.raises(PortError, match="another file lies") as caught:
        copies.push(made.seal.path)
    assert key in caught.value.where
    assert copies.kept() == []


@pytest.mark.parametrize("name", ["../outside", "data/../../outside", "data/a\x1bb", "/tmp/x"])
def test_hostile_names_in_a_bucket_are_refused(  # type: ignore[no-untyped-def]
    name: str, store, copies: S3Vault, made: Made, tmp_path: Path
) -> None:
    copies.push(made.seal.path)
    version = s3_vault._Version(
        f"{copies._prefix}releases/{REHEARSAL}/1/{name}", "v", 1, datetime.now(UTC)
    )
    there = dict(copies._oldest(f"{copies._prefix}releases/{REHEARSAL}/1/"))
    copies._oldest = lambda prefix: {version.key: version, **there}  # type: ignore[method-assign]
    with pytest.raises(PortError, match="can't be kept"):
        copies.pull(REHEARSAL, 1, tmp_path / "back")
    assert not (tmp_path / "outside").exists()


def test_a_large_file_goes_in_parts_and_is_locked_too(  # type: ignore[no-untyped-def]
    store, copies: S3Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_vault, "_ONE_PART", 5 << 20)
    made = make(tmp_path / "big", {"big.bin": bytes(range(256)) * 50_000})
    copied = copies.push(made.seal.path)
    assert copied.size > 12_000_000
    copies.pull(REHEARSAL, 1, tmp_path / "back")
    assert verify(tmp_path / "back", trusted=[made.key.public]).state is State.INTACT


def test_no_bucket_no_store_and_no_credentials_are_one_clear_message(  # type: ignore[no-untyped-def]
    store, opened: Open, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PortError, match=r"NoSuchBucket|would not lock|404"):
        opened("nowhere", endpoint=store.endpoint).push(made.seal.path)
    with pytest.raises(Unreachable, match="doesn't answer"):
        opened("nowhere", endpoint=f"http://127.0.0.1:{free_port()}").demand_lock()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-key")
    with pytest.raises(PortError) as caught:
        opened("nowhere", endpoint=store.endpoint).demand_lock()
    assert "wrong-secret-key" not in str(caught.value)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(PortError, match="NoCredentialsError"):
        opened("nowhere", endpoint=store.endpoint).demand_lock()
