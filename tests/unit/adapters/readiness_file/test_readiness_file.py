from __future__ import annotations

from pathlib import Path

import pytest

from golive.adapters.readiness_file import LocalReadinessFile
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity


def test_the_bytes_as_they_are_now(tmp_path: Path) -> None:
    path = tmp_path / "readiness.json"
    file = LocalReadinessFile(path, Fidelity.LOCAL)
    for content in (b"{}", b"not json at all"):
        path.write_bytes(content)
        assert file.read() == content


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="no readiness snapshot") as caught:
        LocalReadinessFile(tmp_path / "none.json", Fidelity.LOCAL).read()
    assert "none.json" in str(caught.value)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="can't be read"):
        LocalReadinessFile(tmp_path, Fidelity.LOCAL).read()


def test_something_far_too_large(tmp_path: Path) -> None:
    path = tmp_path / "readiness.json"
    path.write_bytes(b" " * 1_000_001)
    with pytest.raises(PortError, match="larger"):
        LocalReadinessFile(path, Fidelity.LOCAL).read()
