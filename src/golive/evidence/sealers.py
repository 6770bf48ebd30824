"""Who has sealed here, by a ledger that only the holder of the log key can have written."""

from __future__ import annotations

from collections.abc import Sequence

from golive.evidence import dsse
from golive.evidence.keys import PublicKey
from golive.evidence.ledger import Ledger
from golive.evidence.trust import Trust


def noted_sealers(ledger: Ledger, listed: Trust, kind: str) -> Sequence[PublicKey]:
    """The keys, of those `listed`, that signed an entry of `kind` in `ledger`: no list that a
    stranger laid beside it adds to them. VaultError when the ledger isn't as it was left."""
    found: dict[str, PublicKey] = {}
    for entry in ledger.entries():
        opened = dsse.open_envelope(entry.envelope)
        if opened.payload_type == kind:
            named = [listed.keys[name].key for name, _ in opened.signatures if name in listed.keys]
            found |= {one.key_id: one for one in opened.signers(named)}
    return list(found.values())
