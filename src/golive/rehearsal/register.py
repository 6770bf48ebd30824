"""The risk register as it stands: what the sealed rehearsal showed, and who bears what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from golive.evidence.strict import load_object
from golive.governance import decision as decisions
from golive.governance import risks
from golive.governance.bench import objection
from golive.governance.words import Word
from golive.rehearsal import judging
from golive.rehearsal.docket import Case, open_case, sealed_bytes, sealed_playbook


def standing_register(folder: Path, at: str) -> Sequence[risks.Entry]:
    """The register on the newest seal in the vault, with the acceptances that last at `at`."""
    case = open_case(folder, at)
    records = judging.records_of(load_object(sealed_bytes(case.sealed.release, judging.RECORDS)))
    accepted = acceptances(words_in_force(case, at)["acceptance"])
    return risks.register(sealed_playbook(case.sealed), records, accepted)


def words_in_force(case: Case, at: str) -> Mapping[str, Sequence[Word]]:
    """Waivers and acceptances that count and last at `at`, by kind."""
    bench = case.docket.bench
    good = [one for one in case.docket.words if not objection(one.word, bench)]
    return decisions.in_force(good, at)


def acceptances(words: Sequence[Word]) -> Mapping[str, risks.Acceptance]:
    """By the risk's id."""
    return {
        one.about: risks.Acceptance(one.person, one.role, one.comment, one.at, one.until)
        for one in words
    }
