"""Where things lie on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from golive.playbook.trust import TrustStore

REPOSITORY = Path(__file__).parents[3]


def config_folder() -> Path:
    """`$XDG_CONFIG_HOME/golive`: keys and what was trusted."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "golive"


def shipped_playbooks() -> Path:
    """The playbooks that come with Golive, trusted by their digests."""
    return REPOSITORY / "playbooks"


def trust_store() -> TrustStore:
    return TrustStore(config_folder(), shipped=shipped_playbooks())
