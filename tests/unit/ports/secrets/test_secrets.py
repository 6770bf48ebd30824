from __future__ import annotations

from pathlib import Path

import pytest

from golive.kernel.errors import NotConfigured
from golive.ports.target import SecretRef


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", " kept as it is ")
    assert SecretRef(env="A_SECRET").read("the key") == " kept as it is "


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("A_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("A_SECRET", value)
    with pytest.raises(NotConfigured, match="A_SECRET"):
        SecretRef(env="A_SECRET").read("the key")


def private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def test_from_a_private_file(tmp_path: Path) -> None:
    assert SecretRef(file=private(tmp_path / "s", "word\r\n")).read("the key") == "word"


def test_a_file_that_others_can_open(tmp_path: Path) -> None:
    file = private(tmp_path / "s", "hunter22")
    file.chmod(0o640)
    with pytest.raises(NotConfigured, match="others can open") as caught:
        SecretRef(file=file).read("the key")
    assert "hunter22" not in str(caught.value)
    assert "chmod 600" in caught.value.hint


def test_files_that_hold_none(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="empty"):
        SecretRef(file=private(tmp_path / "s", "\n")).read("the key")
    with pytest.raises(NotConfigured, match="can't be read"):
        SecretRef(file=tmp_path / "none").read("the key")


@pytest.mark.parametrize("ref", [SecretRef(), SecretRef(env="A", file=Path("b"))])
def test_exactly_one_of_them(ref: SecretRef) -> None:
    with pytest.raises(NotConfigured, match="exactly one"):
        ref.read("the key")
