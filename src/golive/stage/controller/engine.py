"""Carries deployments out, one task each, and survives being killed at any point of it.

What is decided is written to the store before it is done, and everything that is done may be done
again: after a restart a deployment goes on at the first event that is not over, from the weights
that the proxy really has.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from golive.stage import checks, names
from golive.stage.balancer import AT_REST, Balancer, BalancerError, Traffic
from golive.stage.controller import alarms, appspec, readings, rollback
from golive.stage.controller.records import (
    FAILURE,
    READY_WAIT,
    STOP_ON_ALARM,
    STOP_ON_REQUEST,
    TERMINATION_WAIT,
    Record,
)
from golive.stage.controller.routing import schedule
from golive.stage.controller.store import Store

log = logging.getLogger("golive.stage.controller")
Answer = TypeVar("Answer")

_BALANCER_PATIENCE = 8.0
"""Seconds for a proxy that was killed to come back, before a shift is given up."""
_HEALTH_PATIENCE = 10.0
_HOOK_MINUTES = 60
HOOK_PATIENCE = 10.0
TERMINATION_PATIENCE = 60.0
"""Seconds that an old side is kept at least, however fast minutes pass: there must be time to type
the way back, on a busy machine too."""
_STOP_CODES = {"alarm": "ALARM_ACTIVE", "timeout": "TIMEOUT"}


_POLL = 0.2
_SILENT_POLLS = 3
"""Alarms are polled this often (seconds), and unreadable after so many failures in a row."""


class Stopped(Exception):
    """A stop request or an alarm is in the record."""


class Failed(Exception):
    """The deployment can't go on. `code` is an ErrorCode, `script` a LifecycleErrorCode."""

    def __init__(self, code: str, message: str, script: str = "UnknownError") -> None:
        super().__init__(message)
        self.code, self.message, self.script = code, message, script


class Engine:
    """`ports` are the instances' by side; `minute` is how many seconds a minute takes; `patience`
    is how many seconds a hook has at least, however fast minutes pass, and `kept` those of a
    termination wait, where the group has one."""

    def __init__(
        self,
        store: Store,
        balancer: Balancer,
        ports: Mapping[str, int],
        minute: float,
        patience: float = HOOK_PATIENCE,
        kept: float = TERMINATION_PATIENCE,
    ) -> None:
        self._store, self._balancer = store, balancer
        self._ports, self.minute = ports, minute
        self._patience, self._kept = patience, kept
        self.firing: Mapping[str, str] = {}
        """Alarms that the deployment under way found active at its last look, with why."""
        self.forced: Callable[[], Mapping[str, str]] = dict
        """Alarms that somebody set by hand, with why."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._bells: dict[str, asyncio.Event] = {}

    # -- from outside ---------------------------------------------------------------------------

    async def traffic(self) -> Traffic:
        """What the proxy does now; Failed when it can't be asked for long."""
        return await self._patiently(self._balancer.read)

    def begin(self, record: Record) -> None:
        """Carry `record` (saved already) out, in a task of its own."""
        self._bells[record.id] = asyncio.Event()
        self._tasks[record.id] = asyncio.create_task(self._run(record.id))

    async def resume(self) -> None:
        """Take up what a controller that was killed left under way."""
        active = [record for record in self._store.deployments() if not record.final]
        if not active:
            return
        now = await self.traffic()
        for record in reversed(active):
            self._store.save(replace(record, weights=dict(now.weights)))
            self.begin(record)

    def stop(self, record: Record, how: str, message: str = "") -> None:
        """`how` is `keep`, `rollback`, `alarm` or `timeout`; the first to come decides."""
        if not record.stop:
            self.update(record.id, stop=how, error_message=message)

    def update(self, identifier: str, **changes: Any) -> Record:
        """Change and save a record, and wake whoever carries it out."""
        record = replace(self.record(identifier), **changes)
        self._store.save(record)
        if identifier in self._bells:
            self._bells[identifier].set()
        return record

    def record(self, identifier: str) -> Record:
        found = self._store.deployment(identifier)
        if found is None:
            raise LookupError(identifier)
        return found

    def active(self) -> list[Record]:
        return [one for one in self._store.deployments() if not one.final]

    def open_hooks(self) -> list[dict[str, str]]:
        """Hooks that wait for their answer: what AWS would have handed to a function."""
        return [
            {
                "DeploymentId": record.id,
                "LifecycleEventHookExecutionId": execution,
                "event": held["event"],
                "function": record.hooks[held["event"]],
            }
            for record in self.active()
            for execution, held in record.executions.items()
            if held["status"] == "Pending"
        ]

    async def home(self) -> None:
        """End what is under way and leave all traffic where it was before any of it."""
        for record in self.active():
            if not record.is_rollback:
                self.stop(record, "rollback")
        while self.active() and any(not task.done() for task in self._tasks.values()):
            await asyncio.wait(self._tasks.values(), timeout=0.05)
        await self._patiently(lambda: self._balancer.shift(AT_REST.weights))
        await self._patiently(lambda: self._balancer.validate(AT_REST.validation))

    # -- one deployment -------------------------------------------------------------------------

    async def _run(self, identifier: str) -> None:
        try:
            if self.record(identifier).is_rollback:
                await self._bring_back(identifier)
                return
            watch = asyncio.create_task(self._watch(identifier))
            try:
                await self._carry_out(identifier)
            finally:
                watch.cancel()
                self.firing = {}
        except Stopped:
            self._end_stopped(self.record(identifier))
        except Failed as failure:
            self._end_failed(self.record(identifier), failure)
        except Exception:
            log.exception("deployment %s", identifier)
            unknown = Failed("INTERNAL_ERROR", "the controller failed; its log says how")
            self._end_failed(self.record(identifier), unknown)

    async def _carry_out(self, identifier: str) -> None:
        record = self.record(identifier)
        self.update(identifier, status="InProgress", started=record.started or time.time())
        for event in record.events:
            if not event.over:
                await self._event(identifier, event.name)
        await self._wait(identifier, TERMINATION_WAIT)
        await self._rest(identifier)
        self._store.save(self.record(identifier).ended("Succeeded"))

    async def _watch(self, identifier: str) -> None:
        """Stop the deployment as soon as one of its alarms is active, or can't be read."""
        record = self.record(identifier)
        port, window, silent = self._ports[record.incoming], alarms.Window(), 0
        while record.alarms and not record.stop:
            unread = list(alarms.unknown(record.alarms))
            try:
                window.add(await asyncio.to_thread(readings.take, port))
                silent = 0
            except (OSError, ValueError):
                silent += 1
            if silent >= _SILENT_POLLS:
                unread = list(record.alarms)
            active = {**window.active(), **self.forced()}
            self.firing = active
            found = [f"{name}: {active[name]}" for name in record.alarms if name in active]
            if unread and not record.ignore_alarm_failure:
                found.append(f"alarms that can't be read: {', '.join(unread)}")
            if found:
                self.stop(self.record(identifier), "alarm", "; ".join(found))
                return
            await asyncio.sleep(_POLL)
            record = self.record(identifier)

    async def _event(self, identifier: str, name: str) -> None:
        self._look(self.record(identifier))
        record = self.record(identifier)
        if name == "BeforeAllowTraffic" and record.event(name).started is None:
            await self._wait(identifier, READY_WAIT)
        if name in ("AllowTestTraffic", "AfterAllowTestTraffic") and not record.test_listener:
            self._mark(identifier, name, status="Skipped")
            return
        begun = record.event(name).started or time.time()
        self._mark(identifier, name, status="InProgress", started=begun)
        act = {
            "Install": self._install,
            "AllowTestTraffic": self._allow_test_traffic,
            "AllowTraffic": self._allow_traffic,
        }.get(name)
        await (act(identifier) if act else self._hook(identifier, name))
        self._mark(identifier, name, status="Succeeded", ended=time.time(), code="Success")

    async def _install(self, identifier: str) -> None:
        """The new task set runs already: find it healthy, and the one that the AppSpec means."""
        record = self.record(identifier)
        wanted = appspec.of_revision(record.revision).task_definition
        if names.side_of(wanted) != record.incoming:
            fitting = names.family(record.incoming)
            why = f"the stage can only bring {fitting} in now, not {wanted}"
            raise Failed("ECS_UPDATE_ERROR", why)
        port, deadline = self._ports[record.incoming], time.monotonic() + _HEALTH_PATIENCE
        while not await asyncio.to_thread(checks.instance_answers, port, record.incoming):
            if time.monotonic() > deadline:
                raise Failed("HEALTH_CONSTRAINTS", f"{record.incoming} does not become healthy")
            await self._until(identifier, 0.1)

    async def _allow_test_traffic(self, identifier: str) -> None:
        side = self.record(identifier).incoming
        await self._patiently(lambda: self._balancer.validate(side))

    async def _allow_traffic(self, identifier: str) -> None:
        """Shift by shift; after a restart, on from what the proxy already has."""
        record = self.record(identifier)
        for shift in schedule(record.routing):
            if shift.share <= record.weights[record.incoming]:
                continue
            await self._shift(identifier, shift.share)
            await self._until(identifier, shift.minutes * self.minute)

    async def _hook(self, identifier: str, name: str) -> None:
        """Wait for whoever validates `name` to put its status."""
        record = self.record(identifier)
        if name not in record.hooks:
            return
        execution = _execution(record, name)
        if execution is None:
            execution = rollback.new_id().removeprefix("d-").lower() + name.lower()
            entry = {"event": name, "status": "Pending"}
            executions = {**record.executions, execution: entry}
            record = self.update(identifier, executions=executions)
        limit = max(_HOOK_MINUTES * self.minute, self._patience)
        left = (record.event(name).started or time.time()) + limit - time.time()

        def answered(one: Record) -> bool:
            return one.executions[execution]["status"] != "Pending"

        if not await self._until(identifier, left, answered):
            why = f"the hook {name} did not answer within {limit:g} s"
            raise Failed("HOOK_EXECUTION_FAILURE", why, "ScriptTimedOut")
        if self.record(identifier).executions[execution]["status"] != "Succeeded":
            raise Failed("HOOK_EXECUTION_FAILURE", f"the hook {name} failed", "ScriptFailed")

    async def _wait(self, identifier: str, kind: str) -> None:
        """Until `continue-deployment`, or the group's time is up."""
        record = self.record(identifier)
        options = record.settings.get("blueGreenDeploymentConfiguration", {})
        minutes = _minutes(options, kind)
        if minutes <= 0 or kind in record.continued:
            return
        since = record.waiting_since if record.waiting == kind else None
        status = "Ready" if kind == READY_WAIT else "InProgress"
        since = since or time.time()
        self.update(identifier, waiting=kind, waiting_since=since, status=status)
        least = self._kept if kind == TERMINATION_WAIT else 0.0
        left = since + max(minutes * self.minute, least) - time.time()
        told = await self._until(identifier, left, lambda one: kind in one.continued)
        self.update(identifier, waiting="", waiting_since=None, status="InProgress")
        if kind == READY_WAIT and not told:
            why = f"nobody rerouted traffic within {minutes:g} minutes"
            self.stop(self.record(identifier), "timeout", why)
            raise Stopped

    async def _bring_back(self, identifier: str) -> None:
        """A rollback has one thing to do, and does not let itself be stopped on its way."""
        record = self.record(identifier)
        begun = record.event("AllowTraffic").started or time.time()
        self.update(identifier, status="InProgress", started=record.started or begun)
        self._mark(identifier, "AllowTraffic", status="InProgress", started=begun)
        await self._shift(identifier, 0.0)
        if record.validation:
            await self._patiently(lambda: self._balancer.validate(record.validation))
        self._mark(identifier, "AllowTraffic", status="Succeeded", ended=time.time())
        self._store.save(self.record(identifier).ended("Succeeded"))

    # -- how one ends ---------------------------------------------------------------------------

    def _end_stopped(self, record: Record) -> None:
        code = _STOP_CODES.get(record.stop, "MANUAL_STOP")
        message = record.error_message or "The deployment was stopped on request"
        trigger = STOP_ON_ALARM if record.stop == "alarm" else STOP_ON_REQUEST
        self._undo(record.ended("Stopped", code, message), trigger)

    def _end_failed(self, record: Record, failure: Failed) -> None:
        for event in record.events:
            if event.status == "InProgress":
                record = record.with_event(event.name, code=failure.script, message=failure.message)
        self._undo(record.ended("Failed", failure.code, failure.message), FAILURE)

    def _undo(self, record: Record, trigger: str) -> None:
        """Save the ended record, together with its rollback where one is due."""
        if not rollback.due(record, trigger):
            self._store.save(record)
            return
        ended, undoing = rollback.pair(record, trigger, self._store.deployments())
        self._store.save(ended, undoing)
        self.begin(undoing)

    # -- small parts ----------------------------------------------------------------------------

    def _mark(self, identifier: str, name: str, **changes: Any) -> None:
        self._store.save(self.record(identifier).with_event(name, **changes))

    async def _shift(self, identifier: str, share: float) -> None:
        record = self.record(identifier)
        weights = {record.incoming: share, record.old: 100.0 - share}
        await self._patiently(lambda: self._balancer.shift(weights))
        self.update(identifier, weights=weights)
        log.info("%s: %s", identifier, weights)

    async def _rest(self, identifier: str) -> None:
        """With all traffic where it is at rest, test traffic goes to the side that comes in next:
        AWS would have ended that side, this stage keeps it."""
        if dict(self.record(identifier).weights) == dict(AT_REST.weights):
            await self._patiently(lambda: self._balancer.validate(AT_REST.validation))

    async def _until(
        self,
        identifier: str,
        seconds: float,
        condition: Callable[[Record], bool] = lambda _: False,
    ) -> bool:
        """Wait; True as soon as `condition` holds of the record, False when time is up."""
        bell, deadline = self._bells[identifier], time.monotonic() + seconds
        while True:
            bell.clear()
            record = self.record(identifier)
            self._look(record)
            if condition(record):
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            try:
                await asyncio.wait_for(bell.wait(), left)
            except TimeoutError:
                continue

    def _look(self, record: Record) -> None:
        if record.stop and not record.is_rollback:
            raise Stopped

    async def _patiently(self, act: Callable[[], Answer]) -> Answer:
        """`act` on the proxy, again while it is away: the warden starts it again when it died."""
        deadline = time.monotonic() + _BALANCER_PATIENCE
        while True:
            try:
                return await asyncio.to_thread(act)
            except BalancerError as error:
                if time.monotonic() > deadline:
                    raise Failed("ELASTIC_LOAD_BALANCING_INVALID", str(error)) from error
                await asyncio.sleep(0.05)


def _execution(record: Record, name: str) -> str | None:
    return next((key for key, one in record.executions.items() if one["event"] == name), None)


def _minutes(options: Mapping[str, Any], kind: str) -> float:
    """How long the group waits: before traffic moves only where it would then stop."""
    if kind == TERMINATION_WAIT:
        ending = options.get("terminateBlueInstancesOnDeploymentSuccess", {})
        return float(ending.get("terminationWaitTimeInMinutes", 0))
    ready = options.get("deploymentReadyOption", {})
    if ready.get("actionOnTimeout") != "STOP_DEPLOYMENT":
        return 0.0
    return float(ready.get("waitTimeInMinutes", 0))
