"""The vault beside plain tools, every pair in one run: ratios count, seconds only illustrate.

    python bench/vault.py [--files 2000] [--big 256] [--entries 1000] [--rounds 3] [--huge 64]
                          [--full]

`--files` of 4 KiB each, one artefact of `--big` MiB, `--entries` in a ledger; `--full` takes 10,000
files, 1,024 MiB, 10,000 entries and `--huge 3072`: peak memory with a file of that many MiB, where
the disk has room for it twice. Each figure is the best of `--rounds`, yardstick and ours in
turn. Verified warm; sealed durably, as `dd conv=fdatasync` writes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from golive.evidence import dsse
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import Ledger
from golive.evidence.objects import StoredObject
from golive.evidence.redact import Redactor
from golive.evidence.release import Release
from golive.evidence.vault import Vault
from golive.evidence.verify import State, verify
from golive.kernel.fidelity import Fidelity

MIB = 1 << 20
SMALL = 4096


@dataclass(frozen=True)
class Row:
    what: str
    ours: float
    yardstick: str
    theirs: float
    bar: str
    good: bool

    def __str__(self) -> str:
        ratio = self.ours / self.theirs
        mark = "ok" if self.good else "MISSED"
        return (
            f"{self.what:<34} {self.ours:8.3f} s   {self.yardstick:<24} {self.theirs:8.3f} s"
            f"   ratio {ratio:5.2f}   {self.bar:<8} {mark}"
        )


def cpu_and_wall(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of this process, which others on the machine disturb little, and of the clock."""
    begun = time.process_time()
    wall = timed(act)
    return time.process_time() - begun, wall


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def best(rounds: int, *acts: Callable[[], object]) -> list[float]:
    """Seconds of each act, the best of `rounds`, taken in turn so that noise hits all alike."""
    times = [[timed(act) for act in acts] for _ in range(rounds)]
    return [min(column) for column in zip(*times, strict=True)]


def artefact(path: str, stored: StoredObject) -> Artefact:
    at = "2024-05-30T08:00:00.000Z"
    kind = "application/octet-stream"
    return Artefact(path, stored.sha256, stored.size, kind, "bench/1:put", at, Fidelity.LOCAL)


def seal_files(root: Path, contents: list[bytes]) -> Path:
    vault = Vault(root)
    listed = [
        artefact(f"{number % 100:02}/{number}.bin", vault.objects.put(content))
        for number, content in enumerate(contents)
    ]
    return vault.seal(Release("bench", listed), SigningKey.generate()).path


def seal_big(root: Path, source: Path) -> Path:
    vault = Vault(root)
    listed = [artefact("big.bin", vault.objects.put(source))]
    return vault.seal(Release("bench", listed), SigningKey.generate()).path


def create_files(root: Path, contents: list[bytes]) -> None:
    """The same files, plainly, and one sync: what nobody can do without."""
    for folder in range(100):
        (root / f"{folder:02}").mkdir(parents=True)
    for number, content in enumerate(contents):
        (root / f"{number % 100:02}" / f"{number}.bin").write_bytes(content)
    subprocess.run(["sync", "-f", str(root)], check=True)


def must_be_intact(folder: Path) -> None:
    found = verify(folder)
    if found.state is not State.INTACT:
        raise SystemExit(f"the bench's own vault is {found.state}: {found.findings[:3]}")


def sha256sum(folder: Path) -> None:
    subprocess.run(["sha256sum", "--quiet", "-c", "manifest-sha256.txt"], cwd=folder, check=True)


def bagit(folder: Path) -> None:
    import bagit as library

    library.Bag(str(folder)).validate()


def small(work: Path, count: int, rounds: int) -> list[Row]:
    source = random.Random(1)
    contents = [source.randbytes(SMALL) for _ in range(count)]
    numbers = iter(range(1000))
    plain, sealing = best(
        rounds,
        lambda: create_files(work / f"plain-{next(numbers)}", contents),
        lambda: seal_files(work / f"sealed-{next(numbers)}", contents),
    )
    release = seal_files(work / "verified", contents)
    ours, coreutils, python = best(
        rounds,
        lambda: must_be_intact(release),
        lambda: sha256sum(release),
        lambda: bagit(release),
    )
    what = f"{count} x 4 KiB"
    return [
        Row(f"verify {what}", ours, "sha256sum -c", coreutils, "< 1", ours < coreutils),
        Row(f"verify {what}", ours, "bagit.py", python, "< 1", ours < python),
        Row(f"capture and seal {what}", sealing, "plain files, sync", plain, "<= 2",
            sealing <= 2 * plain),
    ]  # fmt: skip


def big(work: Path, mebibytes: int, rounds: int) -> list[Row]:
    source = work / "source.bin"
    with source.open("wb") as file:
        for number in range(mebibytes):
            file.write(random.Random(number).randbytes(MIB))

    def hash_alone(path: Path) -> None:
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")

    def dd() -> None:
        command = ["dd", f"if={source}", f"of={work / 'dd.bin'}", "bs=1M", "conv=fdatasync"]
        subprocess.run([*command, "status=none"], check=True)
        (work / "dd.bin").unlink()

    def seal() -> None:
        shutil.rmtree(work / "big", ignore_errors=True)
        seal_big(work / "big", source)

    written, sealing = best(rounds, dd, seal)
    release = work / "big" / "releases" / "bench" / "1"
    ours, alone = best(
        rounds,
        lambda: must_be_intact(release),
        lambda: hash_alone(release / "data" / "big.bin"),
    )
    what = f"{mebibytes} MiB"
    return [
        Row(f"verify {what}", ours, "hashlib alone", alone, "<= 1.2", ours <= 1.2 * alone),
        Row(f"capture and seal {what}", sealing, "dd conv=fdatasync", written, "<= 1.25",
            sealing <= 1.25 * written),
    ]  # fmt: skip


def ledger(work: Path, entries: int) -> list[str]:
    """Entries a second; and one at a time, each durable before it is acknowledged."""
    key, log_key = SigningKey.generate(), SigningKey.generate()
    vault = Vault(work / "ledger", log_key=log_key)
    vault.seal(Release("bench", [artefact("a", vault.objects.put(b"a"))]), key)
    book = Ledger(vault.root, log_key)
    payloads = [b"go %d" % number for number in range(entries)]
    message, signature = payloads[0], key.sign(payloads[0])
    bare_cpu, bare = cpu_and_wall(
        lambda: [key.public.verifies(signature, message) for _ in payloads]
    )
    signed = timed(lambda: [dsse.sign("text/plain", payload, key) for payload in payloads])
    envelopes = [dsse.sign("text/plain", payload, key) for payload in payloads]
    appended = timed(lambda: book.append(envelopes))
    checked_cpu, checked = cpu_and_wall(lambda: must_be_intact(vault.root))
    ratio = checked_cpu / bare_cpu
    one = min(timed(lambda: book.append(envelopes[:1])) for _ in range(5))
    lines = [
        f"ledger, {what:<26} {entries / took:8.0f} a second   {note}"
        for what, took, note in (
            ("sign", signed, ""),
            ("append", appended, f"bar 8000   {_mark(entries / appended >= 8000)}"),
            ("bare Ed25519 check", bare, "what verifying can't go below"),
            ("verify", checked, f"ratio {ratio:.2f} of CPU time   bar 8000 a second; 1.5 where "
             f"the bare check is slower   {_mark(entries / checked >= 8000 or ratio <= 1.5)}"),
        )
    ]  # fmt: skip
    return [*lines, f"ledger, one durable append after {entries}    {one * 1000:.1f} ms"]


def _mark(good: bool) -> str:
    return "ok" if good else "MISSED"


def redaction() -> list[str]:
    redactor = Redactor(["a-known-secret", "another-known-secret"], ["rehearsal.example"])
    line = b"2024-05-30T10:45:00.123Z INFO GET /v1/timeline?limit=20 200 12.4ms side=blue\n"
    row = b'{"at":"2024-05-30T10:45:00.123Z","status":"ready","seconds":0.0123,"side":"blue"}\n'
    found = []
    for kind, data in (("text/plain", line * 40_000), ("application/jsonl", row * 40_000)):
        rate = len(data) / MIB / timed(partial(redactor.bytes, data, kind))
        found.append(f"redaction, {kind:<24} {rate:8.1f} MiB a second")
    return found


_MEASURE = r"""
import re, sys
from pathlib import Path
from bench_vault import seal_big, must_be_intact
release = seal_big(Path(sys.argv[1]), Path(sys.argv[2]))
must_be_intact(release)
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""


def memory(work: Path, mebibytes: int) -> str:
    """Peak of a whole process that captures, seals and verifies 1 MiB, and then the big file."""
    shutil.copyfile(__file__, work / "bench_vault.py")
    tiny = work / "tiny.bin"
    tiny.write_bytes(bytes(MIB))
    peaks = []
    for name, source in (("tiny", tiny), ("huge", work / "source.bin")):
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(work), *filter(None, sys.path)])}
        words = [sys.executable, "-c", _MEASURE, str(work / f"memory-{name}"), str(source)]
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / 1024)
    flat = "ok" if peaks[1] <= peaks[0] + 16 else "MISSED"
    what = f"peak memory, 1 MiB and {mebibytes} MiB"
    return f"{what:<40} {peaks[0]:.0f} and {peaks[1]:.0f} MiB   {flat}"


def memory_flat(work: Path, mebibytes: int) -> str:
    """The same with a file of its own, made as it is read, as a drill's stream comes."""
    peaks = []
    for size in (1, mebibytes):
        root = work / f"flat-{size}"
        words = [sys.executable, "-c", _STREAM, str(root), str(size)]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / 1024)
        shutil.rmtree(root)
    flat = "ok" if peaks[1] <= peaks[0] + 24 else "MISSED"
    what = f"captured, 1 MiB and {mebibytes} MiB"
    return f"{what:<40} {peaks[0]:.0f} and {peaks[1]:.0f} MiB   {flat}"


_STREAM = r"""
import io, re, sys
from pathlib import Path
from golive.evidence.objects import ObjectStore
from golive.evidence.redact import Redactor
from golive.kernel.fidelity import Fidelity
from golive.ports.clock import SystemClock
from golive.rehearsal.keeping import Keeper
class Source(io.RawIOBase):
    left, block = int(sys.argv[2]), bytes(range(256)) * 4096
    def readable(self):
        return True
    def read(self, size=-1):
        self.left -= 1
        return self.block if self.left >= 0 else b""
root = Path(sys.argv[1])
root.mkdir()
keeper = Keeper(ObjectStore(root), Redactor(["a-known-secret"]), root / "log", SystemClock())
kept = keeper.artefact("a", Source(), "application/octet-stream", producer="x",
                       fidelity=Fidelity.LOCAL)
assert kept.size == int(sys.argv[2]) << 20
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--big", type=int, default=256, help="MiB")
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--huge", type=int, default=64, help="MiB captured as a stream")
    parser.add_argument("--full", action="store_true")
    chosen = parser.parse_args()
    if chosen.full:
        chosen.files, chosen.big, chosen.entries, chosen.huge = 10_000, 1024, 10_000, 3072
    with tempfile.TemporaryDirectory(prefix="golive-bench-") as folder:
        work = Path(folder)
        for row in small(work, chosen.files, chosen.rounds):
            print(row, flush=True)
        for row in big(work, chosen.big, chosen.rounds):
            print(row, flush=True)
        for line in [*ledger(work, chosen.entries), *redaction(), memory(work, chosen.big)]:
            print(line, flush=True)
        print(memory_flat(work, chosen.huge), flush=True)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this bench           {own:.0f} MiB")


if __name__ == "__main__":
    main()
