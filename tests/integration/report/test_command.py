"""`golive report`, and the page that a run leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import report_world as world
from golive.cli.report import after
from golive.evidence.release import Release
from golive.evidence.vault import Vault
from golive.evidence.verify import State, verify
from golive.kernel.errors import GoliveError
from golive.main import app
from golive.report import render


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return world.whole(tmp_path / "a path with a space")


def _golive(*args: object) -> Result:
    return CliRunner().invoke(app, ["report", *map(str, args)])


@pytest.mark.parametrize("whole_vault", [True, False])
def test_a_vault_and_a_release_give_the_same_page(
    release: Path, tmp_path: Path, whole_vault: bool
) -> None:
    given = release.parents[2] if whole_vault else release
    output = tmp_path / "out.html"
    done = _golive(given, "--output", output)
    assert done.exit_code == 0, done.output
    assert str(output) in done.output
    assert output.read_bytes() == render(release)
    assert verify(release.parents[2]).state is State.INTACT


def test_the_newest_seal_of_a_vault_is_told(release: Path, tmp_path: Path) -> None:
    vault = Vault(release.parents[2])
    artefacts = vault.release(world.RUN).artefacts
    assert vault.seal(Release(world.RUN, artefacts), world.KEY).number == 2
    output = tmp_path / "out.html"
    assert _golive(vault.root, "-o", output).exit_code == 0
    assert b"seal 2" in output.read_bytes()


def test_a_changed_vault_gets_none_and_is_told_how(release: Path, tmp_path: Path) -> None:
    facts = release / "data/golive/facts.json"
    facts.chmod(0o644)
    facts.write_text("{}")
    output = tmp_path / "out.html"
    done = _golive(release, "-o", output)
    assert done.exit_code == 1
    assert "not what was sealed" in done.output
    assert "changed: data/golive/facts.json" in done.output
    assert not output.exists()


@pytest.mark.parametrize("kind", ["nothing", "empty", "file"])
def test_what_is_no_vault_is_bad_input(tmp_path: Path, kind: str) -> None:
    given = tmp_path / "given"
    if kind == "empty":
        given.mkdir()
    elif kind == "file":
        given.write_text("hello")
    done = _golive(given, "-o", tmp_path / "out.html")
    assert isinstance(done.exception, GoliveError)
    assert done.exception.exit_code == 2
    assert "not a vault" in str(done.exception)


@pytest.mark.parametrize("inside", ["report.html", "data/report.html"])
def test_it_is_not_written_into_what_was_sealed(release: Path, inside: str) -> None:
    done = _golive(release, "-o", release / inside)
    assert isinstance(done.exception, GoliveError)
    assert "no longer verify" in str(done.exception)
    assert verify(release).state is State.INTACT


def test_a_page_that_cannot_be_written_is_told(release: Path, tmp_path: Path) -> None:
    done = _golive(release, "-o", tmp_path / "no such folder" / "out.html")
    assert isinstance(done.exception, GoliveError)
    assert "can't be written" in str(done.exception)


def test_a_run_leaves_its_page_in_its_own_folder(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = release.parents[3] / "state"
    after({"vault": str(release)}, state, as_json=False)
    page = state / world.RUN / "report.html"
    assert page.read_bytes() == render(release)
    assert str(page) in capsys.readouterr().out
    assert verify(release.parents[2]).state is State.INTACT


def test_json_for_machines_stays_json(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = release.parents[3] / "state"
    after({"vault": str(release)}, state, as_json=True)
    assert (state / world.RUN / "report.html").exists()
    assert capsys.readouterr().out == ""


def test_a_run_whose_page_fails_keeps_its_verdict(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after({"vault": str(release)}, tmp_path / "gone", as_json=False)
    assert "the report was not written" in capsys.readouterr().err
