"""Dashboards where people look at them, and the deployments that are marked on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject


class NotRendered(PortError):
    """The dashboards are there, but nothing there makes pictures of them."""


@dataclass(frozen=True)
class Annotation:
    """An event on the dashboards: one moment, or a stretch of time."""

    at: datetime
    text: str
    tags: Sequence[str]
    until: datetime | None = None


@dataclass(frozen=True)
class Shelved:
    """A dashboard that is there now. `pushed`: it has been put there just now. `same`: it is the
    one that was meant; otherwise somebody has changed it, and it was left alone."""

    uid: str
    url: str
    pushed: bool
    same: bool


@dataclass(frozen=True)
class Posted:
    """An annotation that is there now. `created`: it was not, before."""

    id: str
    created: bool


@dataclass(frozen=True)
class Standing:
    """What it says of itself, to whoever holds the token. `renders`: it makes pictures."""

    version: str
    renders: bool


class Dashboards(Protocol):
    """A Grafana."""

    fidelity: Fidelity

    @property
    def source(self) -> str:
        """What it is and where, for people."""
        ...

    def standing(self) -> Standing:
        """Changes nothing."""
        ...

    def ensure(self, dashboard: JsonObject) -> Shelved:
        """Found by its `uid`, or put there."""
        ...

    def annotate(self, annotation: Annotation) -> Posted:
        """Found by tags, time and text, or created: twice is once."""
        ...

    def picture(
        self, uid: str, panel: int, start: datetime, end: datetime, *, width: int, height: int
    ) -> bytes:
        """One panel as a PNG. NotRendered where no renderer is installed."""
        ...


class DeploymentLog(Protocol):
    """Which deployments there were."""

    def mentioning(self, text: str) -> Sequence[str]:
        """Ids of the deployments whose description holds `text`, oldest first, each followed by
        its rollback where it has one."""
        ...
