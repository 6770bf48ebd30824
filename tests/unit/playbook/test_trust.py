"""Code of a team's own runs only where somebody has said so."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from golive.drillkit.drill import Registry
from golive.kernel.errors import BadInput
from golive.playbook.parse import Parsed, parse
from golive.playbook.trust import TrustStore, needs_trust, shipped_digests

NOW = datetime(2024, 5, 30, 9, tzinfo=UTC)


def test_only_code_needs_trust(bound: Parsed, launch: Parsed, catalogue: Registry) -> None:
    assert bound.playbook is not None and launch.playbook is not None
    assert [block.id for block in needs_trust(bound.playbook, catalogue)] == ["way-back/1"]
    assert needs_trust(launch.playbook, catalogue) == ()


def test_a_section_that_no_row_runs_needs_trust_too(catalogue: Registry) -> None:
    text = b"# A\n|Time|Activity|\n|-|-|\n|09:00|a|\n## B\n```yaml golive\ndrill: command\n```\n"
    playbook = parse(text, "a.md").playbook
    assert playbook is not None
    assert len(needs_trust(playbook, catalogue)) == 1


def test_nothing_is_trusted_until_it_is_recorded(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "golive"
    store = TrustStore(folder)
    assert not store.is_trusted("a" * 64)
    store.record("a" * 64, "x.md", NOW)
    store.record("a" * 64, "x.md", NOW)
    assert store.is_trusted("a" * 64) and not store.is_trusted("b" * 64)
    (line,) = (folder / "trusted.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "digest": "a" * 64,
        "file": "x.md",
        "at": "2024-05-30T09:00:00.000Z",
    }
    assert stat.S_IMODE((folder / "trusted.jsonl").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert TrustStore(folder).is_trusted("a" * 64)


def test_shipped_playbooks_are_trusted_as_they_are(tmp_path: Path) -> None:
    shipped = tmp_path / "playbooks"
    shipped.mkdir()
    (shipped / "a.md").write_bytes(b"# A\n")
    (digest,) = shipped_digests(shipped)
    store = TrustStore(tmp_path / "config", shipped=shipped)
    assert store.is_trusted(digest)
    playbook = parse(b"# A\n\n", "a.md").playbook
    assert playbook is not None and not store.is_trusted(playbook.digest)
    assert shipped_digests(tmp_path / "none") == frozenset()


@pytest.mark.parametrize("line", ["", "not json", "[]", '{"digest": 1}', '"' + "a" * 64 + '"'])
def test_a_line_that_cannot_be_read_trusts_nothing(tmp_path: Path, line: str) -> None:
    (tmp_path / "trusted.jsonl").write_text(line + "\n")
    (tmp_path / "trusted.jsonl").chmod(0o600)
    assert not TrustStore(tmp_path).is_trusted("a" * 64)
    assert not TrustStore(tmp_path).is_trusted("")


def test_a_store_that_others_may_write_proves_nothing(tmp_path: Path) -> None:
    store = TrustStore(tmp_path)
    store.record("a" * 64, "x.md", NOW)
    (tmp_path / "trusted.jsonl").chmod(0o622)
    with pytest.raises(BadInput, match="others may write"):
        store.is_trusted("a" * 64)


def test_a_store_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="can't be"):
        TrustStore(tmp_path / "file").record("a" * 64, "x.md", NOW)
