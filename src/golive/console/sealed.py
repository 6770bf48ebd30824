"""What a run left in its vault, as several pages need it: the newest seal, the words in the ledger,
and what they amount to now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from golive.console.days import Day
from golive.console.means import Means
from golive.gates.facts import Paper
from golive.governance.decision import Decision, decision
from golive.kernel.times import rfc3339
from golive.rehearsal.board import Board
from golive.rehearsal.docket import Case, open_case, vault_root


@dataclass(frozen=True)
class Standing:
    """A sealed run, judged and decided on as it is at this moment."""

    root: Path
    """Of the vault."""
    release: Path
    """The newest seal's folder."""
    case: Case
    decided: Decision

    @property
    def papers(self) -> Sequence[Paper]:
        """Evidence, without what Golive wrote about the run."""
        return [one for one in self.case.sealed.facts.artefacts if not one.own]


def vault_of(day: Day) -> Path | None:
    """The vault that holds the run; None where it isn't sealed yet."""
    with day.reading() as board:
        place = str(board.verdict.get("vault", ""))
    return vault_root(Path(place))[0] if place else None


def standing_of(tools: Means, day: Day) -> Standing | None:
    """None where the run isn't sealed yet. VaultError or NotAsSealed where the vault isn't what was
    sealed, BadInput where it is gone."""
    root = vault_of(day)
    if root is None:
        return None
    at = rfc3339(tools.supplies.clock.now())
    case = open_case(root, at, day.settings.rehearsal)
    return Standing(root, case.sealed.release.seal.path, case, decision(case.docket, at))


def step_numbers(board: Board) -> Mapping[str, int]:
    """The number in each step's address, by the item's id."""
    return {name: number for number, name in enumerate(board.items, 1)}
