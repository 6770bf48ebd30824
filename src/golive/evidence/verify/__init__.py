"""Verifying a vault or one release: read-only, offline, and never surprised by what it finds."""

from golive.evidence.verify.behind import behind
from golive.evidence.verify.model import Finding, ReleaseCheck, State, Verification
from golive.evidence.verify.run import verify

__all__ = ["Finding", "ReleaseCheck", "State", "Verification", "behind", "verify"]
