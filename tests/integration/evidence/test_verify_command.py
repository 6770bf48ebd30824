"""`golive verify DIR`: 0 intact, 1 changed, 2 not a vault."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evidence_world.attacks import add_payload, delete, edit, link_outside, rename
from evidence_world.making import FILES, REHEARSAL, Made


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "golive", "verify", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_intact_vault_is_said_to_be_so(made: Made, tmp_path: Path) -> None:
    done = run(made.root, "--key", made.public(tmp_path))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"intact: {made.root}"
    assert made.seal.digest in done.stdout
    assert "not checked" not in done.stdout
    assert "no trusted key was given" in run(made.root).stdout


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (edit, "changed: data/golive/playbook.md"),
        (delete, "missing: data/golive/playbook.md"),
        (rename, "extra: data/golive/playbook2.md"),
        (add_payload, "extra: data/golive/extra.md"),
        (link_outside, "link: data/golive/playbook.md"),
    ],
)
def test_a_changed_one_is_1_and_names_the_file(attack, said, made: Made) -> None:  # type: ignore[no-untyped-def]
    attack(made.seal.path)
    done = run(made.seal.path)
    assert done.returncode == 1
    assert done.stdout.startswith("changed: ")
    assert said in done.stdout
    assert done.stderr == ""
    in_vault = said.replace("data/", f"releases/{REHEARSAL}/1/data/")
    assert in_vault in run(made.root).stdout


@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_what_is_no_vault_is_2(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    done = run(tmp_path / name)
    assert done.returncode == 2
    assert done.stdout.startswith("not a vault: ")


def test_json_is_one_object(made: Made, tmp_path: Path) -> None:
    edit(made.seal.path)
    done = run(made.root, "--json", "--key", made.public(tmp_path))
    said = json.loads(done.stdout)
    assert done.returncode == 1
    assert said["state"] == "changed"
    assert {one["how"] for one in said["findings"]} == {"changed"}
    assert said["releases"][0]["seal"] == 1
    assert said["releases"][0]["files"] == len(FILES) - 1


def test_a_key_that_is_none_is_one_message_and_2(made: Made, tmp_path: Path) -> None:
    done = run(made.root, "--key", tmp_path / "none.pem")
    assert done.returncode == 2
    assert "none.pem" in done.stderr
    assert "Traceback" not in done.stderr
