"""What is made from a sealed release."""

from __future__ import annotations

from pathlib import Path


def report(release: Path) -> bytes:
    """The report on a sealed release, as a page of HTML."""
    from golive.report import render

    return render(release)
