"""What is said in the console lies in the bucket, too."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from console_world import world
from decided_day import prepare, sign, whole_day
from golive.bootstrap import copies
from golive.evidence.vault import Vault
from golive.rehearsal.copying import copied_to


def test_a_word_goes_to_the_copy_and_stands_where_the_bucket_is_away(  # type: ignore[no-untyped-def]
    store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store.endpoint)
    address = f"s3://{store.bucket('said-in-the-console', lock=True)}/team?days=2"
    with world(tmp_path) as launch:
        launch.copied_to = address
        prepare(launch)
        people = whole_day(launch)
        root = Path(str(launch.board().verdict["vault"])).parents[2]
        assert copied_to(Vault(root), launch.state) == address
        assert "not copied" not in sign(launch, people["tom"])
        assert _there(address, tmp_path / "first") == (root / "ledger/ledger.jsonl").read_bytes()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
        told = sign(launch, people["greta"])
        assert "Signed: go." in told
        assert "said, but not copied" in told
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store.endpoint)
        assert "not copied" not in sign(launch, people["ruth"])
        assert _there(address, tmp_path / "second") == (root / "ledger/ledger.jsonl").read_bytes()


def _there(address: str, folder: Path) -> bytes:
    """The copy's ledger."""
    folder.mkdir()
    with closing(copies(address)) as there:
        there.pull_records(folder)
    return (folder / "ledger/ledger.jsonl").read_bytes()
