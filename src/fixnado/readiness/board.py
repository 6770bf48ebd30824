"""The state of every component, shared between the probes, the toggles and the writer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from threading import Condition

from fixnado.platform.errors import NotFound
from fixnado.platform.moments import Clock
from fixnado.readiness.model import Component, Finding, Snapshot, Status


class Board:
    """Thread-safe. Each change raises the sequence and wakes whoever waits for one."""

    def __init__(self, components: Iterable[str], clock: Clock) -> None:
        self._clock = clock
        self._changed = Condition()  # its lock may be taken twice by one thread
        self._started = clock()
        self._sequence = 1
        fresh = Component(Finding(Status.INITIALISING), None, self._started, 0)
        self._components = dict.fromkeys(sorted(components), fresh)

    def snapshot(self) -> Snapshot:
        with self._changed:
            return Snapshot(self._sequence, self._started, self._clock(), dict(self._components))

    def serves(self, name: str) -> bool:
        """Whether this component works, if not at its best."""
        with self._changed:
            return self._components[name].effective.status.serves

    def measure(self, name: str, finding: Finding) -> None:
        """Note what a probe found; news only when it differs from what it found last."""
        with self._changed:
            known = self._components[name]
            if known.measured != finding:
                self._keep(name, replace(known, measured=finding))

    def toggle(self, name: str, finding: Finding) -> Component:
        """Set a component by hand; `ready` takes the hand away again. NotFound when unknown.

        A toggle never hides what a probe found: the worse of the two shows.
        """
        with self._changed:
            if name not in self._components:
                there = ", ".join(self._components)
                raise NotFound(f"no component {name!r}; there are {there}")
            toggled = None if finding.status is Status.READY else finding
            return self._keep(name, replace(self._components[name], toggled=toggled))

    def stop(self) -> None:
        """Everything is stopping, whatever it was before. Wakes the writer in any case."""
        with self._changed:
            for name, known in self._components.items():
                stopping = Finding(Status.STOPPING)
                if known.measured != stopping or known.toggled is not None:
                    self._keep(name, replace(known, measured=stopping, toggled=None))
            self._sequence += 1
            self._changed.notify_all()

    def wait_beyond(self, sequence: int, timeout_s: float) -> Snapshot:
        """The state once it is newer than `sequence`, or as it is when `timeout_s` has passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._sequence > sequence, timeout_s)
            return self.snapshot()

    def _keep(self, name: str, component: Component) -> Component:
        changed = replace(component, last_updated_at=self._clock(), changes=component.changes + 1)
        self._components[name] = changed
        self._sequence += 1
        self._changed.notify_all()
        return changed
