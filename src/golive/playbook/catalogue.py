"""What the playbook room knows of drills: names and shapes, told from above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from golive.kernel.json import Json, JsonObject


class DrillCard(Protocol):
    """One drill, as the linter needs it."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def fits(self) -> Sequence[str]:
        """Words in a manual row that make this drill worth suggesting."""
        ...

    @property
    def outputs(self) -> Mapping[str, str]:
        """Output name to its default path in the vault."""
        ...

    @property
    def measures(self) -> Sequence[str]:
        """Names that `expect` may limit."""
        ...

    @property
    def runs_code(self) -> bool:
        """Whether a block of it is arbitrary code, which needs `golive trust`."""
        ...

    def schema(self) -> JsonObject:
        """JSON Schema of `with`."""
        ...

    def problems(self, params: Mapping[str, Json]) -> Sequence[tuple[str, str]]:
        """What is wrong with `params`: (name of the parameter or "", message in plain words)."""
        ...


class Catalogue(Protocol):
    def names(self) -> Sequence[str]: ...

    def card(self, name: str) -> DrillCard | None: ...
