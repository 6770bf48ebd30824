"""A user who keeps a world's vault, with a person's key on this machine, as the commands find
them."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from decision_world import World
from golive.governance import keyring

WORDS = "a few words of ours"


def at_home(world: World, *people: str) -> None:
    """Keys under `$XDG_CONFIG_HOME`, which the caller has set: the world's own seal key, and a new
    one for each of `people`, opened by `WORDS`."""
    config = Path(os.environ["XDG_CONFIG_HOME"]) / "golive"
    for person in people:
        world.keys[person] = keyring.enrol(person, config / "keys", WORDS)
    config.mkdir(parents=True, exist_ok=True)
    file = config / "seal-key.pem"
    file.touch(mode=0o600)
    file.write_bytes(
        world.seal_key.raw.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
