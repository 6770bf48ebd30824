"""`golive report`, and the page that a run leaves."""

from __future__ import annotations

import shutil
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


def test_the_trend_over_a_folder_of_vaults_is_part_of_the_page(tmp_path: Path) -> None:
    releases = world.many(tmp_path / "here")
    root = releases[0].parents[2]
    alone = world.whole(tmp_path / "vaults" / "alone").parents[3]
    shutil.copytree(root, alone / "a copy")
    pages = []
    for name in ("first.html", "second.html"):
        done = _golive(root, "--trend", alone.parent, "-o", tmp_path / name)
        assert done.exit_code == 0, done.output
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]
    html = pages[0].decode()
    assert '<h2 id="trend">Over time</h2>' in html
    assert '<a href="#trend">' in html
    assert "2.0-2024-06-01-cccccc (this one)" in html
    assert "p95: from 640 to 120 ms" in html, "the line in words"
    assert "640 · 120 · 120 ms" in html, "and in figures"
    assert "1: Not ready, 12.5 s, 2: Incomplete, 12.5 s, 3: Incomplete" in html, "the bars in words"
    assert str(tmp_path) not in html


def test_a_page_tells_of_those_before_it_in_its_own_vault_and_stays_as_it_was(
    tmp_path: Path,
) -> None:
    releases = world.many(tmp_path)
    root, output = releases[0].parents[2], tmp_path / "out.html"
    told = []
    for release in releases:
        assert _golive(release, "-o", output).exit_code == 0
        told.append(output.read_text())
    assert told[0] == render(releases[0]).decode(), "the first has none before it"
    assert "2.0-2024-05-31-bbbbbb (this one)" in told[1]
    assert "cccccc" not in told[1]
    assert "2.0-2024-06-01-cccccc (this one)" in told[2]
    assert _golive(root, "-o", output).exit_code == 0
    assert output.read_text() == told[2], "the vault's newest is that release"
    shutil.copytree(root, tmp_path / "moved")
    moved = tmp_path / "moved" / releases[1].relative_to(root)
    assert _golive(moved, "-o", output).exit_code == 0
    assert output.read_text() == told[1]


def test_a_changed_vault_is_left_out_of_the_trend_by_name(tmp_path: Path) -> None:
    releases = world.many(tmp_path / "here")
    other = world.whole(tmp_path / "vaults" / "there")
    facts = other / "data/golive/facts.json"
    facts.chmod(0o644)
    facts.write_text("{}")
    shutil.copytree(releases[0].parents[2], tmp_path / "vaults" / "same")
    output = tmp_path / "out.html"
    assert _golive(releases[0], "--trend", tmp_path / "vaults", "-o", output).exit_code == 0
    html = output.read_text()
    assert "<h3>Left out</h3>" in html
    assert "<li>there/vault: changed:" in html
    none = _golive(releases[0], "--trend", tmp_path / "vaults" / "there" / "state", "-o", output)
    assert isinstance(none.exception, GoliveError)
    assert "no vault lies in it" in str(none.exception)


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
