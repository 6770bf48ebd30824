"""The verdict as a Verification Summary Attestation, which other tools read (slsa.dev, VSA v1)."""

from __future__ import annotations

from golive.evidence.strict import dump
from golive.gates.verdict import Judgement, Verdict
from golive.kernel.json import JsonObject

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"


def statement(judgement: Judgement, rehearsal: str, version: str) -> bytes:
    """Canonical JSON of an in-toto statement: PASSED for ready, FAILED for all else. The subject is
    the document that was judged."""
    basis = judgement.basis
    facts = str(basis["facts"])
    subject: JsonObject = {"name": "golive/gate/facts.json", "digest": {"sha256": facts}}
    ready = judgement.verdict is Verdict.READY
    predicate: JsonObject = {
        "verifier": {"id": "urn:golive:gate", "version": {"golive": version}},
        "timeVerified": basis["evaluated_at"],
        "resourceUri": f"urn:golive:rehearsal:{rehearsal}",
        "policy": {
            "uri": f"urn:golive:policy:{basis['policy']}",
            "digest": {"sha256": str(basis["policy_digest"])},
        },
        "inputAttestations": [{"uri": "golive/gate/facts.json", "digest": {"sha256": facts}}],
        "verificationResult": "PASSED" if ready else "FAILED",
        "verifiedLevels": [level(judgement)],
    }
    return dump(
        {
            "_type": STATEMENT_TYPE,
            "subject": [subject],
            "predicateType": PREDICATE_TYPE,
            "predicate": predicate,
        }
    )


def level(judgement: Judgement) -> str:
    """A level of our own, as the standard allows: a practice run never passes for an attended."""
    word = judgement.verdict.value.replace("-", "_").upper()
    return f"GOLIVE_PRACTICE_{word}" if judgement.practice else f"GOLIVE_{word}"
