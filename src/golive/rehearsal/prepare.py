"""Reads and checks everything that a run is given, before anything is begun or written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from golive.drillkit.drill import Registry
from golive.evidence.stamps import load_roots, pem_of
from golive.gates.policy import load_policy
from golive.kernel.errors import BadInput
from golive.playbook import load, trust
from golive.playbook.lint import lint
from golive.playbook.model import Finding, Level, Playbook
from golive.playbook.people import load_roster
from golive.rehearsal.run import Order
from golive.rehearsal.sealable import unsealable

_MOST = 200_000_000
"""Bytes of a file that a run is given; a plan is the largest of them."""


class NotFit(BadInput):
    """The playbook has errors; `findings` says which."""

    def __init__(self, file: str, findings: Sequence[Finding]) -> None:
        errors = [one for one in findings if one.level is Level.ERROR]
        count = f"{len(errors)} error{'' if len(errors) == 1 else 's'}"
        super().__init__(
            f"the playbook has {count}", where=file, hint=f"mend what `golive check {file}` shows"
        )
        self.findings = findings


@dataclass(frozen=True)
class Wishes:
    """The options of `golive rehearse`."""

    file: Path
    state: Path
    vault_root: Path
    target: Path | None = None
    people: Path | None = None
    clock: str = "now"
    practice: bool = False
    fault: str = ""
    faults: Sequence[str] = ()
    """What the embedded stage can be spoiled by."""
    plan: Path | None = None
    """A plan that was made elsewhere, and who made it."""
    plan_by: str = ""
    vault_copy: str = ""
    tsa: str = ""
    tsa_root: Path | None = None
    policy: Path | None = None
    """What to judge by; the playbook's own choice, or the default policy, where None."""
    domains: Sequence[str] = ()
    """Where the rehearsal's people may have addresses."""


def prepare(wishes: Wishes, registry: Registry, trusted: trust.TrustStore) -> Order:
    """The order for `run.begin`. BadInput (NotFit, with findings) otherwise; nothing is written."""
    parsed = load.load(wishes.file)
    if parsed.playbook is None:
        raise NotFit(str(wishes.file), parsed.findings)
    findings = [
        *parsed.findings,
        *lint(parsed.playbook, registry),
        *unsealable(parsed.playbook, wishes.domains),
    ]
    if any(one.level is Level.ERROR for one in findings):
        raise NotFit(str(wishes.file), findings)
    playbook = parsed.playbook
    _demand_trust(playbook, registry, trusted, wishes.file)
    _demand_known(wishes)
    return Order(
        playbook=playbook,
        playbook_folder=wishes.file.parent,
        people=_people(wishes, playbook),
        target=_bytes(wishes.target) if wishes.target else b"",
        target_name=wishes.target.stem if wishes.target else "stage",
        state=wishes.state,
        vault_root=wishes.vault_root,
        practice=wishes.practice,
        clock=wishes.clock,
        fault=wishes.fault,
        plan=_plan(wishes),
        plan_by=wishes.plan_by,
        vault_copy=wishes.vault_copy,
        tsa=wishes.tsa,
        tsa_roots=_certificates(wishes.tsa_root),
        policy=_policy(wishes, playbook),
    )


def _demand_trust(
    playbook: Playbook, registry: Registry, trusted: trust.TrustStore, file: Path
) -> None:
    if trust.needs_trust(playbook, registry) and not trusted.is_trusted(playbook.digest):
        raise BadInput(
            "this playbook runs commands of its own, and nobody here has trusted it",
            where=str(file),
            hint=f"read it, then `golive trust {file}`",
        )


def _demand_known(wishes: Wishes) -> None:
    if wishes.clock not in ("now", "schedule"):
        raise BadInput(f"--clock {wishes.clock}", hint="use `now` or `schedule`")
    if wishes.fault and wishes.fault not in wishes.faults:
        known = ", ".join(wishes.faults)
        raise BadInput(f"there is no fault {wishes.fault!r}", hint=f"one of: {known}")
    if wishes.fault and wishes.target:
        raise BadInput(
            "--fault spoils the embedded stage; a target of your own is left alone",
            hint="leave --target or --fault out",
        )


def _policy(wishes: Wishes, playbook: Playbook) -> bytes:
    """The policy's bytes, fit to judge by, before the day begins. BadInput otherwise."""
    path = wishes.policy or (wishes.file.parent / playbook.policy if playbook.policy else None)
    return load_policy(path).source if path else b""


def _certificates(path: Path | None) -> bytes:
    """The certificates' bytes, fit to check time stamps by. BadInput otherwise."""
    return b"".join(map(pem_of, load_roots(path))) if path else b""


def _plan(wishes: Wishes) -> bytes:
    """A plan as JSON, by somebody who is named: who made it can't approve it."""
    if wishes.plan is None:
        if wishes.plan_by:
            raise BadInput("--plan-by without --plan", hint="name the plan's file with --plan")
        return b""
    if not wishes.plan_by:
        raise BadInput("a plan without an author", hint="say who made it: --plan-by PERSON")
    content = _bytes(wishes.plan)
    try:
        known = json.loads(content)
    except (ValueError, RecursionError):
        known = None
    if not isinstance(known, dict) or "format_version" not in known:
        raise BadInput(
            "this is no plan as JSON",
            where=str(wishes.plan),
            hint="terraform show -json PLAN > plan.json",
        )
    return content


def _people(wishes: Wishes, playbook: Playbook) -> bytes:
    """The roster's bytes. An attended run needs one in which somebody has a key."""
    path = wishes.people
    if path is None and playbook.people:
        path = wishes.file.parent / playbook.people
        if wishes.practice and not path.exists():
            return b""
    if path is None:
        if wishes.practice:
            return b""
        raise BadInput(
            "an attended run needs people",
            where=str(wishes.file),
            hint="name the roster with --people FILE, or run with --practice",
        )
    roster = load_roster(path)
    if not wishes.practice and not any(person.key for person in roster.people):
        raise BadInput(
            "nobody on the roster has a key, so nobody could prove who they are",
            where=str(path),
            hint="`golive people enrol PERSON`, or run with --practice",
        )
    return _bytes(path)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:  # a pipe will do; a device without an end won't
            content = file.read(_MOST + 1)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror}", where=str(path)) from error
    if len(content) > _MOST:
        raise BadInput(f"it is larger than {_MOST // 1_000_000} MB", where=str(path))
    return content
