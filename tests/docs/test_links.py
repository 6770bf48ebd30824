"""Every link between the project's own pages leads somewhere, and every page can be reached."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1`*$", re.M | re.S)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.M)


def _pages() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    skip = ("tests/", "playbooks/", "src/")
    return [ROOT / name for name in listed if not name.startswith(skip) and (ROOT / name).exists()]


def _prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def _anchors(page: Path) -> set[str]:
    """Headings as GitHub makes anchors of them."""
    found = set()
    for heading in HEADING.findall(_prose(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def _targets(page: Path) -> list[tuple[Path, str]]:
    links = [link for link in LINK.findall(_prose(page)) if not re.match(r"[a-z]+:", link)]
    return [
        ((page.parent / path).resolve() if path else page, anchor)
        for path, _, anchor in (link.partition("#") for link in links)
    ]


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    for target, anchor in _targets(page):
        assert target.exists(), (
            f"{page.name} links to {target.relative_to(ROOT)}, which isn't there"
        )
        if anchor and target.suffix == ".md":
            assert anchor in _anchors(target), f"{page.name}: no heading #{anchor} in {target.name}"


def test_every_page_is_reached_from_the_readme() -> None:
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        ahead.extend(target for target, _ in _targets(page) if target.exists())
    assert not {str(page.relative_to(ROOT)) for page in _pages()} - {
        str(page.relative_to(ROOT)) for page in seen
    }


def test_pages_that_messages_point_at_are_there() -> None:
    pointed = {
        name
        for file in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"\bdocs/[\w/-]+\.md\b", file.read_text(encoding="utf-8"))
    }
    assert pointed
    assert not [name for name in sorted(pointed) if not (ROOT / name).exists()]
