"""The four ways to check a release, each as a stranger would run it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import golive.evidence

SCRIPT = Path(golive.evidence.__file__).with_name("verify.sh")
TOOLS = ("sh", "jq", "openssl", "sha256sum", "find")


@dataclass(frozen=True)
class Said:
    code: int
    text: str

    @property
    def first(self) -> str:
        return self.text.split("\n", 1)[0]


def _run(argv: Sequence[str], folder: Path, env: dict[str, str] | None = None) -> Said:
    done = subprocess.run(
        argv,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(errors="replace"))


def sha256sum(release: Path) -> Said:
    """`sha256sum -c` over both manifests, as far as they are there."""
    names = ["manifest-sha256.txt", "tagmanifest-sha256.txt"]
    said = [_run(["sha256sum", "--quiet", "-c", name], release) for name in names]
    return Said(max(one.code for one in said), "".join(one.text for one in said))


def bagit(release: Path) -> Said:
    """`bagit.py --validate`, in a process of its own."""
    script = Path(sys.executable).with_name("bagit.py")
    return _run([sys.executable, "-W", "ignore", str(script), "--validate", "."], release)


def tools_only(folder: Path) -> Path:
    """A folder for PATH with nothing in it but what the script says it needs."""
    path = folder / "five tools"
    if not path.exists():
        path.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None, tool
            (path / tool).symlink_to(found)
    return path


def script(target: Path, scratch: Path, *keys: Path, tsa: Path | None = None) -> Said:
    """The shipped `verify.sh` (never the one in the vault), with only its five tools on PATH."""
    temporary = scratch / "tmp"
    temporary.mkdir(exist_ok=True)
    # Where it stands, a name that is a pattern would find something.
    (scratch / "x").touch()
    env = {"PATH": str(tools_only(scratch)), "TMPDIR": str(temporary)}
    options = [word for key in keys for word in ("--key", str(key))]
    options += ["--tsa-root", str(tsa)] if tsa else []
    said = _run(["sh", str(SCRIPT), *options, str(target)], scratch, env)
    assert list(temporary.iterdir()) == [], "scratch files were left behind"
    return said
