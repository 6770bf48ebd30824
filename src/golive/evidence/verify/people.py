"""The second look (`personal_data.py`) over what was sealed, for whoever doubts the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from golive.evidence.durable import explained
from golive.evidence.personal_data import File, Scan, scan
from golive.evidence.strict import load_object
from golive.evidence.vault import SealedRelease, read_release
from golive.evidence.verify.model import Verification

_ROSTER = "golive/roster.json"


def people_in(root: Path, found: Verification, domains: Sequence[str]) -> Scan:
    """Everybody in the verified releases below `root` who is not of `domains` and did not take
    part. VaultError when a release can't be read."""
    releases = [read_release(root / one.path) for one in found.releases if one.digest]
    with explained("the release can't be searched", root):
        return scan(_files(root, releases), domains, list(_participants(releases)))


def _files(root: Path, releases: Sequence[SealedRelease]) -> Iterator[File]:
    for release in releases:
        folder = release.seal.path / "data"
        for one in release.artefacts:
            place = folder / one.path
            yield File(str(place.relative_to(root)), one.media_type, _opener(place))


def _opener(place: Path) -> Callable[[], BinaryIO]:
    return lambda: place.open("rb")


def _participants(releases: Sequence[SealedRelease]) -> Iterator[str]:
    """Who answers for the rehearsal, by the sealed roster."""
    for release in releases:
        if not any(one.path == _ROSTER for one in release.artefacts):
            continue
        people = load_object(release.file(_ROSTER).read_bytes()).get("people")
        for person in people if isinstance(people, list) else ():
            yield str(person.get("name", "")) if isinstance(person, dict) else ""
