"""Blue/green deployments as CodeDeploy carries them out, one step further at each look."""

from __future__ import annotations

from collections.abc import Sequence

from golive.adapters.memory.deployments import (
    BAD_LOOKS,
    CODES,
    EVENTS,
    HOOK_PATIENCE,
    ROLLBACK_EVENTS,
    STOP_ON_REQUEST,
    Record,
    shares_of,
    shown,
    task_sets,
)
from golive.adapters.memory.world import Effect, Fault, World
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject
from golive.ports.deployer import (
    Alarm,
    AlarmKind,
    Deployment,
    DeploymentStatus,
    DeploymentTarget,
    GroupSettings,
    LifecycleEvent,
    LifecycleStatus,
    RollbackInfo,
    Service,
    Wait,
)


class MemoryDeployer:
    """`golive.ports.deployer.Deployer`. `ready_wait` and `termination_wait` say whether the group
    waits for `continue_deployment` before traffic moves and before the old side is let go."""

    fidelity = Fidelity.SIMULATED

    def __init__(
        self,
        world: World,
        *,
        rollback_events: frozenset[str] = ROLLBACK_EVENTS,
        alarms: Sequence[str] = (),
        has_test_listener: bool = True,
        ready_wait: bool = False,
        termination_wait: bool = False,
        hooks: bool = True,
    ) -> None:
        self._world = world
        self.hooks_reach_us = hooks
        self._forced: dict[str, str] = {}
        self._rollback_events, self._alarms = rollback_events, tuple(alarms)
        self._test_listener = has_test_listener
        self._ready_wait, self._termination_wait = ready_wait, termination_wait
        self._records: dict[str, Record] = {}

    # -- the port -----------------------------------------------------------------------------

    def group(self) -> GroupSettings:
        self._world.call("deployer.group")
        return GroupSettings(
            name="memory",
            rollback_events=self._rollback_events,
            alarms=self._alarms,
            has_test_listener=self._test_listener,
            termination_minutes=60.0 if self._termination_wait else 0.0,
            raw={
                "deploymentGroupName": "memory",
                "autoRollbackConfiguration": {
                    "enabled": bool(self._rollback_events),
                    "events": sorted(self._rollback_events),
                },
            },
        )

    def alarms(self) -> Sequence[Alarm]:
        self._world.call("deployer.alarms")
        return [
            Alarm(
                name=name,
                kind=next((one for one in AlarmKind if one in name), AlarmKind.OTHER),
                metric=name,
                state="ALARM" if name in self._forced else "OK",
                reason=self._forced.get(name, ""),
            )
            for name in self._alarms
        ]

    def set_alarm(self, name: str, *, active: bool, reason: str) -> None:
        self._world.call("deployer.set_alarm")
        if name not in self._alarms:
            raise PortError(f"no alarm {name!r}", where="SetAlarmState", answer="ResourceNotFound")
        self._forced.pop(name, None)
        if active:
            self._forced[name] = reason
        self._world.changed("deployer.set_alarm", "alarm-set", name, "ALARM" if active else "OK")

    def service(self) -> Service:
        self._world.call("deployer.service")
        world = self._world
        side = world.sides[max(world.weights, key=lambda name: world.weights[name])]
        return Service(f"memory-{side.name}", f"{side.name}:{side.version}", side.target_group)

    def create(
        self,
        *,
        incoming: str,
        version: str,
        config: str,
        description: str,
        hooks: Sequence[str] = (),
    ) -> str:
        world = self._world
        world.call("deployer.create")
        with world.lock:
            shares = list(shares_of(config))
            if incoming not in world.sides:
                raise PortError(f"no side {incoming!r}", where="CreateDeployment")
            for one in self._records.values():
                if not one.status.final:
                    raise PortError(
                        f"deployment {one.id} is already in progress",
                        where="CreateDeployment",
                        hint="wait for it or stop it",
                        answer="DeploymentLimitExceededException",
                    )
            record = self._new("user", description, config, incoming, version, shares)
            record.hooks = tuple(hooks)
            world.changed("deployer.create", "deployment-created", record.id, description)
            return record.id

    def find(self, key: str) -> str | None:
        self._world.call("deployer.find")
        found = [one.id for one in self._records.values() if key in one.description]
        return found[0] if found else None

    def mentioning(self, text: str) -> Sequence[str]:
        self._world.call("deployer.mentioning")
        with self._world.lock:
            found = [one for one in self._records.values() if text in one.description]
            pairs = [(one.id, one.rollback.rollback_id) for one in found]
            return list(dict.fromkeys(one for pair in pairs for one in pair if one))

    def get(self, deployment: str) -> Deployment:
        self._world.call("deployer.get")
        with self._world.lock:
            record = self._record(deployment, "GetDeployment")
            self._advance(record)
            return shown(record)

    def target(self, deployment: str) -> DeploymentTarget:
        self._world.call("deployer.target")
        with self._world.lock:
            record = self._record(deployment, "GetDeploymentTarget")
            sets = task_sets(self._world, record)
            events = [record.events[name] for name in EVENTS]
            raw: JsonObject = {
                "deploymentId": record.id,
                "lifecycleEvents": [
                    {"lifecycleEventName": one.name, "status": one.status.value} for one in events
                ],
                "taskSetsInfo": [
                    {"identifer": one.side, "trafficWeight": one.weight, "status": one.status}
                    for one in sets
                ],
            }
            return DeploymentTarget("memory:service", record.status.value, events, sets, raw)

    def stop(self, deployment: str, *, rollback: bool) -> str:
        world = self._world
        world.call("deployer.stop")
        with world.lock:
            record = self._record(deployment, "StopDeployment")
            if record.status.final:
                raise PortError(
                    f"deployment {record.id} is already {record.status}",
                    where="StopDeployment",
                    answer="DeploymentAlreadyCompletedException",
                )
            self._end(record, DeploymentStatus.STOPPED, "stopped on request")
            if rollback and STOP_ON_REQUEST in self._rollback_events:
                self._roll_back(record)
            world.changed("deployer.stop", "deployment-stopped", record.id)
            return "Pending"

    def continue_deployment(self, deployment: str, wait: Wait) -> None:
        self._world.call("deployer.continue")
        with self._world.lock:
            record = self._record(deployment, "ContinueDeployment")
            if not self._waits(record, wait):
                raise PortError(
                    f"deployment {record.id} is not in {wait}",
                    where="ContinueDeployment",
                    answer="DeploymentIsNotInReadyStateException",
                )
            record.continued.add(wait)
            self._world.changed("deployer.continue", "deployment-continued", record.id, wait)

    def open_hook(self, deployment: str, event: str) -> str | None:
        self._world.call("deployer.open_hook")
        with self._world.lock:
            record = self._record(deployment, "ListHooks")
            self._advance(record)
            waits = record.events[event].status is LifecycleStatus.IN_PROGRESS
            open_now = waits and event in record.hooks and event not in record.answers
            return f"{record.id}/{event}" if open_now else None

    def answer_hook(self, deployment: str, execution: str, *, succeeded: bool) -> None:
        world = self._world
        world.call("deployer.answer_hook")
        with world.lock:
            record = self._record(deployment, "PutLifecycleEventHookExecutionStatus")
            event = execution.rpartition("/")[2]
            if record.status.final or event in record.answers:
                raise PortError(
                    f"{event} is over",
                    where="PutLifecycleEventHookExecutionStatus",
                    answer="LifecycleEventAlreadyCompletedException",
                )
            record.answers[event] = succeeded
            world.changed("deployer.answer_hook", "hook-answered", execution, str(succeeded))

    # -- how it moves ---------------------------------------------------------------------------

    def _new(
        self,
        creator: str,
        description: str,
        config: str,
        incoming: str,
        version: str,
        shares: list[float],
    ) -> Record:
        world = self._world
        record = Record(
            id=f"d-MEMORY{len(self._records) + 1:03d}",
            creator=creator,
            description=description,
            config=config,
            incoming=incoming,
            version=version,
            before=dict(world.weights),
            created=world.clock.now(),
            shares=shares,
        )
        record.events = {name: LifecycleEvent(name, LifecycleStatus.PENDING) for name in EVENTS}
        self._records[record.id] = record
        return record

    def _roll_back(self, record: Record) -> None:
        if self._world.has(Fault.ROLLBACK_MISSING):
            return
        back = max(record.before, key=lambda side: record.before[side])
        undoing = self._new(
            "codeDeployRollback",
            f"rollback of {record.id}",
            "CodeDeployDefault.ECSAllAtOnce",
            back,
            self._world.sides[back].version,
            [100.0],
        )
        why = f"deployment {record.id} was stopped; {undoing.id} brings its traffic back"
        undoing.rollback = RollbackInfo("", record.id, why)
        record.rollback = RollbackInfo(undoing.id, "", why)
        self._world.effects.append(Effect("rollback-created", undoing.id, record.id))

    def _advance(self, record: Record) -> None:
        """One step: get going, wait, move traffic by one share, or end."""
        if record.status.final:
            return
        if record.status is DeploymentStatus.CREATED:
            record.status = DeploymentStatus.IN_PROGRESS
            return
        if alarm := self._alarmed(record):
            self._end(record, DeploymentStatus.STOPPED, f"alarm: {alarm} is in ALARM")
            self._roll_back(record)
            return
        if record.events["AfterAllowTestTraffic"].status is not LifecycleStatus.SUCCEEDED:
            self._reach(record, EVENTS[:5])
            return
        if self._waits(record, Wait.READY):
            record.status = DeploymentStatus.READY
            return
        record.status = DeploymentStatus.IN_PROGRESS
        if not self._reach(record, ["BeforeAllowTraffic"]):
            return
        if record.shares:
            self._shift(record)
        elif record.events["AfterAllowTraffic"].status is not LifecycleStatus.SUCCEEDED:
            self._reach(record, ["AfterAllowTraffic"])
        elif not self._waits(record, Wait.TERMINATION):
            self._end(record, DeploymentStatus.SUCCEEDED, "")

    def _reach(self, record: Record, names: Sequence[str]) -> bool:
        """Pass `names` in turn, up to a hook that waits or fails; whether all are passed."""
        for name in names:
            if record.events[name].status is LifecycleStatus.SUCCEEDED:
                continue
            if name in record.hooks and not record.answers.get(name):
                self._wait_at(record, name)
                return False
            self._pass(record, [name])
        return True

    def _wait_at(self, record: Record, name: str) -> None:
        now = self._world.clock.now()
        begun = record.events[name].started or now
        record.events[name] = LifecycleEvent(name, LifecycleStatus.IN_PROGRESS, begun)
        silent = (now - begun).total_seconds() > HOOK_PATIENCE
        if record.answers.get(name) is False or silent:
            failed = LifecycleEvent(name, LifecycleStatus.FAILED, begun, now)
            record.events[name] = failed
            why = "did not answer in time" if silent else "failed"
            self._end(record, DeploymentStatus.FAILED, f"the hook {name} {why}")
            self._roll_back(record)

    def _alarmed(self, record: Record) -> str:
        """The alarm that stops `record`; "" where none does."""
        if record.creator != "user":
            return ""
        share = self._world.weights[self._world.incoming]
        by_metric = ["latency"] if self._world.has(Fault.ALARM) and share >= 20 else []
        record.bad_looks += bool(share and self._firing())
        if record.bad_looks > BAD_LOOKS:
            by_metric += self._firing()
        return ", ".join([*self._forced, *by_metric])

    def _firing(self) -> Sequence[str]:
        """Alarms that the incoming side's figures would set off."""
        world = self._world
        side = world.sides[world.incoming]
        words = {
            "5xx": world.failing(side) or side.crashed,
            "latency": world.has(Fault.INCOMING_SLOW),
        }
        bad = [word for word, is_so in words.items() if is_so]
        return [name for name in self._alarms if any(word in name for word in bad)]

    def _waits(self, record: Record, wait: Wait) -> bool:
        if wait in record.continued or record.creator != "user":
            return False
        tested = record.events["AfterAllowTestTraffic"].status is LifecycleStatus.SUCCEEDED
        moved = record.events["AfterAllowTraffic"].status is LifecycleStatus.SUCCEEDED
        if wait is Wait.READY:
            return self._ready_wait and tested and not moved
        return self._termination_wait and moved

    def _shift(self, record: Record) -> None:
        world = self._world
        rolling_back = record.creator != "user"
        if world.has(Fault.WEIGHTS_STUCK) and not rolling_back:
            return
        if world.has(Fault.ROLLBACK_STUCK) and rolling_back:
            return
        record.events["AllowTraffic"] = LifecycleEvent(
            "AllowTraffic", LifecycleStatus.IN_PROGRESS, started=world.clock.now()
        )
        share = record.shares.pop(0)
        if rolling_back and world.has(Fault.ROLLBACK_LIES):
            share = 90.0
        rest = next(name for name in world.sides if name != record.incoming)
        world.move({record.incoming: share, rest: 100.0 - share})
        if not record.shares:
            self._pass(record, ["AllowTraffic"])
            if "AfterAllowTraffic" not in record.hooks:
                self._pass(record, ["AfterAllowTraffic"])

    def _pass(self, record: Record, names: Sequence[str]) -> None:
        now = self._world.clock.now()
        for name in names:
            begun = record.events[name].started or now
            record.events[name] = LifecycleEvent(name, LifecycleStatus.SUCCEEDED, begun, now)
            if name == "Install" and record.incoming == self._world.incoming:
                self._world.installed = True

    def _end(self, record: Record, status: DeploymentStatus, message: str) -> None:
        record.status, record.message = status, message
        record.code = CODES.get(message.split()[0], "") if message else ""
        record.completed = self._world.clock.now()
        if status is DeploymentStatus.SUCCEEDED and record.incoming == self._world.old:
            self._world.installed = not self._world.comes_with_deployments
        for name, event in record.events.items():
            if event.status in (LifecycleStatus.PENDING, LifecycleStatus.IN_PROGRESS):
                record.events[name] = LifecycleEvent(name, LifecycleStatus.SKIPPED)

    def _record(self, deployment: str, where: str) -> Record:
        try:
            return self._records[deployment]
        except KeyError:
            raise PortError(
                f"no deployment {deployment!r}",
                where=where,
                answer="DeploymentDoesNotExistException",
            ) from None
