"""Where everything of one stage lies. Nothing of it is ever outside its folder."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from golive.kernel.json import Json


@dataclass(frozen=True)
class Layout:
    """Paths under `folder` (absolute)."""

    folder: Path

    @property
    def settings(self) -> Path:
        return self.folder / "stage.json"

    @property
    def warden(self) -> Path:
        """What the warden says of itself and its children."""
        return self.folder / "warden.json"

    @property
    def lock(self) -> Path:
        """Held by the warden as long as it lives."""
        return self.folder / "warden.lock"

    @property
    def doorway(self) -> Path:
        """Held while somebody brings the stage up or down."""
        return self.folder / "doorway.lock"

    @property
    def traffic(self) -> Path:
        """The weights to start the balancer with."""
        return self.folder / "traffic.json"

    @property
    def database(self) -> Path:
        return self.folder / "database" / "fixnado.db"

    @property
    def seeded(self) -> Path:
        """There once the database has been filled."""
        return self.folder / "database" / "seeded.json"

    @property
    def learning(self) -> Path:
        """What the learning system has exported: written with the database's first rows."""
        return self.folder / "database" / "learning.csv"

    @property
    def controller(self) -> Path:
        return self.folder / "controller" / "codedeploy.db"

    @property
    def helpdesk(self) -> Path:
        """What the help desk's stand-in keeps."""
        return self.folder / "helpdesk" / "desk.db"

    @property
    def scraped(self) -> Path:
        """What both instances exposed, over time: `golive.ports.tape`."""
        return self.folder / "metrics" / "scraped.jsonl"

    @property
    def terraform(self) -> Path:
        return self.folder / "terraform"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def session_key(self) -> Path:
        return self.secrets / "session.key"

    @property
    def helpdesk_token(self) -> Path:
        """What the marketplace and the rehearsal show the help desk."""
        return self.secrets / "helpdesk.token"

    @property
    def aws_credentials(self) -> Path:
        """The key that signs requests to the deployment controller, in AWS's own file format."""
        return self.secrets / "aws-credentials"

    @property
    def accounts(self) -> Path:
        return self.secrets / "accounts.json"

    def password(self, role: str) -> Path:
        return self.secrets / f"{role}.password"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def runtime(self, side: str) -> Path:
        return self.folder / "runtime" / side

    def readiness(self, side: str) -> Path:
        return self.runtime(side) / "readiness.json"

    @property
    def caddy(self) -> Path:
        """Configurations, certificates and whatever Caddy would put into a home directory."""
        return self.folder / "caddy"

    @property
    def listener(self) -> Path:
        """The configuration of the half of the proxy that clients are connected to."""
        return self.caddy / "listener.json"

    @property
    def admin(self) -> Path:
        """The socket of the balancer's admin API: the owner's alone, where a port is everybody's on
        this machine."""
        return self.caddy / "admin.sock"

    @property
    def authority(self) -> Path:
        """The certificate that clients of the listeners trust."""
        return self.folder / "root.crt"

    def create(self) -> None:
        """Make the folders, for the owner alone. OSError where the disk refuses, and where the
        folder is another user's: whoever made it could put his own keys there."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.folder.stat().st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "it belongs to another user", str(self.folder))
        self.folder.chmod(0o700)
        for path in (
            self.secrets,
            self.logs,
            self.database.parent,
            self.controller.parent,
            self.helpdesk.parent,
            self.caddy,
        ):
            path.mkdir(mode=0o700, exist_ok=True)


def write_json(path: Path, value: Json, mode: int = 0o600) -> None:
    """Whole or not at all: written beside, synced, renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)  # noqa: PTH101  (a name, not a Path)
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
