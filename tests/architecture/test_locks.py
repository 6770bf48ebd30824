"""Lock files pin by hash and name no index, host or folder, so that any mirror will do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
NPM_LOCKS = [
    path
    for path in sorted(ROOT.glob("infra/**/package-lock.json"))
    if "node_modules" not in path.parts
]
PLACE = re.compile(r"https?://|file:|--(index|extra-index|find-links|trusted)|(?<![\w.*])/\w", re.I)


def test_there_are_three_python_locks() -> None:
    assert [lock.name for lock in LOCKS] == ["aws.lock", "run.lock", "test.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_python_lock_names_versions_and_hashes_only(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 5
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert not [line for line in text.splitlines() if PLACE.search(line)]


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: lock.parent.name)
def test_an_npm_lock_names_no_address(lock: Path) -> None:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert installed
    for name, entry in installed.items():
        assert "resolved" not in entry, name
        assert entry["integrity"].startswith("sha512-"), name


def test_the_pattern_would_find_an_address() -> None:
    for line in (
        "    --index-url https://example.invalid/simple",
        "wheel @ file:///opt/wheels/x.whl",
        "--find-links /opt/wheels",
    ):
        assert PLACE.search(line)
    assert not PLACE.search("colorama==0.4.6 ; sys_platform == 'win32' \\")


@pytest.mark.parametrize("name", ["run", "test", "aws"])
def test_every_requirement_asked_for_is_locked(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    locked = {match.lower() for match in re.findall(r"^([A-Za-z0-9.-]+)(?=[\[=])", lock, re.M)}
    asked = [
        re.sub(r"[-_.]+", "-", re.split(r"[\[=<>~! ;]", line)[0]).lower()
        for line in (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    assert asked
    assert not set(asked) - locked


def test_nothing_takes_the_place_of_urllib3() -> None:
    """A fork that installs itself under its name would be what AWS's client runs on."""
    for lock in LOCKS:
        assert not re.search(r"^(urllib3-future|niquests)==", lock.read_text("utf-8"), re.M), lock
