"""Each rule of the default policy says no when it should, and to the fact that makes it so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drillkit.records import Act, Check, CheckVerdict, ItemRecord, Outcome, StepRecord
from golive.evidence.artefact import Artefact
from golive.gates import facts as fact
from golive.gates.facts import read_facts
from golive.gates.gather import Facts, gather
from golive.gates.policy import Policy, default_policy, parse_policy
from golive.gates.verdict import Judgement, Verdict, decide, judge
from golive.gates.vsa import statement
from golive.kernel.errors import BadInput
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.playbook.model import Playbook
from golive.playbook.parse import parse

NOW, LATER = "2024-05-30T08:00:00.000Z", "2024-05-30T08:10:00.000Z"
SOURCE = """# A launch

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00 | [Cutover](#cutover) | DevOps Lead | Case `DRY-042`, `ci/`, `make it` |

## Cutover
```yaml golive
drill: {drill}
approve: {{by: [QA Lead, DevOps Lead], persons: 2, within: 5m}}
```

## Sign-off
- **Sponsor**: decides.
"""


def playbook(drill: str = "blue-green") -> Playbook:
    found = parse(SOURCE.format(drill=drill).encode(), "launch.md").playbook
    assert found is not None
    return found


def record(*checks: str, **more: Any) -> ItemRecord:
    kept = Artefact("DRY-042.txt", "0" * 64, 1, "text/plain", "x:y", NOW, Fidelity.LOCAL, "c/1")
    made = [Check(one, one, 0, 0, CheckVerdict.PASS) for one in checks]
    step = StepRecord("go", Outcome.PASSED, NOW, NOW, None, made, (kept,))
    return replace(
        ItemRecord("cutover/1", Outcome.PASSED, NOW, NOW, steps=(step,)),
        **more,
    )


def judged(found: ItemRecord, drill: str = "blue-green", **more: Any) -> Judgement:
    facts = Facts(True, {found.item: found}, found.evidence, **more)
    return judge(playbook(drill), facts)


def failing(judgement: Judgement) -> set[str]:
    return {one.rule.id for one in judgement.rules if one.asked and not one.holds}


GOOD = "rollback_seconds", "failed_requests"


def test_all_hold() -> None:
    found = judged(record(*GOOD))
    assert found.verdict is Verdict.READY, found.reasons
    assert failing(found) == set()


@pytest.mark.parametrize(
    ("drill", "checks", "rule"),
    [
        ("blue-green", ["failed_requests"], "rollback-proven"),
        ("terraform-plan", ["changes"], "drift-zero"),
    ],
)
def test_what_a_drill_must_show(drill: str, checks: list[str], rule: str) -> None:
    found = judged(record(*checks), drill)
    assert failing(found) == {rule}
    assert [reason.rule for reason in found.reasons] == [rule]
    assert found.reasons[0].place.line == 9
    assert failing(judged(record("drift", "rollback_seconds"), drill)) == set()


def approvals(*acts: tuple[str, str]) -> ItemRecord:
    given = tuple(Act("approve", person, "QA Lead", "seen", at) for person, at in acts)
    return record(*GOOD, acts=given)


@pytest.mark.parametrize(
    ("acts", "holds"),
    [
        ([("tom", NOW), ("asha", NOW)], True),
        ([("tom", NOW), ("tom", NOW)], False),
        ([("tom", NOW)], False),
        ([("tom", NOW), ("asha", LATER)], False),
    ],
)
def test_approvals_by_persons_in_time(acts: list[tuple[str, str]], holds: bool) -> None:
    found = approvals(*acts)
    facts = Facts(False, {found.item: found}, found.evidence)
    judgement = judge(playbook(), facts)
    assert ("approvals-in-time" not in failing(judgement)) is holds
    (barrier,) = gather(playbook(), facts).approvals
    assert [(one.person, one.at) for one in barrier.acts] == acts


def test_a_reference_must_turn_up_as_a_word_of_its_own() -> None:
    found = record(*GOOD)
    (kept,) = found.evidence
    for name, borne in (("DRY-042.txt", True), ("DRY-0421.txt", False), ("a/xDRY-042", False)):
        facts = Facts(True, {found.item: found}, [replace(kept, path=name)])
        assert ("references-borne" not in failing(judge(playbook(), facts))) is borne, name
    names = [one.name for one in gather(playbook(), facts).references]
    assert names == ["DRY-042"]


def risk(state: str = "not exercised", by: str = "", until: str = "") -> fact.Risk:
    return fact.Risk(
        seq=0, line=3, id="risk-1", risk="it breaks", likelihood="", impact="High", state=state,
        residual="", accepted_by=by, accepted_until=until,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        (risk("exercised"), True),
        (risk(), False),
        (risk("partly exercised"), False),
        (risk(by="ruth", until="2024-06-30T00:00:00Z"), True),
        (risk(by="ruth", until="2024-05-30T08:00:00Z"), False),
        (risk(by="ruth", until="soon"), False),
    ],
)
def test_risks(given: fact.Risk, holds: bool) -> None:
    found = approvals(("tom", NOW), ("asha", NOW))
    facts = Facts(False, {found.item: found}, found.evidence, risks=[given], evaluated_at=NOW)
    judgement = judge(playbook(), facts)
    assert ("risks-answered" not in failing(judgement)) is holds
    if not holds:
        assert any("risk-1" in one.change for one in judgement.reasons)


def waiver(what: str, until: str = LATER, **more: str) -> fact.Waiver:
    said = {"person": "ruth", "role": "Sponsor", "reason": "we bear it", **more}
    return fact.Waiver(seq=0, line=1, what=what, until=until, **said)


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (waiver("rollback-proven"), Verdict.READY),
        (waiver("cutover/1"), Verdict.READY),
        (waiver("rollback-proven:cutover/1"), Verdict.READY),
        (waiver("drift-zero"), Verdict.INCOMPLETE),
        (waiver("rollback-proven", until=NOW), Verdict.INCOMPLETE),
        (waiver("rollback-proven", reason=""), Verdict.INCOMPLETE),
        (waiver("rollback-proven", person=""), Verdict.INCOMPLETE),
        (waiver(""), Verdict.INCOMPLETE),
    ],
)
def test_waivers_are_named_and_run_out(given: fact.Waiver, verdict: Verdict) -> None:
    judgement = judged(record("failed_requests"), waivers=[given], evaluated_at=NOW)
    assert judgement.verdict is verdict, judgement.reasons
    if verdict is Verdict.READY:
        assert [one.rule for one in judgement.waived] == ["rollback-proven"]
        assert "ruth" in judgement.waived[0].waived_by
        assert "1 waived" in judgement.headline


def own(expression: str, **param: Json) -> Policy:
    params = "\n".join(f'{name} = "{value}"' for name, value in param.items())
    return parse_policy(
        f"golive-policy = 1\nname = 'own'\n[param]\n{params}\n[[rule]]\nid = 'mine'\nwords = 'w'\n"
        f"severity = 'not-ready'\nexpression = '''{expression}'''\nchange = 'do {{item}}'\n"
        "because = '{claim} {check} {nothing}'".encode(),
        "own.toml",
    )


def by(policy: Policy, *checks: str) -> Judgement:
    found = record(*checks)
    return decide(gather(playbook(), Facts(True, {found.item: found}, found.evidence)), policy)


@pytest.mark.parametrize("floor", ["simulated", "local", "live", "unheard-of"])
def test_the_fidelity_floor_is_a_parameter(floor: str) -> None:
    shipped = default_policy()
    source = shipped.source.replace(b'floor = "simulated"', f'floor = "{floor}"'.encode())
    found = failing(by(parse_policy(source, "x"), *GOOD))
    assert ("fidelity-floor" in found) is (floor in ("live", "unheard-of"))


def test_only_true_passes_and_an_error_says_so() -> None:
    judgement = by(own('ranks["nowhere"] > 0'), *GOOD)
    assert judgement.verdict is Verdict.NOT_READY
    assert "could not be evaluated" in judgement.reasons[0].text
    assert judgement.rules[0].error
    compared = by(own("size(checks) > 0 && checks.all(c, c.number < 1.0)"), *GOOD)
    assert compared.verdict is Verdict.READY
    for expression in ("practice ? 1 == 1 : false", "!practice || true"):
        assert by(own(expression), *GOOD).verdict is Verdict.READY


def test_the_offending_facts_are_those_the_engine_objects_to() -> None:
    expression = 'size(checks) > 0 && checks.all(c, c.check != "b" && c.check != "c")'
    judgement = by(own(expression), *"abcd")
    assert [one.check for one in judgement.reasons] == ["b", "c"]
    assert judgement.reasons[0].text == "b b {nothing}"
    assert judgement.reasons[0].change == "do cutover/1"
    negated = by(own('size(checks) > 0 && !checks.exists(c, c.check == "b")'), *"abcd")
    assert [one.check for one in negated.reasons] == ["b"]
    empty = by(own("size(tasks) > 0 && tasks.all(t, t.outcome == 'passed')"), *"a")
    assert len(empty.reasons) == 1
    assert empty.reasons[0].place.line == 1


def test_facts_come_back_as_they_were_sealed_and_nothing_else_does() -> None:
    found = record(*GOOD)
    facts = gather(playbook(), Facts(True, {found.item: found}, found.evidence))
    data = facts.to_bytes()
    assert read_facts(data) == facts
    for wrong in (b" " + data, data.replace(b'"practice":true', b'"practice":"yes"'),
                  data.replace(b'"practice":true,', b""), b"{}", b"[", b'{"a":1}'):  # fmt: skip
        with pytest.raises(BadInput):
            read_facts(wrong)


@given(st.permutations(GOOD), st.text(max_size=30))
def test_the_same_facts_give_the_same_judgement(names: list[str], said: str) -> None:
    found = record(*names)
    found = replace(found, note=said)
    facts = gather(playbook(), Facts(True, {found.item: found}, found.evidence))
    first = decide(facts, default_policy()).to_json()
    assert decide(read_facts(facts.to_bytes()), default_policy()).to_json() == first


def test_the_attestation_never_says_passed_of_anything_but_ready() -> None:
    good = statement(judged(record(*GOOD)), "run", "1")
    bad = statement(judged(record("x")), "run", "1")
    assert b'"verificationResult":"PASSED"' in good
    assert b"GOLIVE_PRACTICE_READY" in good
    assert b'"verificationResult":"FAILED"' in bad
