"""`golive vault export|import|rotate`: one file to hand over, and nothing taken in on trust."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from golive.evidence.keys import load_or_create_key
from golive.evidence.verify import State, verify
from golive.kernel.errors import BadInput

Run = Callable[..., Result]


@pytest.fixture
def key(rehearsed: Path, tmp_path: Path) -> Path:
    """The public half of the key that sealed it."""
    path = tmp_path / "theirs.pem"
    path.write_bytes(next((rehearsed / "releases").rglob("metadata/seal-key.pem")).read_bytes())
    return path


def test_a_release_goes_out_and_comes_in_by_command(
    rehearsed: Path, golive: Run, key: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "1.tar", tmp_path / "2.tar"
    for file in (first, second):
        done = golive("vault", "export", rehearsed, file)
        assert done.exit_code == 0, done.output
    assert first.read_bytes() == second.read_bytes()
    done = golive("vault", "import", first, tmp_path / "mine", "--key", key)
    assert done.exit_code == 0, done.output
    found = verify(tmp_path / "mine")
    assert found.state is State.INTACT
    assert found.releases[0].digest in done.output
    again = golive("vault", "export", tmp_path / "mine", tmp_path / "3.tar")
    assert again.exit_code == 0
    assert (tmp_path / "3.tar").read_bytes() == first.read_bytes()


def test_what_may_not_be_is_refused_in_words(
    rehearsed: Path, golive: Run, key: Path, tmp_path: Path
) -> None:
    inside = golive("vault", "export", rehearsed, rehearsed / "x.tar")
    assert "no longer verify" in str(inside.exception)
    unknown = golive("vault", "export", rehearsed, tmp_path / "x.tar", "--release", "other")
    assert "no sealed release 'other'" in str(unknown.exception)
    golive("vault", "export", rehearsed, tmp_path / "x.tar")
    keyless = golive("vault", "import", tmp_path / "x.tar", tmp_path / "mine")
    assert isinstance(keyless.exception, BadInput)
    assert not (tmp_path / "mine").exists()


def hostile(**changes: object) -> bytes:
    member = tarfile.TarInfo("1.00-2024-05-30-abc234/1/data/x")
    for name, value in changes.items():
        setattr(member, name, value)
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for one in [member] * (2 if changes.get("name") == "twice/1/x" else 1):
            archive.addfile(one, io.BytesIO(bytes(one.size)) if one.isreg() else None)
    return sink.getvalue()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../../outside"},
        {"name": "/tmp/outside"},
        {"name": "a/1/../../outside"},
        {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
        {"type": tarfile.LNKTYPE, "linkname": "a"},
        {"type": tarfile.FIFOTYPE},
        {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3},
        {"name": "twice/1/x"},
        {"name": "a/1/b\\c"},
    ],
)
def test_a_hostile_archive_leaves_nothing(
    changes: dict[str, object], golive: Run, key: Path, tmp_path: Path
) -> None:
    file = tmp_path / "hostile.tar"
    file.write_bytes(hostile(**changes))
    done = golive("vault", "import", file, tmp_path / "mine", "--key", key)
    assert isinstance(done.exception, BadInput), done.output
    assert not [
        one for one in (tmp_path / "mine").rglob("*") if one.is_file() and one.name != ".lock"
    ]
    assert not (tmp_path / "outside").exists()


def test_a_vault_changes_keys_by_command(
    rehearsed: Path, golive: Run, key: Path, tmp_path: Path
) -> None:
    golive("vault", "export", rehearsed, tmp_path / "x.tar")
    golive("vault", "import", tmp_path / "x.tar", tmp_path / "mine", "--key", key)
    own = load_or_create_key(tmp_path / "config" / "golive" / "seal-key.pem")
    done = golive("vault", "rotate", tmp_path / "mine", "--to", tmp_path / "next.pem")
    assert done.exit_code == 0, (done.output, done.exception)
    assert f"retired {own.key_id}" in done.output
    assert verify(tmp_path / "mine", trusted=[own.public]).state is State.INTACT
    after = load_or_create_key(tmp_path / "next.pem")
    assert verify(tmp_path / "mine", trusted=[after.public]).state is State.INTACT


def test_verify_tells_each_layer_and_what_it_could_not_check(
    rehearsed: Path, golive: Run, key: Path
) -> None:
    done = golive("verify", rehearsed, "--key", key)
    assert done.exit_code == 0
    checked = [line for line in done.output.splitlines() if line.startswith("  checked: ")]
    for layer in ("trust/roles.json", "ledger", "seal.dsse.json", "tag files", "data/", "objects/"):
        assert any(layer in line for line in checked), layer
    assert "not checked" not in done.output
    release = next((rehearsed / "releases").glob("*/*"))
    assert "not checked: ledger and trust file" in golive("verify", release).output
