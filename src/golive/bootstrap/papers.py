"""What is made from a sealed release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject

if TYPE_CHECKING:
    from golive.evidence.diff import Trend
    from golive.report.approval import ApprovalPaper


def report(release: Path, beside: Path | None = None, trend: Path | None = None) -> bytes:
    """The report on a sealed release, as a page of HTML, with what people have said over it; beside
    another release, where one is given; and among the rehearsals in the vaults of the folder
    `trend`, or else among those that its own vault held when it was sealed."""
    from golive.evidence.day import read_day
    from golive.evidence.diff import difference
    from golive.evidence.trend import read_trend
    from golive.report import render

    apart = difference(read_day(beside), read_day(release)) if beside is not None else None
    over = read_trend(trend) if trend is not None else _before(release)
    return render(release, _decided(release), apart, over)


def _before(release: Path) -> Trend | None:
    """The rehearsals up to `release` in the vault that it lies in; None where it is the first."""
    from golive.evidence.day import read_day
    from golive.evidence.trend import read_trend
    from golive.evidence.vault import Vault
    from golive.rehearsal.docket import vault_root

    root, named = vault_root(release)
    if not named or len(Vault(root).rehearsals()) < 2:
        return None
    found = read_trend(root).until(read_day(release))
    return found if len(found.days) > 1 else None


def _decided(release: Path) -> JsonObject | None:
    """What the ledger's words amount to at the last of them, so that the same vault always tells
    the same; None where nobody has spoken, a later seal is there, or the release lies in no
    vault."""
    from golive.governance.decision import decision
    from golive.rehearsal.docket import open_case

    try:
        case = open_case(release, "")
    except BadInput:
        return None
    newest = case.sealed.release.seal.path.resolve() == release.resolve()
    return decision(case.docket, case.at).to_json() if newest and case.docket.words else None


def approval_paper() -> ApprovalPaper:
    """Makes, signs and examines the approval page of a sealed release."""
    from golive.report.approval import ApprovalPaper

    return ApprovalPaper()


def trend_page(trend: Trend) -> bytes:
    """Many rehearsals, as a page of HTML."""
    from golive.report.trend import render_trend

    return render_trend(trend)
