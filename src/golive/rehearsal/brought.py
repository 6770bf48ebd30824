"""Files that people bring, between their act and the vault.

What only eyes can judge waits beside the vault until a second person has said that it holds no
personal data: had it gone in before, it could not be taken out again.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from golive.evidence.artefact import Artefact
from golive.evidence.durable import explained
from golive.evidence.objects import ObjectStore
from golive.governance.acts import ActRefused
from golive.governance.eyes import needs_eyes


class Brought:
    """The vault's objects, and the folder of what isn't in it yet."""

    def __init__(self, vault: ObjectStore, aside: Path) -> None:
        self._vault, self._folder = vault, aside
        self.aside = ObjectStore(aside)

    def show(self, file: Artefact) -> None:
        """Give what was put aside a name by which people find it and programs open it."""
        place = seen_at(self._folder, file.sha256, file.path)
        with explained("what was brought can't be kept", place), suppress(FileExistsError):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.link(self.aside.path(file.sha256), place)

    def needs_eyes(self, file: Artefact) -> bool:
        """Whether a second person must look at it. ActRefused unless its bytes are there, and as
        many as is said: a seal could not hold it."""
        place = self._place(file)
        with explained("what was brought can't be read", place), place.open("rb") as source:
            if os.fstat(source.fileno()).st_size != file.size:
                raise ActRefused(f"{file.path} has not the size that is said")
            return needs_eyes(source)

    def admit(self, file: Artefact) -> None:
        """Into the vault, where it isn't there; may be done twice."""
        if not self._vault.path(file.sha256).exists():
            self._vault.put(self.aside.path(file.sha256))
        self._vault.ensure(file.sha256, file.size)
        self.drop(file)

    def drop(self, file: Artefact) -> None:
        """Out of the folder; may be done twice."""
        with explained("what was brought can't be removed", self._folder):
            shutil.rmtree(seen_at(self._folder, file.sha256, "x").parent, ignore_errors=True)
            self.aside.path(file.sha256).unlink(missing_ok=True)

    def _place(self, file: Artefact) -> Path:
        try:
            places = [self._vault.path(file.sha256), self.aside.path(file.sha256)]
        except ValueError as error:
            raise ActRefused(str(error)) from error
        for place in places:
            if place.is_file():
                return place
        raise ActRefused(f"the bytes of {file.path} are nowhere in this run")


def seen_at(folder: Path, sha256: str, path: str) -> Path:
    """Where a person finds what was put aside."""
    return folder / sha256[:12] / Path(path).name
