"""A rehearsal day as its journal tells it, for tests of what shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339

BEGUN = datetime(2024, 5, 30, 8, 2, tzinfo=UTC)
RUN = "1.00-2024-05-30-k3f9qz"


def at(seconds: float) -> str:
    """The journal's time so many seconds into the day."""
    return rfc3339(BEGUN + timedelta(seconds=seconds))


def row(number: int, title: str, owner: str, plan: str, items: Sequence[JsonObject]) -> JsonObject:
    start, _, end = plan.partition("-")
    return {
        "id": f"row-{number}",
        "title": title,
        "owner": owner,
        "plan_start": f"2024-05-30T{start}:00.000Z" if start else "",
        "plan_end": f"2024-05-30T{end}:00.000Z" if end else "",
        "items": list(items),
    }


def item(name: str, title: str, kind: str = "drill", owner: str = "DevOps Lead") -> JsonObject:
    return {"id": name, "title": title, "kind": kind, "owner": owner, "line": 12}


def started(
    *, clock: str = "now", practice: bool = True, rows: Sequence[JsonObject] = ()
) -> JsonObject:
    return {
        "seq": 1,
        "at": at(0),
        "event": "started",
        "rehearsal": RUN,
        "title": "Fixnado 1.00: launch rehearsal",
        "target": "stage",
        "timezone": "Europe/London",
        "practice": practice,
        "clock": clock,
        "fault": "",
        "rows": list(rows) or ROWS,
    }


def event(seconds: float, name: str, **facts: Json) -> JsonObject:
    return {"seq": 2, "at": at(seconds), "event": name, **facts}


def check(verdict: str, claim: str, measured: Json, expected: Json, **more: Json) -> JsonObject:
    facts = {"unit": "", "detail": "", "loosened_from": None, **more}
    name = claim.lower().replace(" ", "_")
    return {
        "id": name, "claim": claim, "measured": measured, "expected": expected,
        "verdict": verdict, **facts,
    }  # fmt: skip


ROWS: Sequence[JsonObject] = (
    row(1, "Kick-off, risk review and readiness snapshot", "Programme Manager", "08:00-08:30", [
        item("kick-off/1", "Every role is present", "confirm", "Programme Manager"),
        item("readiness/1", "readiness"),
    ]),
    row(2, "Blue/green deployment rehearsal in staging", "DevOps Lead", "08:30-09:45", [
        item("cutover/1", "terraform-plan"),
        item("cutover/2", "blue-green"),
    ]),
    row(3, "Contingency review", "All", "11:00-12:00", [
        item("contingency/1", "Minutes are filed", "upload", "All"),
    ]),
)  # fmt: skip


def morning() -> Sequence[JsonObject]:
    """The first row passed; the second is in the middle of a cutover with one failed check."""
    return (
        started(),
        event(1, "stage", urls={"production": "https://127.0.0.1:4443"}),
        event(1, "row", row="row-1", state="started"),
        event(1, "item", item="kick-off/1", state="finished", outcome="open", note=""),
        event(1, "item", item="readiness/1", state="started", attempt=1),
        event(1, "step", item="readiness/1", step="toggle", state="started"),
        event(2, "check", item="readiness/1", step="toggle", check=check(
            "pass", "The file follows", 0.0127, {"at_most": 5.0}, unit="s")),
        event(3, "artefact", item="readiness/1", artefact={
            "path": "go-live/readiness-snapshot.json", "fidelity": "local"}),
        event(3, "step", item="readiness/1", step="toggle", state="finished", outcome="passed",
              error=""),
        event(4, "item", item="readiness/1", state="finished", outcome="passed", note=""),
        event(4, "row", row="row-1", state="finished", outcome="open"),
        event(4, "row", row="row-2", state="started"),
        event(4, "item", item="cutover/1", state="started", attempt=1),
        event(4, "step", item="cutover/1", step="plan", state="started"),
        event(5, "check", item="cutover/1", step="plan", check=check(
            "fail", "Nothing drifted", 2, 0, detail="terraform_data.green, terraform_data.blue")),
        event(5, "step", item="cutover/1", step="plan", state="finished", outcome="failed",
              error=""),
        event(5, "item", item="cutover/1", state="finished", outcome="failed", note=""),
        event(5, "item", item="cutover/2", state="started", attempt=2),
        event(5, "step", item="cutover/2", step="shift", state="started"),
        event(6, "log", item="cutover/2", text="deployment d-ABC123 created"),
        event(6, "progress", item="cutover/2", text="shifting", figures={
            "blue": 30.0, "green": 70.0, "p95_ms": 12.4, "failed": 0}),
    )  # fmt: skip


def verdict(**facts: Json) -> JsonObject:
    return event(
        9,
        "verdict",
        **{
            "verdict": "not-ready",
            "practice": True,
            "headline": "NOT READY (practice: 2 human items open) · 1 of 3 machine items ready",
            "reasons": [
                {
                    "blocks": "not-ready",
                    "text": "terraform-plan: Nothing drifted: measured 2, expected 0",
                    "file": "playbook.md",
                    "line": 40,
                    "item": "cutover/1",
                    "check": "drift",
                    "owner": "DevOps Lead",
                    "change": "put it right and run it again",
                }
            ],
            "notes": [],
            "vault": "/somewhere/release_vault/x/releases/1",
            "seal": "ab" * 32,
            **facts,
        },
    )
