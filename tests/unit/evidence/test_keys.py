from __future__ import annotations

import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from golive.evidence.keys import (
    SigningKey,
    load_key,
    load_or_create_key,
    load_public_key,
    public_key,
)
from golive.kernel.errors import GoliveError


def test_a_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "seal-key.pem"
    key = load_or_create_key(path)
    assert load_or_create_key(path).key_id == key.key_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["seal-key.pem"]
    assert path.read_text().startswith("-----BEGIN PRIVATE KEY-----")


def test_all_who_ask_at_once_get_the_one_key(tmp_path: Path) -> None:
    path = tmp_path / "seal-key.pem"
    with ThreadPoolExecutor(16) as pool:
        ids = {key.key_id for key in pool.map(load_or_create_key, [path] * 64)}
    assert len(ids) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "seal-key.pem"
    load_or_create_key(path)
    path.chmod(mode)
    with pytest.raises(GoliveError, match="others may read") as caught:
        load_or_create_key(path)
    assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"-----BEGIN PRIVATE KEY-----\nAA==\n"])
def test_what_is_no_key_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "seal-key.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(GoliveError, match="not an unencrypted private key"):
        load_key(path)


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "seal-key.pem"
    path.write_bytes(
        other.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.chmod(0o600)
    with pytest.raises(GoliveError, match="not an Ed25519 key"):
        load_key(path)
    pem = other.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(ValueError, match="not an Ed25519 key"):
        public_key(pem)


def test_the_key_id_is_the_digest_of_the_public_key(tmp_path: Path) -> None:
    key = SigningKey.generate()
    path = tmp_path / "public.pem"
    path.write_text(key.public.pem)
    loaded = load_public_key(path)
    der = loaded.raw.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert loaded == key.public
    assert key.key_id == hashlib.sha256(der).hexdigest()


def test_a_missing_or_foreign_public_key_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(GoliveError, match="can't be read"):
        load_public_key(tmp_path / "none.pem")
    private = tmp_path / "private.pem"
    load_or_create_key(private)
    with pytest.raises(GoliveError, match="not a public key") as caught:
        load_public_key(private)
    assert "openssl pkey" in caught.value.hint


def test_a_private_key_never_shows(tmp_path: Path) -> None:
    key = load_or_create_key(tmp_path / "k.pem")
    assert repr(key) == f"SigningKey({key.key_id})"


def test_an_unwritable_folder_is_one_clear_message(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(GoliveError, match="signing key"):
        load_or_create_key(blocked / "k.pem")


def test_a_fifo_is_not_a_key(tmp_path: Path) -> None:
    path = tmp_path / "seal-key.pem"
    os.mkfifo(path, 0o600)
    with pytest.raises(GoliveError, match="not a regular file"):
        load_or_create_key(path)
