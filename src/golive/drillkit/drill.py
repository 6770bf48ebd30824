"""The drill contract.

A drill is a frozen object with a parameter model and a list of steps. The engine journals each
step's record; a step may run twice (a killed rehearsal runs the step it was in again), so every
side effect either carries `ctx.key(...)` or looks before it acts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from golive.kernel.json import Json, JsonObject

if TYPE_CHECKING:
    from golive.drillkit.context import Context


class Params(BaseModel):
    """Base of every drill's `with`: unknown names are errors, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class Output:
    """A file that a drill leaves in the vault."""

    name: str
    """What `save` in the playbook renames."""
    path: str
    """Where it lies by default, relative to `data/`; `{item}` expands to the item's id."""
    media_type: str


@dataclass(frozen=True)
class Measure:
    """A figure that `expect` may limit."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Step(Generic[P]):
    """One durable, idempotent action.

    `run` returns what later steps may read as `ctx.memo[name]`. It ends early by raising
    `StepFailed` or a PortError: the drill's remaining steps are then skipped, but those marked
    `always` (collecting evidence), and what has run is undone in reverse order. A failed *check*
    does not end anything. `undo` puts back what `run` changed; it may run twice, and runs even
    where `run` was cut short.
    """

    name: str
    run: Callable[[Context[P]], Json]
    undo: Callable[[Context[P]], Json] | None = None
    always: bool = False


class StepFailed(Exception):
    """The step can't go on; the message says why, for people."""


class Interrupted(Exception):
    """Ctrl-C or `golive abort`: leave the step now. Raised by `ctx.pause`; let it pass through."""


class Drill(ABC, Generic[P]):
    """One executable exercise."""

    name: ClassVar[str]
    summary: ClassVar[str]
    """One line: what it proves."""
    params: type[P]
    fits: ClassVar[Sequence[str]] = ()
    outputs: ClassVar[Sequence[Output]] = ()
    measures: ClassVar[Sequence[Measure]] = ()
    runs_code: ClassVar[bool] = False
    """Whether its parameters are arbitrary code, which runs only from a trusted playbook."""
    deploys: ClassVar[bool] = False
    """Whether it creates deployments, which an alarm may stop."""

    @abstractmethod
    def steps(self, params: P) -> Sequence[Step[P]]:
        """The steps in order; the same list for the same parameters, always."""

    @contextmanager
    def around(self, ctx: Context[P]) -> Iterator[None]:  # noqa: ARG002
        """What must be alive while the steps run (a probe load). Entered again after a resume."""
        yield

    def parse(self, params: Mapping[str, Json]) -> P:
        """`with`, validated. pydantic's ValidationError where it doesn't fit."""
        return self.params.model_validate(params)


class Card:
    """A drill as the linter sees it (`playbook.catalogue.DrillCard`)."""

    def __init__(self, drill: Drill[Params]) -> None:
        self._drill = drill
        self.name = drill.name
        self.summary = drill.summary
        self.fits = drill.fits
        self.outputs: Mapping[str, str] = {one.name: one.path for one in drill.outputs}
        self.measures: Sequence[str] = [one.name for one in drill.measures]
        self.runs_code = drill.runs_code

    def schema(self) -> JsonObject:
        schema: JsonObject = self._drill.params.model_json_schema()
        return schema

    def problems(self, params: Mapping[str, Json]) -> Sequence[tuple[str, str]]:
        try:
            self._drill.parse(params)
        except ValidationError as error:
            return [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()]
        return ()


class Registry:
    """Every drill by name (`playbook.catalogue.Catalogue`). Filled by bootstrap alone."""

    def __init__(self, drills: Sequence[Drill[Params]]) -> None:
        self._drills = {drill.name: drill for drill in drills}
        if len(self._drills) != len(drills):
            raise ValueError("two drills bear one name")

    def names(self) -> Sequence[str]:
        return sorted(self._drills)

    def card(self, name: str) -> Card | None:
        drill = self._drills.get(name)
        return Card(drill) if drill else None

    def drill(self, name: str) -> Drill[Params]:
        """KeyError when there is none; a checked playbook names only drills that exist."""
        return self._drills[name]
