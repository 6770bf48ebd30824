"""The run itself: rows in order, each item carried out or asked for, then seal and verdict.

Everything with a side effect happens inside `engine.durable`; between two of those this code only
reads what came before, so that a replay takes the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from golive.drillkit.context import Context, Rehearsal
from golive.drillkit.drill import Params, Registry
from golive.drillkit.execute import Exercise, Keep, StepRecorder, outcome_of
from golive.drillkit.records import Act, ItemRecord, Outcome, StepRecord
from golive.drillkit.standing import standing_of
from golive.gates.verdict import Facts
from golive.governance.acts import Statement
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json, JsonObject, canonical
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.playbook.model import Activity, DrillBlock, HumanTask, Item, OnFailure, Playbook
from golive.playbook.people import Roster
from golive.ports.clock import Clock
from golive.ports.target import Target
from golive.rehearsal.asking import approval_for, decision_for, request_for
from golive.rehearsal.desk import Answer, Desk, Files
from golive.rehearsal.engine import Engine, Halt
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.journal import Journal


@dataclass(frozen=True)
class Means:
    """What a run works with. Made by `run.py` from what bootstrap supplies."""

    playbook: Playbook
    settings: RunSettings
    folder: RunFolder
    registry: Registry
    target: Target
    roster: Roster
    clock: Clock
    journal: Journal
    keep: Keep
    plan: Callable[[Activity], datetime | None]
    """When a row is planned to begin."""
    brought: Files
    seal: Callable[[Facts, Roster], Json]
    """Seals the evidence with its verdict; the same again when it is already sealed."""


@dataclass
class _State:
    records: dict[str, ItemRecord] = field(default_factory=dict)
    called_off: str = ""
    stopped: str = ""
    """Why nothing more is begun (`on_failure: stop`)."""

    def ended(self) -> bool:
        return bool(self.called_off or self.stopped)


class Day:
    """One rehearsal day. `run` is the durable workflow's body."""

    def __init__(self, means: Means, engine: Engine, halt: Halt) -> None:
        self._means, self._engine, self._halt = means, engine, halt
        run = means.settings.rehearsal
        self._desk = Desk(run, means.roster, engine, means.journal, means.clock, means.brought)

    def run(self) -> Json:
        state = _State()
        for activity in self._means.playbook.activities:
            self._row(activity, state)
        self._desk.collect()
        facts = Facts(
            practice=self._means.settings.practice,
            items=state.records,
            artefacts=[one for record in state.records.values() for one in record.evidence],
            called_off=state.called_off,
        )
        verdict = self._engine.durable("seal", lambda: self._means.seal(facts, self._desk.roster))
        self._engine.over()
        return verdict

    # -- rows --------------------------------------------------------------------------------

    def _row(self, activity: Activity, state: _State) -> None:
        if state.ended():
            return
        self._wait_for(activity, state)
        self._begin(activity, state)
        self._items(activity.items, activity, state)
        outcomes = {state.records[item.id].outcome for item in activity.items if item.id in
                    state.records}  # fmt: skip
        self._tell(activity.id, "row", row=activity.id, state="finished",
                   outcome=_worst(outcomes).value)  # fmt: skip

    def _items(self, items: Sequence[Item], activity: Activity, state: _State) -> None:
        """Those that have not run yet: a failure may have brought some of them up before."""
        for item in items:
            if item.id not in state.records and not state.ended():
                state.records[item.id] = self._item(item, activity, state)

    def _wait_for(self, activity: Activity, state: _State) -> None:
        planned = self._means.plan(activity)
        if self._means.settings.clock != "schedule" or planned is None:
            return
        left = self._engine.durable(
            f"{activity.id}.wait",
            lambda: (planned - self._means.clock.now()).total_seconds(),
        )
        if isinstance(left, int | float) and left > 0:
            abort = self._desk.pass_time(left)
            if abort is not None:
                self._call_off(abort, state)

    def _begin(self, activity: Activity, state: _State) -> None:
        def begin() -> Json:
            if not self._halt.called_off:
                self._means.journal.write("row", row=activity.id, state="started")
            return self._halt.called_off

        if not state.ended() and self._engine.durable(f"{activity.id}.begin", begin):
            self._collect_abort(state)

    def _item(self, item: Item, activity: Activity, state: _State) -> ItemRecord:
        if not isinstance(item, DrillBlock):
            return self._task(item, state)
        missing = self._not_passed(item, state)
        return self._not_begun(item, missing) if missing else self._drill(item, activity, state)

    def _not_passed(self, block: DrillBlock, state: _State) -> Sequence[str]:
        """What the block comes `after` and has not passed. In practice nobody does human items, and
        they hold nothing up."""
        good = {Outcome.PASSED, Outcome.OPEN} if self._means.settings.practice else {Outcome.PASSED}
        ended = {item: record.outcome for item, record in state.records.items()}
        return [one for one in block.after if ended.get(one) not in good]

    def _not_begun(self, block: DrillBlock, missing: Sequence[str]) -> ItemRecord:
        at = self._now(f"{block.id}.begin")
        note = f"not begun: {', '.join(missing)} had to pass first"
        record = ItemRecord(block.id, Outcome.SKIPPED, at, at, note=note)
        self._tell(block.id, "item", item=block.id, state="finished",
                   outcome=record.outcome.value, note=note)  # fmt: skip
        return record

    # -- people ------------------------------------------------------------------------------

    def _task(self, task: HumanTask, state: _State) -> ItemRecord:
        started = self._now(f"{task.id}.begin")
        if self._means.settings.practice:
            record = ItemRecord(task.id, Outcome.OPEN, started, started)
        else:
            answer = self._desk.ask(request_for(task, _roles(self._means.playbook)))
            record = self._answered(task.id, answer, started, state)
        self._tell(task.id, "item", item=task.id, state="finished",
                   outcome=record.outcome.value, note=record.note)  # fmt: skip
        return record

    def _answered(self, item: str, answer: Answer, started: str, state: _State) -> ItemRecord:
        if answer.aborted is not None:
            self._call_off(answer.aborted, state)
        note = answer.acts[-1].comment if answer.acts else ""
        return ItemRecord(
            item=item,
            outcome=answer.outcome,
            started=started,
            ended=self._now(f"{item}.end"),
            acts=tuple(answer.acts),
            artefacts=tuple(answer.files),
            note=note,
        )

    def _call_off(self, abort: Statement, state: _State) -> None:
        state.called_off = f"{abort.person}: {abort.comment}"
        self._tell("", "called-off", person=abort.person, comment=abort.comment)

    def _collect_abort(self, state: _State) -> None:
        """A step was cut short by an abort: its message is on its way to the desk, or there."""
        abort = self._desk.pass_time(60)
        if abort is not None:
            self._call_off(abort, state)
        else:
            state.called_off = "by a message that has not arrived whole"

    # -- drills ------------------------------------------------------------------------------

    def _drill(self, block: DrillBlock, activity: Activity, state: _State) -> ItemRecord:
        earlier: list[StepRecord] = []
        acts: list[Act] = []
        attempt = 1
        while True:
            record = self._attempt(block, attempt, state)
            record = replace(record, earlier=tuple(earlier), acts=tuple(acts))
            if record.outcome is Outcome.ABORTED:
                self._collect_abort(state)
                break
            if record.outcome is Outcome.PASSED:
                record = self._approval(block, record, state)
                break
            answer = self._after_failure(block, activity, record, state)
            acts.extend(answer.acts)
            record = replace(record, acts=tuple(acts))
            if answer.decision != "retry":
                break
            earlier.extend(record.steps)
            attempt += 1
        self._tell(f"{block.id}#{attempt}", "item", item=block.id, state="finished",
                   outcome=record.outcome.value, note=record.note)  # fmt: skip
        return record

    def _attempt(self, block: DrillBlock, attempt: int, state: _State) -> ItemRecord:
        name = f"{block.id}#{attempt}"
        means = self._means

        def begin() -> Json:
            means.journal.write("item", item=block.id, state="started", attempt=attempt)
            return rfc3339(means.clock.now())

        started = str(self._engine.durable(f"{name}.begin", begin))
        records = Exercise(
            self._context(block, attempt, state),
            do=lambda step, act: self._engine.step(f"{name}/{step}", act),
            keep=means.keep,
            news=means.journal,
            called_off=lambda: self._halt.called_off,
        ).run()
        ended = records[-1].ended if records else started
        return ItemRecord(
            block.id, outcome_of(records), started, ended or started, attempt, tuple(records)
        )

    def _context(self, block: DrillBlock, attempt: int, state: _State) -> Context[Params]:
        means, settings = self._means, self._means.settings
        drill = means.registry.drill(block.drill)
        playbook = means.playbook
        return Context(
            rehearsal=Rehearsal(
                settings.rehearsal,
                playbook.release,
                playbook.day or means.clock.now().date(),
                playbook.timezone,
                settings.practice,
            ),
            item=block.id,
            attempt=attempt,
            drill=drill,
            params=drill.parse(block.params),
            target=means.target,
            clock=means.clock,
            work=means.folder.work(block.id, attempt),
            record=StepRecorder(block.id, "", means.keep, means.journal),
            stop=self._halt.event,
            expect=block.expect,
            paths=block.save,
            playbook_folder=Path(settings.playbook_folder),
            people={item: record.acts for item, record in state.records.items() if record.acts},
            standing=standing_of(
                playbook,
                state.records,
                means.plan,
                target=settings.target_name,
                on_schedule=settings.clock == "schedule",
            ),
        )

    def _after_failure(
        self, block: DrillBlock, activity: Activity, record: ItemRecord, state: _State
    ) -> Answer:
        policy = block.on_failure
        if policy is None:
            policy = OnFailure.CONTINUE if self._means.settings.practice else OnFailure.ASK
        if policy is OnFailure.ASK and not self._means.settings.practice:
            roles = [activity.owner] if activity.owner.casefold() != "all" else _roles(
                self._means.playbook)  # fmt: skip
            answer = self._desk.ask(decision_for(block.id, roles, block.approve, record.barred))
            if answer.aborted is not None:
                self._call_off(answer.aborted, state)
            return answer
        if policy is OnFailure.STOP:
            state.stopped = f"{block.id} failed and the playbook says to stop"
            self._tell(f"{block.id}.stop", "log", text=state.stopped, item=block.id)
        if policy is OnFailure.RUN and block.run_on_failure:
            self._run_section(block.run_on_failure, activity, state)
        return Answer(Outcome.FAILED)

    def _run_section(self, section: str, activity: Activity, state: _State) -> None:
        """What only a failure brings up joins the failed block's row on the board."""
        sections = self._means.playbook.sections
        items = [one for name in self._means.playbook.within(section) for one in
                 sections[name].items]  # fmt: skip
        planned = {one.id for row in self._means.playbook.activities for one in row.items}
        new = [item_json(one, activity) for one in items if one.id not in planned]
        self._tell(section, "joined", row=activity.id, items=new)
        self._items(items, activity, state)

    def _approval(self, block: DrillBlock, record: ItemRecord, state: _State) -> ItemRecord:
        if block.approve is None or self._means.settings.practice:
            return record
        digest = evidence_digest(record)
        answer = self._desk.ask(approval_for(block.id, block.approve, digest, record.barred))
        if answer.aborted is not None:
            self._call_off(answer.aborted, state)
        outcome = record.outcome if answer.outcome is Outcome.PASSED else answer.outcome
        return replace(
            record,
            outcome=outcome,
            acts=(*record.acts, *answer.acts),
            ended=self._now(f"{block.id}.approved"),
        )

    # -- small change ------------------------------------------------------------------------

    def _now(self, name: str) -> str:
        at = self._engine.durable(name, lambda: rfc3339(self._means.clock.now()))
        return rfc3339(parse_rfc3339(str(at)))

    def _tell(self, name: str, event: str, **facts: Json) -> None:
        def tell() -> Json:
            self._means.journal.write(event, **facts)
            return None

        self._engine.durable(f"{name}.{event}", tell)


def item_json(item: Item, activity: Activity) -> JsonObject:
    """An item as the journal introduces it."""
    if isinstance(item, DrillBlock):
        title, kind, owner = item.drill, "drill", activity.owner
    else:
        title, kind, owner = item.text, item.kind.value, item.by
    return {"id": item.id, "title": title, "kind": kind, "owner": owner, "line": item.place.line}


def evidence_digest(record: ItemRecord) -> str:
    """What an approval binds: SHA-256 over the canonical list of the item's artefacts."""
    listed = sorted((one.path, one.sha256) for one in record.evidence)
    return sha256_hex(canonical([list(pair) for pair in listed]))


def _roles(playbook: Playbook) -> Sequence[str]:
    """Every role that the timeline or the sign-off names, in order."""
    named = [activity.owner for activity in playbook.activities]
    named += [signoff.role for signoff in playbook.signoffs]
    return list(dict.fromkeys(role for role in named if role and role.casefold() != "all"))


_SEVERITY = (
    Outcome.ABORTED, Outcome.REFUSED, Outcome.FAILED, Outcome.EXPIRED, Outcome.SKIPPED,
    Outcome.OPEN, Outcome.PASSED,
)  # fmt: skip


def _worst(outcomes: set[Outcome]) -> Outcome:
    return next((one for one in _SEVERITY if one in outcomes), Outcome.SKIPPED)
