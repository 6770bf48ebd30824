"""A vault with everything in it that a real one has, in miniature."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.release import Release, Seal
from golive.evidence.vault import Vault
from golive.kernel.fidelity import Fidelity

FILES: Mapping[str, bytes] = {
    "go-live/2024-05-30/readiness-snapshot.json": b'{"status": "ready"}\n',
    "ci/smoke report.html": b"<p>12 passed</p>\n",
    "logs/überwachung.log": b"09:30 ok\n",
    "golive/playbook.md": b"# Playbook\n",
    "empty.txt": b"",
}
REHEARSAL = "1.00-2024-05-30-abc234"


def artefacts(vault: Vault, files: Mapping[str, bytes] = FILES) -> Sequence[Artefact]:
    """`files` as artefacts, their bytes in the vault's store."""
    found = []
    for path, content in files.items():
        stored = vault.objects.put(content)
        found.append(
            Artefact(
                path=path,
                sha256=stored.sha256,
                size=stored.size,
                media_type="text/plain",
                producer="cutover/1:capture",
                captured_at="2024-05-30T08:30:00.000Z",
                fidelity=Fidelity.LOCAL,
                control="cutover/1",
            )
        )
    return found


@dataclass(frozen=True)
class Made:
    """A vault on disk with one seal, and the keys that made it."""

    vault: Vault
    key: SigningKey
    log_key: SigningKey
    seal: Seal

    @property
    def root(self) -> Path:
        return self.vault.root

    def public(self, folder: Path) -> Path:
        """The sealing key's public half as a file in `folder`."""
        path = folder / "seal-key.pub.pem"
        path.write_text(self.key.public.pem)
        return path


def make(root: Path, files: Mapping[str, bytes] = FILES) -> Made:
    """A vault at `root` with `files` sealed once."""
    key, log_key = SigningKey.generate(), SigningKey.generate()
    vault = Vault(root, log_key=log_key)
    seal = vault.seal(Release(REHEARSAL, artefacts(vault, files), {"verdict": "ready"}), key)
    return Made(vault, key, log_key, seal)


def tree(root: Path) -> Mapping[str, bytes]:
    """Every regular file below `root` by relative path, with its bytes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def overwrite(path: Path, data: bytes) -> None:
    """Replace the content of `path` alone, not of what is hard-linked to it."""
    path.unlink()
    path.write_bytes(data)


def is_root() -> bool:
    """Whether permissions bind us."""
    return os.geteuid() == 0
