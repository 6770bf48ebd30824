"""Which release of a vault is meant, once it is known to be what was sealed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from golive.evidence.durable import VaultError
from golive.evidence.keys import PublicKey
from golive.evidence.names import shown
from golive.evidence.verify.model import ReleaseCheck, State
from golive.evidence.verify.run import verify
from golive.kernel.errors import BadInput


class Broken(VaultError):
    """The vault is not what was sealed."""

    exit_code = 1


def intact_release(folder: Path, wanted: str = "", trusted: Sequence[PublicKey] = ()) -> Path:
    """The folder of the release that `wanted` names (`<rehearsal>` or `<rehearsal>/<seal>`), the
    newest where it is empty; `folder` is a vault or that very release.

    BadInput when there is none, Broken when what lies there is not what was sealed.
    """
    found = verify(folder, trusted=trusted)
    if found.state is State.NOT_A_VAULT:
        why = "; ".join(map(shown, found.unchecked))
        raise BadInput(f"not a vault: {why}", where=str(folder), hint="`golive status` names one")
    if found.state is State.CHANGED:
        raise Broken(
            f"not what was sealed: {found.findings[0]}",
            where=str(folder),
            hint="`golive verify` tells all of it",
        )
    fitting = [one for one in found.releases if one.digest and _is_meant(one, wanted)]
    if not fitting:
        raise BadInput(
            f"no sealed release {wanted!r}" if wanted else "nothing has been sealed in it",
            where=str(folder),
            hint="`golive verify` lists the releases",
        )
    newest = max(fitting, key=lambda one: (one.sealed_at, one.number))
    return folder if newest.path == "." else folder / newest.path


def _is_meant(one: ReleaseCheck, wanted: str) -> bool:
    return wanted in ("", one.rehearsal, f"{one.rehearsal}/{one.number}")
