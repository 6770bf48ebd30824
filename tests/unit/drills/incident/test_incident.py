"""The incident drill in front of a good marketplace and help desk, and of spoilt ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import Fault, MemoryTarget
from golive.drillkit.records import Act, CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.incident import IncidentDrill
from golive.kernel.times import rfc3339
from golive.ports.clock import SystemClock
from golive.ports.helpdesk import Message
from golive.ports.incidents import PublicUpdate
from golive.ports.target import Target
from poor_world.spoilt import Poor, failed, lacking, unknown

OUTPUTS = {
    "escalation.json",
    "helpdesk-conversation.json",
    "public-draft.md",
    "incident-ledger.json",
    "incident-form.html",
}


def carry_out(target: Target, work: Path, **params: Any) -> DrillRun:
    return run_drill(IncidentDrill(), params, target, work)


def ledger(run: DrillRun) -> Any:
    (path,) = [one for one in run.files if one.endswith("incident-ledger.json")]
    return json.loads(run.files[path])


def test_practice_goes_through_and_measures_nobody(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget().build(), tmp_path)
    assert (failed(run), unknown(run)) == (set(), set()), run.record.steps
    assert run.record.outcome is Outcome.PASSED
    assert {path.rpartition("/")[2] for path in run.files} == OUTPUTS
    kept = ledger(run)
    assert kept["mtta"]["seconds"] == kept["mttr"]["seconds"] == "not measured"
    assert kept["mttr"]["r"] == "resolved"
    assert kept["period"]["counts"] == {
        "total": 1,
        "acknowledged": 0,
        "unacknowledged": 1,
        "censored": 0,
        "resolved": 1,
    }
    assert "mtta_seconds" not in {check.id for check in run.record.checks}
    form = run.files["section/1/incident-form.html"].decode()
    assert "not measured" in form
    assert "nobody: this was practice" in form
    assert '<th scope="row">Published of it</th><td>nothing</td>' in form
    draft = run.files["section/1/public-draft.md"].decode()
    for stage in ("investigating", "identified", "monitoring", "resolved"):
        assert f"## {stage} (" in draft


# -- with people ---------------------------------------------------------------------------------


People = Callable[[], Mapping[str, Sequence[Act]]]
ASKED = "the person on call was asked, and did not confirm it"


def confirmation(action: str = "confirm") -> People:
    """What is pressed once the incident is raised."""

    def pressed() -> Mapping[str, Sequence[Act]]:
        at = rfc3339(SystemClock().now())
        return {"section/2": [Act(action, "marta", "Support Lead", "mine", at)]}

    return pressed


def attended(target: Target, work: Path, people: People | None, **params: Any) -> DrillRun:
    """Both parts, as a playbook has them, with what people did in between."""
    both: list[DrillRun] = []
    for part, item in (("raise", "section/1"), ("close", "section/3")):
        both.append(
            run_drill(
                IncidentDrill(),
                {"part": part, "acknowledge_within": 0.3, **params},
                target,
                work,
                item=item,
                practice=False,
                people=people() if people and part == "close" else None,
            )
        )
    assert both[0].record.outcome is Outcome.PASSED, failed(both[0])
    return both[1]


def test_a_person_who_confirmed_has_acknowledged(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run = attended(memory.build(), tmp_path, confirmation())
    assert (failed(run), unknown(run)) == (set(), set())
    assert run.record.outcome is Outcome.PASSED
    kept = ledger(run)
    assert 0 <= kept["mtta"]["seconds"] < 5
    assert kept["mtta"]["seconds"] == run.check("mtta_seconds").measured
    assert kept["incident"]["acknowledgedBy"]["person"] == "marta"
    assert kept["period"]["counts"]["acknowledged"] == 1
    assert "marta, Support Lead" in run.files["section/3/incident-form.html"].decode()
    (case,) = memory.books.incidents.incidents.values()
    assert not any(one.automated for one in case.events or ())


@pytest.mark.parametrize("people", [None, dict, confirmation("skip"), confirmation("refuse")])
def test_nobody_acknowledged_and_nothing_is_invented(people: Any, tmp_path: Path) -> None:
    memory = MemoryTarget()
    run = attended(memory.build(), tmp_path, people)
    assert failed(run) == {"acknowledged-by-person"}
    told = run.check("acknowledged-by-person").detail
    assert told == ASKED if people and people() else "nobody did within" in told
    assert "mtta_seconds" in unknown(run)
    assert ledger(run)["mtta"] == {
        "seconds": "not measured",
        "why": "no person has acknowledged it",
        "of": "this drill, from its trigger to the acknowledgement by a person",
        "confirmedAfterSeconds": None,
    }
    (case,) = memory.books.incidents.incidents.values()
    assert case.acknowledged_at == ""


@pytest.mark.parametrize("people", [None, confirmation("skip")])
def test_whoever_acknowledges_at_the_help_desk_is_seen(people: Any, tmp_path: Path) -> None:
    memory = MemoryTarget()
    raised = run_drill(IncidentDrill(), {"part": "raise"}, memory.build(), tmp_path, practice=False)
    assert raised.record.outcome is Outcome.PASSED
    at = rfc3339(SystemClock().now())
    kept = memory.books.incidents.helpdesk.messages[1]
    kept.append(Message(7, "Jo Bloggs was assigned by Al Smith", False, "activity", at))
    kept.append(Message(8, "Can somebody look?", True, "outgoing", at))
    kept.append(Message(9, "**Ack**, I am on it. Jo", True, "outgoing", at))
    closed = run_drill(
        IncidentDrill(), {"part": "close"}, memory.build(), tmp_path,
        item="section/3", practice=False, people=people and people(),
    )  # fmt: skip
    assert (failed(closed), unknown(closed)) == (set(), set())
    (case,) = memory.books.incidents.incidents.values()
    assert [one.kind for one in case.events or ()].count("acknowledged") == 1
    assert ledger(closed)["incident"]["acknowledgedBy"] == {"helpDeskMessage": 9, "at": at}
    form = closed.files["section/3/incident-form.html"].decode()
    assert f"somebody at the help desk, by message 9 of {at}" in form


@pytest.mark.parametrize(
    "message",
    [
        Message(9, "Back in an hour", True),
        Message(9, "Acknowledged by the customer", False, "incoming"),
        Message(9, "Ack", False, "activity"),
        Message(9, "Acknowledgements are due", True),
    ],
)
def test_other_words_at_the_help_desk_are_no_acknowledgement(
    message: Message, tmp_path: Path
) -> None:
    memory = MemoryTarget()
    run_drill(IncidentDrill(), {"part": "raise"}, memory.build(), tmp_path, practice=False)
    memory.books.incidents.helpdesk.messages[1].append(message)
    run = run_drill(
        IncidentDrill(), {"part": "close", "acknowledge_within": 0.1}, memory.build(), tmp_path,
        item="section/3", practice=False,
    )  # fmt: skip
    assert failed(run) == {"acknowledged-by-person"}


def test_names_and_words_of_the_desks_people_stay_out_of_the_vault(tmp_path: Path) -> None:
    memory = MemoryTarget()
    carry_out(memory.build(), tmp_path, part="raise")
    kept = memory.books.incidents.helpdesk.messages[1]
    kept.append(Message(7, "Jo Bloggs was assigned by Al Smith", False, "activity"))
    kept.append(Message(8, "Jo here, ringing Al", True))
    again = carry_out(memory.build(), tmp_path, part="raise")
    told = again.files["section/1/helpdesk-conversation.json"].decode()
    assert "Jo" not in told
    assert "fixnado-escalation" in told


def test_whoever_acknowledges_in_the_marketplace_needs_no_second_record(tmp_path: Path) -> None:
    memory = MemoryTarget()
    market: Any = memory.build().production
    raised = run_drill(IncidentDrill(), {"part": "raise"}, memory.build(), tmp_path, practice=False)
    assert raised.record.outcome is Outcome.PASSED
    (case,) = memory.books.incidents.incidents.values()
    market.acknowledge_incident(
        market.login("support"), case.id, automated=False, note="on it", key="by hand"
    )
    before = memory.count("incident-acknowledged")
    run = run_drill(
        IncidentDrill(), {"part": "close"}, memory.build(), tmp_path,
        item="section/3", practice=False, people=confirmation()(),
    )  # fmt: skip
    assert (failed(run), unknown(run)) == (set(), set())
    assert memory.count("incident-acknowledged") == before


def test_too_slow_is_a_failed_check(tmp_path: Path) -> None:
    run = attended(MemoryTarget().build(), tmp_path, confirmation(), acknowledge_within=0.000001)
    assert failed(run) == {"mtta_seconds"}


def test_the_second_part_without_the_first(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget().build(), tmp_path, part="close")
    assert run.record.outcome is Outcome.FAILED
    assert "is the block with `part: raise` before?" in run.record.steps[0].error


# -- what goes wrong -----------------------------------------------------------------------------


def test_a_help_desk_that_was_away_is_told_once_it_is_back(tmp_path: Path) -> None:
    memory = MemoryTarget(faults=[Fault.CHATWOOT_DOWN])
    run = carry_out(memory.build(), tmp_path)
    assert (failed(run), unknown(run)) == (set(), set())
    detail = run.check("escalation-delivered").detail
    assert detail == "at attempt 4, after: the help desk answered 503"
    seen = json.loads(run.files["section/1/escalation.json"])["seen"]
    assert [one["attempts"] for one in seen] == [1, 2, 3, 4]
    assert memory.count("conversation-made") == 1


def test_a_help_desk_that_stays_away_is_named(tmp_path: Path) -> None:
    run = carry_out(
        MemoryTarget(faults=[Fault.CHATWOOT_GONE]).build(), tmp_path, deliver_within=0.3
    )
    assert failed(run) == {"escalation-delivered", "bridge-read", "bridge-tidied"}
    assert "the help desk answered 503" in run.check("escalation-delivered").detail
    assert {path.rpartition("/")[2] for path in run.files} == OUTPUTS - {
        "helpdesk-conversation.json"
    }


def test_two_conversations_are_found(tmp_path: Path) -> None:
    memory = MemoryTarget()
    raised = carry_out(memory.build(), tmp_path, part="raise")
    assert raised.record.outcome is Outcome.PASSED
    desk: Any = memory.build().helpdesk
    desk.add_conversation(1, "again", {})
    desk.add_note(1, raised.files["section/1/public-draft.md"].decode())
    again = carry_out(memory.build(), tmp_path, part="raise")
    assert failed(again) == {"threads", "notes"}
    assert again.check("threads").measured == 2
    closing = run_drill(
        IncidentDrill(), {"part": "close"}, memory.build(), tmp_path, item="section/3"
    )
    assert failed(closing) == {"threads-after"}


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        ({"labels": ("vip",)}, "bridge-labels"),
        ({"priority": "low"}, "bridge-priority"),
        ({"team": None}, "bridge-assigned"),
        ({"status": "snoozed"}, "bridge-open"),
    ],
)
def test_what_arrived_otherwise_is_found(spoil: dict[str, Any], check: str, tmp_path: Path) -> None:
    memory = MemoryTarget()
    books = memory.books.incidents.helpdesk

    def bend(call: str) -> None:
        if call == "helpdesk.messages" and books.conversations:
            books.conversations[1] = replace(books.conversations[1], **spoil)

    assert carry_out(memory.build(), tmp_path, part="raise").record.outcome is Outcome.PASSED
    memory.world.observers.append(bend)
    books.conversations[1] = replace(books.conversations[1], **spoil)
    run = carry_out(memory.build(), tmp_path, part="raise")
    assert check in failed(run)
    if check != "bridge-open":
        assert "bridge-agrees" in failed(run), "the marketplace claims otherwise"


def test_a_note_that_says_something_else_is_found(tmp_path: Path) -> None:
    memory = MemoryTarget()
    carry_out(memory.build(), tmp_path, part="raise")
    kept = memory.books.incidents.helpdesk.messages[1]
    kept[0] = replace(kept[0], content=kept[0].content.replace("SEV1", "SEV5"))
    again = carry_out(memory.build(), tmp_path, part="raise")
    assert failed(again) == {"bridge-words"}
    assert again.check("bridge-words").measured == ["severity"]


def test_a_marketplace_that_does_not_say_what_it_sent_proves_nothing_by_it(tmp_path: Path) -> None:
    class Silent(Poor):
        def escalations(self, session: Any, incident_id: str) -> Any:
            return [replace(one, outcome=None) for one in super().escalations(session, incident_id)]

    run = carry_out(Silent.of(MemoryTarget()), tmp_path, part="raise")
    assert unknown(run) == {"bridge-agrees"}


def test_words_to_a_customer_are_found(tmp_path: Path) -> None:
    memory = MemoryTarget()
    carry_out(memory.build(), tmp_path, part="raise")
    kept = memory.books.incidents.helpdesk.messages[1]
    kept.append(Message(9, kept[0].content, private=False))
    assert failed(carry_out(memory.build(), tmp_path, part="raise")) == {"bridge-private"}


def test_what_became_public_is_found(tmp_path: Path) -> None:
    memory = MemoryTarget()
    carry_out(memory.build(), tmp_path, part="raise")
    (case,) = memory.books.incidents.incidents.values()
    memory.books.incidents.published.append(PublicUpdate("u", case.id, "It is broken"))
    memory.books.incidents.published.append(PublicUpdate("v", "another", "Not ours"))
    run = run_drill(IncidentDrill(), {"part": "close"}, memory.build(), tmp_path)
    assert failed(run) == {"published"}
    assert run.check("published").detail == "It is broken"
    assert "<td>1 updates</td>" in run.files["section/1/incident-form.html"].decode()


@pytest.mark.parametrize(
    ("call", "check"),
    [
        ("find_incident", "incident-raised"),
        ("open_incident", "incident-raised"),
        ("incident", "incident-found"),
        ("escalate_incident", "escalated"),
        ("escalations", "escalated"),
        ("draft_update", "drafts-kept"),
        ("updates", "drafts-kept"),
        ("public_updates", "public-page-read"),
        ("acknowledge_incident", "acknowledgement-taken"),
        ("mitigate_incident", "incident-mitigated"),
        ("resolve_incident", "incident-resolved"),
        ("incident_ledger", "ledger-read"),
    ],
)
def test_what_a_back_end_lacks_is_a_failed_check_with_its_answer(
    call: str, check: str, tmp_path: Path
) -> None:
    run = carry_out(Poor.of(MemoryTarget(), **{call: lacking}), tmp_path, deliver_within=0.3)
    assert run.check(check).verdict is CheckVerdict.FAIL
    assert "no such page" in run.check(check).detail
    assert run.record.outcome is Outcome.FAILED


def test_a_marketplace_that_has_no_help_desk(tmp_path: Path) -> None:
    class Alone(Poor):
        def escalations(self, session: Any, incident_id: str) -> Any:
            kept = self._incidents.escalations.get(incident_id, [])
            return [replace(one, delivery="not-configured") for one in kept]

    run = carry_out(Alone.of(MemoryTarget()), tmp_path)
    assert "nothing was sent" in run.check("escalation-delivered").detail
    assert {"escalation-delivered", "contacts", "threads"} <= failed(run)


def test_a_target_without_a_help_desk_and_one_without_incidents(tmp_path: Path) -> None:
    target = MemoryTarget().build()
    run = carry_out(replace(target, helpdesk=None), tmp_path)
    assert "add [helpdesk]" in run.check("bridge-read").detail
    assert "bridge-read" in unknown(run)

    class Bare:
        url, fidelity = "https://bare.example", None

    market: Any = Bare()
    run = carry_out(replace(target, production=market), tmp_path)
    assert "knows no incidents" in run.record.steps[0].error


def test_figures_that_are_not_those_of_the_events(tmp_path: Path) -> None:
    class Proud(Poor):
        def incident_ledger(self, *rest: Any, **more: Any) -> Any:
            said = dict(super().incident_ledger(*rest, **more))
            spread = {"count": 1, "meanSeconds": 0.2, "medianSeconds": 0.2, "p90Seconds": 0.2}
            counts = {**said["counts"], "acknowledged": 1, "unacknowledged": 0}
            return {**said, "mtta": spread, "counts": counts}

    run = carry_out(Proud.of(MemoryTarget()), tmp_path)
    assert failed(run) == {"ledger_differences"}
    assert "counts.acknowledged: 1 for 0" in run.check("ledger_differences").detail
    assert ledger(run)["byTheMarketplace"]["mtta"]["meanSeconds"] == 0.2


def test_a_ledger_that_lists_less_than_it_counts_can_not_be_checked(tmp_path: Path) -> None:
    class Short(Poor):
        def incident_ledger(self, *rest: Any, **more: Any) -> Any:
            return {**super().incident_ledger(*rest, **more), "incidents": []}

    run = carry_out(Short.of(MemoryTarget()), tmp_path)
    assert unknown(run) == {"ledger_differences"}


def test_what_others_wrote_stays_text(tmp_path: Path) -> None:
    title = "<script>alert(1)</script> & \x1b[31mred"
    run = carry_out(MemoryTarget().build(), tmp_path, title=title)
    html = run.files["section/1/incident-form.html"].decode()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html


def test_again_in_another_rehearsal_it_is_another_incident(tmp_path: Path) -> None:
    memory = MemoryTarget()
    for name in ("run-1", "run-2"):
        run = run_drill(IncidentDrill(), {}, memory.build(), tmp_path, rehearsal=name)
        assert run.record.outcome is Outcome.PASSED
    assert memory.count("incident-opened") == memory.count("conversation-made") == 2


def test_a_repetition_raises_a_new_one(tmp_path: Path) -> None:
    memory = MemoryTarget()
    for _ in range(2):
        assert carry_out(memory.build(), tmp_path).record.outcome is Outcome.PASSED
    references = {one.reference for one in memory.books.incidents.incidents.values()}
    first = min(references)
    assert references == {first, f"{first}-2"}


def test_called_off_it_leaves_no_incident_open(tmp_path: Path) -> None:
    memory = MemoryTarget(faults=[Fault.CHATWOOT_GONE])
    stop = threading.Event()

    def pull(call: str) -> None:
        if call == "marketplace.escalations":
            stop.set()

    memory.world.observers.append(pull)
    run = run_drill(IncidentDrill(), {}, memory.build(), tmp_path, stop=stop, called_off=True)
    assert run.record.outcome is Outcome.ABORTED
    (case,) = memory.books.incidents.incidents.values()
    assert case.status == "resolved"
