"""Planning a purge, looking at it, and doing exactly that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fixnado.compliance.errors import (
    CantMove,
    NoSubject,
    NoSuchPlan,
    NotAnErasure,
    NotVerified,
    PlanIsOld,
)
from fixnado.compliance.model.purges import PLAN_TTL, Outcome, Plan, digest, group
from fixnado.compliance.model.requests import DataRequest, RequestType, Status
from fixnado.compliance.service import desk
from fixnado.compliance.store import purges as store
from fixnado.platform import idempotency
from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork
from fixnado.platform.ids import new_id
from fixnado.platform.personal_data import Action, PersonalDataSource, Retained, Subject, Target
from fixnado.platform.shelf import Shelf

EXPORTS = "exports"
"""The dataset whose rows have files on the shelf."""


class Purges:
    """Plans and executes over the sources of all contexts."""

    def __init__(self, shelf: Shelf, sources: Sequence[PersonalDataSource]) -> None:
        # in this order: what others refer to comes last
        self._shelf = shelf
        self._sources = {source.dataset: source for source in sources}

    def plan(self, unit: UnitOfWork, caller: Principal, request_id: str | None) -> Plan:
        """What a purge would do: of everything too old, or of one person who asked for erasure.

        Nothing but the plan itself is written.
        """
        request = desk.see(unit, caller, request_id) if request_id else None
        subject = _subject(request) if request else None
        targets = tuple(sorted(self._targets(unit, subject), key=_order))
        plan = Plan(
            id=new_id(),
            request_id=request.id if request else None,
            made_by=caller.user_id,
            made_at=unit.now,
            expires_at=unit.now + PLAN_TTL,
            sha256=digest(targets),
            targets=targets,
            groups=group(targets),
            retained=tuple(self._retained(unit, subject)) if subject else (),
        )
        store.add(unit, plan)
        if request:
            words = f"plan {plan.id}: {len(targets)} rows"
            desk.record(unit, request.id, caller, "purge planned", words)
        return plan

    def execute(
        self, unit: UnitOfWork, caller: Principal, plan_id: str, sha256: str | None
    ) -> Plan:
        """Do what was planned, row for row, or nothing: PlanIsOld when the data moved on."""
        plan = see(unit, plan_id)
        _check(plan, unit, sha256)
        request = desk.see(unit, caller, plan.request_id) if plan.request_id else None
        subject = _subject(request) if request else None
        if digest(self._targets(unit, subject)) != plan.sha256:
            raise PlanIsOld("the data changed since it was planned")
        outcomes = tuple(
            self._purge(unit, source, mine)
            for source in self._sources.values()
            if (mine := [one for one in plan.targets if one.dataset == source.dataset])
        )
        store.executed(unit, plan.id, caller.user_id, outcomes)
        if request:
            desk.record(unit, request.id, caller, "purged", f"plan {plan.id}")
            desk.complete(unit, request, None)
        else:
            idempotency.sweep(unit)
        return replace(see(unit, plan_id), targets=plan.targets)

    def clear_shelf(self, plan: Plan) -> None:
        """Take the files of purged exports away, once the purge is committed."""
        for target in plan.targets:
            if target.dataset == EXPORTS:
                self._shelf.remove(target.row_id)

    def _targets(self, unit: UnitOfWork, subject: Subject | None) -> Iterator[Target]:
        for source in self._sources.values():
            yield from source.erasable(unit, subject) if subject else source.expired(unit)

    def _retained(self, unit: UnitOfWork, subject: Subject) -> Iterator[Retained]:
        for source in self._sources.values():
            left = source.retained(unit, subject)
            if left is not None and left.rows:
                yield left

    def _purge(self, unit: UnitOfWork, source: PersonalDataSource, rows: list[Target]) -> Outcome:
        before = source.total(unit)
        done = {
            action: source.purge(unit, action, [one.row_id for one in rows if one.action is action])
            for action in Action
        }
        after = source.total(unit)
        deleted, anonymised = done[Action.DELETE], done[Action.ANONYMISE]
        if deleted + anonymised != len(rows) or after != before - deleted:
            raise PlanIsOld(f"{source.dataset} does not add up")
        return Outcome(source.dataset, before, len(rows), deleted, anonymised, after)


def see(unit: UnitOfWork, plan_id: str) -> Plan:
    """A plan; NoSuchPlan where there is none."""
    plan = store.get(unit, plan_id)
    if plan is None:
        raise NoSuchPlan
    return plan


def _order(target: Target) -> tuple[str, str, str]:
    return target.dataset, target.action.value, target.row_id


def _check(plan: Plan, unit: UnitOfWork, sha256: str | None) -> None:
    if plan.executed_at is not None:
        raise PlanIsOld("this plan was executed before")
    if unit.now >= plan.expires_at:
        raise PlanIsOld("this plan has expired")
    if sha256 is not None and sha256 != plan.sha256:
        raise PlanIsOld("this is not the plan that was looked at")


def _subject(request: DataRequest) -> Subject:
    if request.request_type is not RequestType.ERASURE:
        raise NotAnErasure(request.request_type.value)
    if request.user_id is None:
        raise NoSubject
    if request.verified_at is None:
        raise NotVerified
    if request.status is not Status.IN_PROGRESS:
        raise CantMove(request.status.value, Status.COMPLETED.value)
    return Subject(request.user_id, request.subject_email)
