"""A rehearsal that seals into a bucket, and a vault beside its copy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evidence_world.making import FILES, REHEARSAL, Made, artefacts, make
from golive import bootstrap
from golive.evidence.release import Release
from golive.kernel.errors import BadInput, PortError
from golive.main import app
from golive.ports.copies import Copies
from golive.rehearsal.copying import copy_whole
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.run import NotCopied, begin, resume
from harness.memory_run import MemorySupplies, order

_NUMBERS = count()
PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
---
# A launch

## Timeline
| Time | Activity | Owner |
| --- | --- | --- |
| 09:00 | [Readiness](#readiness) | DevOps Lead |

## Readiness
```yaml golive
drill: readiness
with: {burst: 3}
```
"""


@pytest.fixture
def address(store, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """A bucket of its own that locks, reached as a user would."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store.endpoint)
    bucket = store.bucket(f"rehearsals-{next(_NUMBERS)}", lock=True)
    yield f"s3://{bucket}/team?days=2"


@dataclass
class Copying(MemorySupplies):
    copied: Callable[[str], Copies] = bootstrap.copies

    def copies(self, address: str) -> Copies:
        return self.copied(address)


def verify(*words: str | Path) -> dict[str, object]:
    done = CliRunner().invoke(app, ["verify", *map(str, words), "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    told: dict[str, object] = json.loads(done.output)
    return told


def push(root: Path, address: str) -> None:
    from golive.evidence.vault import Vault

    with closing(bootstrap.copies(address)) as copies:
        copy_whole(Vault(root), copies)


def test_a_rehearsal_seals_into_the_bucket_and_it_verifies_there(
    address: str, tmp_path: Path
) -> None:
    supplies = Copying(tmp_path)
    verdict = begin(replace(order(PLAYBOOK, tmp_path), vault_copy=address), supplies)
    assert verdict["copy"] == address
    there, here = verify(address), verify(Path(str(verdict["vault"])).parents[2])
    assert there["state"] == here["state"] == "intact", there
    assert there["releases"] == here["releases"]
    key = tmp_path / "key.pem"
    key.write_text(supplies.signing_key().public.pem)
    assert verify(address, "--key", key)["unchecked"] == []


def test_a_bucket_that_would_not_lock_is_refused_before_the_day(  # type: ignore[no-untyped-def]
    store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store.endpoint)
    bucket = store.bucket(f"open-{next(_NUMBERS)}", lock=False)
    supplies = Copying(tmp_path)
    with pytest.raises(PortError, match="would not lock"):
        begin(replace(order(PLAYBOOK, tmp_path), vault_copy=f"s3://{bucket}"), supplies)
    assert not supplies.memory.effects
    assert not (tmp_path / "state").exists()


class Cut:
    """A bucket whose line is cut at the first file."""

    def __init__(self, inner: Copies) -> None:
        self._inner = inner

    def demand_lock(self) -> None:
        self._inner.demand_lock()

    def push(self, release: Path) -> object:
        raise PortError("the line was cut", where="s3://somewhere")

    def close(self) -> None:
        self._inner.close()


def test_a_copy_that_was_cut_short_is_finished_by_resume(address: str, tmp_path: Path) -> None:
    supplies = Copying(tmp_path, copied=lambda where: Cut(bootstrap.copies(where)))  # type: ignore[arg-type,return-value]
    with pytest.raises(NotCopied, match="sealed, but not copied: the line was cut") as caught:
        begin(replace(order(PLAYBOOK, tmp_path), vault_copy=address), supplies)
    assert "golive resume" in caught.value.hint
    folder = RunFolder.find(tmp_path / "state", None)
    supplies.copied = bootstrap.copies
    assert resume(folder, supplies)["copy"] == address
    assert verify(address)["state"] == "intact"


def test_an_older_ledger_put_back_is_found_beside_the_copy(address: str, tmp_path: Path) -> None:
    made = make(tmp_path / "vault")
    shutil.copytree(made.root, tmp_path / "older")
    made.vault.seal(Release(REHEARSAL, artefacts(made.vault, {**FILES, "b": b"b"})), made.key)
    push(made.root, address)
    assert verify(made.root, "--against", address)["state"] == "intact"
    assert verify(tmp_path / "older")["state"] == "intact", "no layer inside can tell"
    found = verify(tmp_path / "older", "--against", address)
    assert found["state"] == "changed"
    assert "an older state was put back" in json.dumps(found["findings"])
    other = make(tmp_path / "other")
    told = verify(other.root, "--against", address)["findings"]
    assert "tells another story" in json.dumps(told)


def test_the_copy_holds_every_seal_and_the_newest_ledger(address: str, tmp_path: Path) -> None:
    made: Made = make(tmp_path / "vault")
    push(made.root, address)
    made.vault.seal(Release(REHEARSAL, artefacts(made.vault, {**FILES, "b": b"b"})), made.key)
    done = CliRunner().invoke(app, ["vault", "copy", str(made.root), address])
    assert done.exit_code == 0, done.exception
    assert len(done.output.splitlines()) == 2
    assert len(verify(address)["releases"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", ["http://b/x", "s3://", "s3://b?days=0", "s3://b?x=1", "s3://u:secret@b/x", "s3://b?y"]
)
def test_an_address_that_is_none_is_refused_without_its_password(wrong: str) -> None:
    with pytest.raises(BadInput, match="not an address") as caught:
        bootstrap.copies(wrong)
    assert "secret" not in str(caught.value)
