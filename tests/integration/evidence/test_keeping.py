"""Evidence on its way into the vault: of any size, cleaned, staff under pseudonyms."""

from __future__ import annotations

import hashlib
import io
import json
import tracemalloc
from pathlib import Path

import pyrage
import pytest

from golive.evidence.artefact import Artefact
from golive.evidence.objects import ObjectStore
from golive.evidence.pseudonyms import Pseudonyms, pseudonymised
from golive.evidence.redact import Redactor
from golive.kernel.errors import BadInput, GoliveError
from golive.kernel.fidelity import Fidelity
from golive.ports.clock import SystemClock
from golive.rehearsal.keeping import Keeper, Privacy

MIB = 1 << 20
ROTA = "﻿Name;E-mail address;Shift\nAsha Menon;asha.menon@corp.com;early\nTom;;late\n"


def keeper(folder: Path, privacy: Privacy | None = None) -> Keeper:
    redactor = Redactor(["a-known-secret"], ["rehearsal.example"])
    log = folder / "redactions.jsonl"
    return Keeper(ObjectStore(folder / "vault"), redactor, log, SystemClock(), privacy)


def keep(one: Keeper, content: object, media_type: str) -> Artefact:
    return one.artefact(
        "a/file",
        content,  # type: ignore[arg-type]
        media_type,
        producer="cutover/1:x",
        fidelity=Fidelity.LOCAL,
    )


class Lines(io.RawIOBase):
    """`mebibytes` of log lines, made as they are read; one of them holds an address."""

    def __init__(self, mebibytes: int) -> None:
        self._left = mebibytes
        self._block = b"2024-05-30T10:45:00Z INFO GET /v1/timeline 200 12.4ms\n" * (MIB // 54)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            return b""
        self._left -= 1
        return self._block if self._left != 2 else self._block + b"from jo@corp.com\n"


@pytest.mark.parametrize("media_type", ["text/plain", "application/octet-stream"])
def test_memory_is_the_same_for_a_small_and_a_large_file(tmp_path: Path, media_type: str) -> None:
    peaks = []
    for mebibytes in (3, 12):
        one = keeper(tmp_path / str(mebibytes))
        (tmp_path / str(mebibytes)).mkdir(exist_ok=True)
        tracemalloc.start()
        kept = keep(one, Lines(mebibytes), media_type)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert kept.size > (mebibytes - 1) * MIB
        assert [line["kind"] for line in one.redactions()] == ["email"]  # type: ignore[index,call-overload]
    assert peaks[1] < peaks[0] + 2 * MIB


def test_a_stream_and_its_bytes_are_one_artefact(tmp_path: Path) -> None:
    text = b"password=hunter2-really\n" + b"x\n" * MIB
    stored = [
        keep(keeper(tmp_path), content, "text/plain").sha256
        for content in (text, io.BytesIO(text), _file(tmp_path / "t", text), text.decode())
    ]
    assert len(set(stored)) == 1
    with ObjectStore(tmp_path / "vault").open(stored[0]) as kept:
        assert hashlib.file_digest(kept, "sha256").hexdigest() == stored[0]
        kept.seek(0)
        assert kept.read(40).startswith(b"password=[redacted: password]\n")


def test_a_refused_stream_leaves_nothing(tmp_path: Path) -> None:
    content = io.BytesIO(bytes(3 * MIB) + b"a-known-secret")
    with pytest.raises(GoliveError, match="can't be redacted"):
        keep(keeper(tmp_path), content, "application/octet-stream")
    assert not [path for path in (tmp_path / "vault").rglob("*") if path.is_file()]


def test_what_was_not_looked_into_is_told_apart_from_what_was_taken_out(tmp_path: Path) -> None:
    one = keeper(tmp_path)
    keep(one, b"\0\1\2", "application/octet-stream")
    assert one.redactions() == []
    (told,) = one.unsearched()
    assert told == {
        "artefact": "a/file",
        "why": "application/octet-stream: only known secrets were looked for",
    }


def test_a_table_of_staff_is_kept_under_pseudonyms_and_its_original_for_readers(
    tmp_path: Path,
) -> None:
    reader = pyrage.x25519.Identity.generate()
    privacy = Privacy(Pseudonyms(b"k" * 32), {"greta": str(reader.to_public())})
    one = keeper(tmp_path, privacy)
    file = _file(tmp_path / "rota.csv", ROTA.encode())
    kept = one.upload("rota.csv", file, "text/csv", person="marta", item="surge/1")
    store = ObjectStore(tmp_path / "vault")
    with store.open(kept.sha256) as content:
        table = content.read().decode()
    assert "Asha" not in table
    assert "asha" not in table
    assert table.splitlines()[1].endswith(";early")
    told, originals = one.originals()
    assert told == [
        {
            "artefact": "rota.csv",
            "sha256": hashlib.sha256(ROTA.encode()).hexdigest(),
            "size": len(ROTA.encode()),
            "readers": ["greta"],
            "encrypted": "rota.csv.age",
            "pseudonyms": privacy.pseudonyms.mark,
        }
    ]
    with store.open(originals[0].sha256) as content:
        assert pyrage.decrypt(content.read(), [reader]) == ROTA.encode()
    for path in (tmp_path / "vault").rglob("*"):
        assert not path.is_file() or b"Asha" not in path.read_bytes()


def test_without_readers_only_the_hash_of_the_original_is_kept(tmp_path: Path) -> None:
    one = keeper(tmp_path, Privacy(Pseudonyms(b"k" * 32)))
    one.upload("r.csv", _file(tmp_path / "r", ROTA.encode()), "text/csv", person="m", item="s/1")
    told, originals = one.originals()
    assert originals == []
    assert json.loads(json.dumps(told))[0]["encrypted"] is None


def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    one = keeper(tmp_path, Privacy(Pseudonyms(b"k" * 32)))
    file = _file(tmp_path / "r.csv", b"Name;Mail\n\xff\xfe;x\n")
    with pytest.raises(BadInput, match="can't be read"):
        one.upload("r.csv", file, "text/csv", person="m", item="s/1")


def test_a_person_bears_one_pseudonym_in_a_rehearsal_and_another_in_the_next() -> None:
    first, second = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)
    assert first.of("Asha  Menon") == first.of("asha menon")
    assert first.of("Asha Menon") != second.of("Asha Menon")
    assert first.of("x", "mail") != first.of("x", "person")
    assert "111" not in repr(first)


def test_a_table_that_names_nobody_stays() -> None:
    names = Pseudonyms(b"k" * 32)
    assert pseudonymised(b"file,name\na,b\n", names) is None, "a lone `name` names anything"
    assert pseudonymised(b"risk,owner\na,DevOps\n", names) is None
    assert pseudonymised(b"", names) is None
    found = pseudonymised(b"First name,Surname\nAsha,Menon\n", names)
    assert found is not None
    assert b"Menon" not in found


def _file(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
