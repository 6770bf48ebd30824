"""A passphrase, made expensive to guess (argon2id, RFC 9106)."""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw

from golive.kernel.errors import BadInput

MINIMUM_PASSPHRASE = 12
COST = "m=47104,t=1,p=1"
"""KiB, passes, lanes: the first of the equivalent settings in OWASP's password storage advice. Kept
with each passphrase, so that another setting later doesn't lock anybody out."""
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each takes 46 MiB: a flood of attempts mustn't take the machine's memory."""


@dataclass(frozen=True)
class Stretched:
    """Two values of 256 bits that tell nothing of each other."""

    key: str
    """What the person's signing key is encrypted under."""
    verifier: bytes
    """What a server keeps to know the passphrase again."""

    def __repr__(self) -> str:
        return "Stretched(…)"


def demand_hard_to_guess(passphrase: str, person: str, name: str = "") -> None:
    """BadInput for a passphrase that is too short, or long only by the person's own id and name or
    by the same said again."""
    hint = "a few random words are easy to type and hard to guess"
    if len(passphrase) < MINIMUM_PASSPHRASE:
        raise BadInput(f"the passphrase is shorter than {MINIMUM_PASSPHRASE} characters", hint=hint)
    said = passphrase.casefold()
    own = [one for one in re.findall(r"\w{3,}", f"{person} {name}".casefold()) if one in said]
    for one in own:
        said = said.replace(one, "")
    if own and len(said.strip()) < MINIMUM_PASSPHRASE:
        raise BadInput("the passphrase is little more than your own name", hint=hint)
    words = re.findall(r"\w+", said) or [said]
    once = _once("".join(dict.fromkeys(words)))
    if len(once) < min(MINIMUM_PASSPHRASE, len("".join(words))):
        raise BadInput("the passphrase says the same again and again", hint=hint)


def _once(text: str) -> str:
    """`tic` of `tictictic`."""
    return text[: (text + text).find(text, 1)]


def stretch(passphrase: str, salt: bytes, cost: str = COST) -> Stretched:
    """Some thirty milliseconds of one core, whatever is given."""
    setting = {
        name: int(value) for name, _, value in (one.partition("=") for one in cost.split(","))
    }
    with _AT_ONCE:
        raw = hash_secret_raw(
            secret=passphrase.encode(),
            salt=salt,
            time_cost=setting["t"],
            memory_cost=setting["m"],
            parallelism=setting["p"],
            hash_len=64,
            type=Type.ID,
        )
    return Stretched(raw[:32].hex(), hashlib.sha256(raw[32:]).digest())
