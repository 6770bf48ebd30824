"""What is made from a sealed release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from golive.report.approval import ApprovalPaper


def report(release: Path) -> bytes:
    """The report on a sealed release, as a page of HTML."""
    from golive.report import render

    return render(release)


def approval_paper() -> ApprovalPaper:
    """Makes, signs and examines the approval page of a sealed release."""
    from golive.report.approval import ApprovalPaper

    return ApprovalPaper()
