"""The end of a run: facts, verdict and the run's own papers join the evidence, then the seal."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from golive import __version__
from golive.drillkit.execute import Keep
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.release import Release, Seal
from golive.evidence.strict import load_object
from golive.evidence.vault import Vault
from golive.gates.gather import OWN, Facts
from golive.gates.policy import Policy, default_policy, load_policy
from golive.gates.verdict import Judgement
from golive.governance import risks
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.playbook.model import Playbook
from golive.playbook.parse import parse
from golive.playbook.people import Roster
from golive.ports.clock import Clock, SystemClock
from golive.rehearsal import judging
from golive.rehearsal.docket import ROSTER, roster_json
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.keeping import Keeper

RISK_LOG = "risk-log.csv"
POLICY = "policy"
"""In a run's folder: the policy it is judged by, where it isn't the default one."""


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
    clock: Clock = field(default_factory=SystemClock)

    def seal(self, facts: Facts, roster: Roster) -> Json:
        """Seal once, with the roster as it is at the end. A run that was killed between its seal
        and its journal finds it again."""
        if self.settings.rehearsal in self.vault.rehearsals():
            sealed = self.vault.release(self.settings.rehearsal)
            verdict_paper = sealed.file("golive/verdict.json")
            return self._result(json.loads(verdict_paper.read_bytes()), sealed.seal)
        papers = self._papers(facts, roster)
        judged = self._judged(replace(facts, artefacts=_once([*facts.artefacts, *papers])))
        seal = self.vault.seal(
            Release(
                rehearsal=self.settings.rehearsal,
                artefacts=_once([*facts.artefacts, *papers, *judged.papers]),
                tags=tags(self.playbook, judged.judgement, self.settings.target_name),
            ),
            self.key(),
        )
        return self._result(judged.judgement.to_json(), seal)

    def _judged(self, facts: Facts) -> judging.Judged:
        """Judged from the bytes that are kept, after redaction: a replay has no others."""
        kept = load_object(self._bytes(facts, judging.RECORDS))
        items = judging.records_of(kept)
        source, name = self._bytes(facts, judging.PLAYBOOK), self.settings.playbook_file
        found = parse(source, name, rehearsal=self.settings.rehearsal).playbook
        playbook = replace(found, digest=self.playbook.digest) if found else self.playbook
        facts = replace(
            facts,
            items=items,
            called_off=str(kept["called_off"]),
            evaluated_at=rfc3339(self.clock.now()),
            rehearsal=self.settings.rehearsal,
            begun=self.settings.begun,
            target=self.settings.target_name,
            risks=list(judging.risk_facts(risks.register(playbook, items))),
        )
        return judging.judge(playbook, facts, self._policy(), self.vault.objects, self.key())

    def _bytes(self, facts: Facts, path: str) -> bytes:
        (found,) = (one for one in facts.artefacts if one.path == path)
        with self.vault.objects.open(found.sha256) as file:
            return file.read()

    def _policy(self) -> Policy:
        own = self.folder.path / POLICY
        return load_policy(own) if own.exists() else default_policy()

    def _papers(self, facts: Facts, roster: Roster) -> Sequence[Artefact]:
        """The run's own papers. The redaction log comes last: it tells of the others too."""
        papers = [
            self._paper(judging.PLAYBOOK, self.playbook.source, "text/markdown"),
            self._paper(judging.RECORDS, _pretty(judging.records_json(facts))),
            self._paper(ROSTER, _pretty(roster_json(roster.people))),
            self._paper("golive/run.json", _pretty(self._about())),
            self._paper(
                "golive/journal.jsonl", self.folder.events.read_bytes(), "application/jsonl"
            ),
        ]
        papers += self._register(facts)
        for log in self.logs():
            papers.append(self._paper(f"golive/logs/{log.name}", log.read_bytes(), "text/plain"))
        redactions = {
            "redactions": self.keep.redactions(),
            "unsearched": self.keep.unsearched(),
        }
        papers.append(self._paper("golive/redactions.json", _pretty(redactions)))
        return [*papers, *self._private([*facts.artefacts, *papers], roster)]

    def _private(self, evidence: Sequence[Artefact], roster: Roster) -> Sequence[Artefact]:
        """Originals for named readers, what is known of them, and the second look for people who
        don't belong here."""
        told, originals = self.keep.originals()
        papers = [*originals]
        if told:
            papers.append(self._paper("golive/originals.json", _pretty({"originals": told})))
        names = [one.name for one in roster.people]
        look = self.keep.second_look(_once([*evidence, *papers]), names)
        return [*papers, self._paper("golive/personal-data.json", _pretty(look))]

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
        artefact = keep.artefact(path, content, media_type, producer=OWN, fidelity=Fidelity.LOCAL)
        return replace(artefact, control="")

    def _result(self, verdict: JsonObject, seal: Seal) -> JsonObject:
        told = {name: one for name, one in verdict.items() if name not in ("rules", "basis")}
        return {**told, "vault": str(seal.path), "seal": seal.digest}


def tags(playbook: Playbook, judgement: Judgement, target: str) -> JsonObject:
    """What the seal itself says of the release."""
    return {
        "title": playbook.title,
        "headline": judgement.headline,
        "release": playbook.release,
        "playbookDigest": playbook.digest,
        "verdict": judgement.verdict.value,
        "practice": judgement.practice,
        "target": target,
        "goliveVersion": __version__,
    }


def _once(artefacts: Sequence[Artefact]) -> Sequence[Artefact]:
    """One artefact a path: the last, as a retry's replaces the first's."""
    return list({artefact.path: artefact for artefact in artefacts}.values())


def _pretty(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
