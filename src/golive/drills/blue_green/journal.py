"""What a cutover did and saw, with times, in a file that outlives a killed rehearsal."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from golive.drills.blue_green.params import Ctx
from golive.kernel.json import Json

ORDERED = "ordered"
"""A deployment was created; `intent` and `deployment`."""
WEIGHTS = "weights"
"""The proxy's weights, each time they were seen to differ."""
TRIGGERED = "triggered"
"""`deployment` is about to be stopped with rollback, or was seen to be: `by` (`us`, `deployer`) and
`why`."""
STOPPED = "stopped"
"""The stop was answered."""
RETURNED = "returned"
"""The deployer said that `deployment`'s traffic is back."""
PROVED = "proved"
"""Every property equals the snapshot."""
PROMOTED = "promoted"
"""All traffic is on the incoming side."""
ALARMED = "alarmed"
"""`alarm` is about to be set by hand."""
CALMED = "calmed"
"""It was set back."""
SILENT = "silent"
"""The hook of `deployment` at `at_event` is not going to be answered."""
KEPT = "kept"
"""The old side was found reachable and idle in the termination wait."""
CALLED_OFF = "called-off"
"""A person ended the run, or interrupted it."""
GIVEN_UP = "given-up"
"""`intent`'s deployment was ended because the run was interrupted, or ended while nobody watched;
the next attempt at it is a new intent."""


@dataclass(frozen=True)
class Mark:
    """One entry. `at` is Unix time; `session` tells one process's life from the next."""

    at: float
    event: str
    session: str
    data: Mapping[str, Json] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return str(self.data.get(name, ""))


class Journal:
    """Appends whole lines; a line that a kill cut short is dropped when read."""

    def __init__(self, ctx: Ctx, session: str = "") -> None:
        ctx.work.mkdir(parents=True, exist_ok=True)
        self.path = ctx.work / "cutover.jsonl"
        self._clock, self._session = ctx.clock, session

    def note(self, event: str, **data: Json) -> Mark:
        mark = Mark(self._clock.now().timestamp(), event, self._session, data)
        line = json.dumps([mark.at, mark.event, mark.session, data]).encode() + b"\n"
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
        return mark

    def marks(self) -> Sequence[Mark]:
        if not self.path.exists():
            return []
        return [mark for line in self.path.read_bytes().splitlines() if (mark := _parsed(line))]

    def last(self, *events: str, **data: Json) -> Mark | None:
        """The latest mark of one of `events` whose data hold `data`."""
        for mark in reversed(self.marks()):
            if mark.event in events and data.items() <= mark.data.items():
                return mark
        return None

    def generation(self, intent: str) -> int:
        """How often `intent` was given up before."""
        return sum(m.event == GIVEN_UP and m.text("intent") == intent for m in self.marks())


def _parsed(line: bytes) -> Mark | None:
    try:
        at, event, session, data = json.loads(line)
    except ValueError:
        return None
    return Mark(float(at), str(event), str(session), data)
