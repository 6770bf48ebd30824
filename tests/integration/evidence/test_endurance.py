"""Sealing under a hundred kills, and memory that a file of 3 GiB doesn't raise."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evidence_world.making import FILES
from golive.evidence.keys import load_or_create_key
from golive.evidence.vault import Vault
from golive.evidence.verify import State, verify

pytestmark = pytest.mark.endurance

KILLS = 100
GIB = 1 << 30

_SEALING = """
import os, sys
from pathlib import Path
from evidence_world.making import FILES, REHEARSAL, artefacts
from golive.evidence.keys import load_or_create_key
from golive.evidence.release import Release
from golive.evidence.vault import Vault
vault = Vault(Path(sys.argv[1]), log_key=load_or_create_key(Path(sys.argv[3])))
key = load_or_create_key(Path(sys.argv[2]))
print("ready", flush=True)
while True:
    files = {**FILES, "new.bin": os.urandom(1_500_000), "note.txt": os.urandom(20)}
    print(vault.seal(Release(REHEARSAL, artefacts(vault, files)), key).digest, flush=True)
"""

_KEEPING = """
import io, re, sys
from pathlib import Path
from golive.evidence.objects import ObjectStore
from golive.evidence.redact import Redactor
from golive.kernel.fidelity import Fidelity
from golive.ports.clock import SystemClock
from golive.rehearsal.keeping import Keeper
class Source(io.RawIOBase):
    left, block = int(sys.argv[2]), bytes(range(256)) * 4096
    def readable(self): return True
    def read(self, size=-1):
        count = min(self.left, len(self.block))
        self.left -= count
        return self.block[:count]
root = Path(sys.argv[1])
keeper = Keeper(ObjectStore(root), Redactor(["a-known-secret"]), root / "log", SystemClock())
keeper.artefact("big.bin", Source(), "application/octet-stream", producer="x",
                fidelity=Fidelity.LOCAL)
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def _python(code: str, *words: object) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True)


@pytest.mark.timeout(1800)
def test_a_hundred_kills_lose_no_acknowledged_seal_and_leave_no_half_one(tmp_path: Path) -> None:
    """One vault, a process that seals on and on, killed at a random moment, a hundred times."""
    root = tmp_path / "vault"
    key, log_key = tmp_path / "key.pem", tmp_path / "log.pem"
    trusted = [load_or_create_key(key).public]
    load_or_create_key(log_key)
    moments = random.Random(20240530)
    acknowledged: set[str] = set()
    for kill in range(KILLS):
        with _python(_SEALING, root, key, log_key) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0.0, 0.25))  # the kill's random moment is the test
            process.send_signal(signal.SIGKILL)
            told = process.stdout.read().split("\n")
        acknowledged.update(told[:-1])
        found = verify(root, trusted=trusted)
        if not acknowledged and found.state is State.NOT_A_VAULT:
            continue
        assert found.state is State.INTACT, (kill, found.findings[:5])
        sealed = {one.digest for one in found.releases}
        assert acknowledged <= sealed, (kill, acknowledged - sealed)
        assert {one.files for one in found.releases} <= {len(FILES) + 2}
        if kill % 10 == 9:
            _forget(root)
            acknowledged.clear()


def _forget(root: Path) -> None:
    """Begin a new vault, so that each look stays short."""
    assert list(Vault(root).seals())
    shutil.rmtree(root)


@pytest.mark.timeout(1800)
def test_three_gibibytes_take_no_more_memory_than_one_mebibyte(tmp_path: Path) -> None:
    if shutil.disk_usage(tmp_path).free < 4 * GIB:
        pytest.fail("needs 4 GiB of free disk: set TMPDIR")
    peaks = []
    for name, size in (("small", 1 << 20), ("large", 3 * GIB)):
        folder = tmp_path / name
        folder.mkdir()
        done, _ = _python(_KEEPING, folder, size).communicate()
        assert re.fullmatch(r"\d+\n", done)
        peaks.append(int(done) / 1024)
        shutil.rmtree(folder)
    assert peaks[1] <= peaks[0] + 24, peaks
