"""The end of a run: facts, verdict and the run's own papers join the evidence, then the seal."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from golive import __version__
from golive.drillkit.execute import Keep
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.release import Release, Seal
from golive.evidence.vault import Vault
from golive.gates.verdict import Facts, judge
from golive.governance import risks
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.playbook.model import Playbook
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.keeping import Keeper

PRODUCER = "golive"
RISK_LOG = "risk-log.csv"


@dataclass(frozen=True)
class Sealing:
    playbook: Playbook
    settings: RunSettings
    folder: RunFolder
    vault: Vault
    keep: Keeper
    key: Callable[[], SigningKey]
    logs: Callable[[], Sequence[Path]]
    """The stage's log files, or none."""

    def seal(self, facts: Facts) -> Json:
        """Seal once. A run that was killed between its seal and its journal finds it again."""
        if self.settings.rehearsal in self.vault.rehearsals():
            sealed = self.vault.release(self.settings.rehearsal)
            verdict_paper = sealed.file("golive/verdict.json")
            return self._result(json.loads(verdict_paper.read_bytes()), sealed.seal)
        papers = self._papers(facts)
        facts = replace(facts, artefacts=[*facts.artefacts, *papers])
        verdict = judge(self.playbook, facts)
        paper = self._paper("golive/verdict.json", _pretty(verdict.to_json()))
        seal = self.vault.seal(
            Release(
                rehearsal=self.settings.rehearsal,
                artefacts=[*_once(facts.artefacts), paper],
                tags={
                    "title": self.playbook.title,
                    "headline": verdict.headline,
                    "release": self.playbook.release,
                    "playbookDigest": self.playbook.digest,
                    "verdict": verdict.verdict.value,
                    "practice": verdict.practice,
                    "target": self.settings.target_name,
                    "goliveVersion": __version__,
                },
            ),
            self.key(),
        )
        return self._result(verdict.to_json(), seal)

    def _papers(self, facts: Facts) -> Sequence[Artefact]:
        """The run's own papers. The redaction log comes last: it tells of the others too."""
        papers = [
            self._paper("golive/playbook.md", self.playbook.source, "text/markdown"),
            self._paper("golive/facts.json", _pretty(facts_json(facts))),
            self._paper("golive/run.json", _pretty(self._about())),
            self._paper(
                "golive/journal.jsonl", self.folder.events.read_bytes(), "application/jsonl"
            ),
        ]
        papers += self._register(facts)
        for log in self.logs():
            papers.append(self._paper(f"golive/logs/{log.name}", log.read_bytes(), "text/plain"))
        redactions = {"redactions": self.keep.redactions()}
        return [*papers, self._paper("golive/redactions.json", _pretty(redactions))]

    def _register(self, facts: Facts) -> Sequence[Artefact]:
        """The risk register, for machines and as a table; a table that a drill kept or a person
        attached under that name stays."""
        entries = risks.register(self.playbook, facts.items)
        if not entries:
            return []
        papers = [self._paper("golive/risks.json", _pretty(risks.to_json(entries)))]
        if all(one.path != RISK_LOG for one in facts.artefacts):
            papers.append(self._paper(RISK_LOG, risks.to_csv(entries), "text/csv"))
        return papers

    def _about(self) -> JsonObject:
        settings = asdict(self.settings)
        shown = ("rehearsal", "playbook_digest", "practice", "clock", "target_name", "fault")
        return {
            **{name: settings[name] for name in shown},
            "begun": self.settings.begun,
            "golive": __version__,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
        }

    def _paper(
        self, path: str, content: bytes | str, media_type: str = "application/json"
    ) -> Artefact:
        keep: Keep = self.keep
        artefact = keep.artefact(
            path, content, media_type, producer=PRODUCER, fidelity=Fidelity.LOCAL
        )
        return replace(artefact, control="")

    def _result(self, verdict: JsonObject, seal: Seal) -> JsonObject:
        return {**verdict, "vault": str(seal.path), "seal": seal.digest}


def facts_json(facts: Facts) -> JsonObject:
    """The gate's input as it is sealed."""
    return {
        "practice": facts.practice,
        "called_off": facts.called_off,
        "items": {item: record.to_json() for item, record in facts.items.items()},
    }


def _once(artefacts: Sequence[Artefact]) -> Sequence[Artefact]:
    """One artefact a path: the last, as a retry's replaces the first's."""
    return list({artefact.path: artefact for artefact in artefacts}.values())


def _pretty(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
