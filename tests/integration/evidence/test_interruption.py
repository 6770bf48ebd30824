"""Interrupted at any point: as before, or sealed."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence_world import checking
from evidence_world.making import FILES, REHEARSAL, artefacts
from golive.evidence.durable import VaultError
from golive.evidence.keys import load_or_create_key
from golive.evidence.release import Release
from golive.evidence.vault import Vault
from golive.evidence.verify import State, verify

MIB = 1 << 20


def seal_in_a_process(folder: Path, step: int) -> subprocess.CompletedProcess[str]:
    """Seal in `folder`/v, dying at `step` (never, where 0)."""
    words = [folder / "v", folder / "key.pem", folder / "log.pem", step]
    return subprocess.run(
        [sys.executable, "-m", "evidence_world.killing", *map(str, words)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A folder with keys and a vault that holds one seal."""
    folder = tmp_path / "begun"
    folder.mkdir()
    key = load_or_create_key(folder / "key.pem")
    vault = Vault(folder / "v", log_key=load_or_create_key(folder / "log.pem"))
    vault.seal(Release(REHEARSAL, artefacts(vault), {"verdict": "ready"}), key)
    return folder


def seals(folder: Path) -> int:
    return len(list((folder / "v" / "releases" / REHEARSAL).glob("*/seal.dsse.json")))


def steps(folder: Path) -> int:
    trial = folder.parent / "trial"
    shutil.copytree(folder, trial)
    done = seal_in_a_process(trial, 0)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("first", [True, False], ids=["first seal", "second seal"])
def test_a_kill_at_any_step_leaves_it_as_before_or_sealed(begun: Path, first: bool) -> None:
    """Some steps here; all of them in the endurance run."""
    if first:
        shutil.rmtree(begun / "v")
    kill_at(begun, range(3, steps(begun) + 1, 6))


@pytest.mark.endurance
@pytest.mark.parametrize("first", [True, False], ids=["first seal", "second seal"])
def test_a_kill_at_every_single_step(begun: Path, first: bool) -> None:
    if first:
        shutil.rmtree(begun / "v")
    kill_at(begun, range(1, steps(begun) + 1))


def kill_at(begun: Path, chosen: range) -> None:
    before = seals(begun)
    public = load_or_create_key(begun / "key.pem").public
    outcomes = set()
    for step in chosen:
        copy = begun.parent / f"killed-{step}"
        shutil.copytree(begun, copy)
        assert seal_in_a_process(copy, step).returncode == -signal.SIGKILL
        found = verify(copy / "v", trusted=[public])
        after = seals(copy)
        outcomes.add(after - before)
        if after:
            assert found.state is State.INTACT, (step, [str(one) for one in found.findings])
            assert len(found.releases) == after
        else:
            assert not found.releases
        # Going on from there seals, and tidies up what the dead process left.
        assert seal_in_a_process(copy, 0).returncode == 0
        again = verify(copy / "v", trusted=[public])
        assert again.state is State.INTACT, (step, [str(one) for one in again.findings])
        assert len(again.releases) == seals(copy) == after + 1
        assert not [text for text in again.unchecked if "ledger" in text]
        assert list((copy / "v" / ".staging").glob("*")) == []
        shutil.rmtree(copy)
    assert outcomes == {0, 1}


def test_processes_that_seal_at_once_each_get_a_number_of_their_own(begun: Path) -> None:
    words = [begun / "v", begun / "key.pem", begun / "log.pem", 0]
    command = [sys.executable, "-m", "evidence_world.killing", *map(str, words)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    running = [
        subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    found = verify(begun / "v", trusted=[load_or_create_key(begun / "key.pem").public])
    assert found.state is State.INTACT
    assert sorted(one.number for one in found.releases) == [1, 2, 3, 4, 5]


@pytest.fixture
def small_files_only() -> Iterator[None]:
    """No file of this process may pass 1 MiB: the write fails as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_evidence_that_does_not_fit_leaves_nothing(begun: Path, small_files_only: None) -> None:
    vault = Vault(begun / "v")
    for content in (bytes(MIB + 1), bytes(4 * MIB)):
        with pytest.raises(VaultError, match="size limit") as caught:
            vault.objects.put(content)
        assert caught.value.hint
    assert list(begun.rglob("incoming/*")) == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB: a tmpfs, where we may mount one."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "golive-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("not run: needs mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_message_and_no_seal(tiny_disk: Path, tmp_path: Path) -> None:
    """Filled to different degrees, so that it runs full in each phase."""
    key = load_or_create_key(tmp_path / "key.pem")
    outcomes = set()
    for spare in range(0, 1536, 64):
        root = tiny_disk / "v"
        vault = Vault(root)
        filler = tiny_disk / "filler"
        listed = artefacts(vault, {**FILES, **{f"f{n}": bytes([n]) * 999 for n in range(40)}})
        free = os.statvfs(tiny_disk).f_bavail * os.statvfs(tiny_disk).f_bsize
        filler.write_bytes(bytes(max(0, free - spare * 1024)))
        try:
            vault.seal(Release(REHEARSAL, listed), key)
            outcomes.add("sealed")
            assert verify(root, trusted=[key.public]).state is State.INTACT
        except VaultError as error:
            outcomes.add("refused")
            assert "the disk is full" in error.what
            assert error.hint
            assert not (root / "releases" / REHEARSAL / "1").exists()
            assert verify(root, trusted=[key.public]).state is not State.CHANGED
        shutil.rmtree(root)
        filler.unlink()
    assert outcomes == {"sealed", "refused"}


def test_a_read_only_disk_is_one_message_and_still_verifies(
    tiny_disk: Path, tmp_path: Path
) -> None:
    key = load_or_create_key(tmp_path / "key.pem")
    vault = Vault(tiny_disk / "v")
    listed = artefacts(vault)
    vault.seal(Release(REHEARSAL, listed), key)
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    for act in (
        lambda: vault.seal(Release(REHEARSAL, listed), key),
        lambda: vault.objects.put("x"),
    ):
        with pytest.raises(VaultError, match="read-only"):
            act()
    assert verify(tiny_disk / "v", trusted=[key.public]).state is State.INTACT
    if shutil.which("jq"):
        public = tmp_path / "public.pem"
        public.write_text(key.public.pem)
        assert checking.script(tiny_disk / "v", tmp_path, public).first == "intact"
