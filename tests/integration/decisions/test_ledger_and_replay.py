"""The ledger proved, exported and tampered with; the verdict replayed, or not the one sealed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from decision_world import NOW, RUN, World
from golive.drillkit.records import Act, CheckVerdict, ItemRecord, Outcome
from golive.evidence import dsse
from golive.evidence.durable import VaultError
from golive.evidence.keys import SigningKey
from golive.evidence.strict import load_canonical
from golive.gates.policy import load_policy, parse_policy
from golive.gates.verdict import Verdict
from golive.kernel.errors import BadInput, GoliveError
from golive.main import app
from golive.rehearsal.decide import replay
from golive.rehearsal.docket import NotAsSealed
from golive.rehearsal.ledger import check, check_proof, prove, to_csv, to_jsonl

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def signed(world: World) -> World:
    world.seal()
    world.everybody()
    return world


def golive(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def tamper(file: Path, old: bytes, new: bytes) -> None:
    file.chmod(0o644)
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new))


def test_every_entry_is_proved_and_no_other(signed: World) -> None:
    key = signed.seal_key.public
    entries = check(signed.root, [key]).entries
    assert len(entries) == 5
    for seq in range(5):
        proof = json.dumps(prove(signed.root, seq)).encode()
        assert check_proof(proof, key).line == entries[seq].line
        with pytest.raises(BadInput, match="no valid signature"):
            check_proof(proof, SigningKey.generate().public)
    with pytest.raises(BadInput, match="there is no 5"):
        prove(signed.root, 5)


@pytest.mark.parametrize(
    "spoil",
    [
        {"seq": 1},
        {"path": []},
        {"path": ["00" * 32]},
        {"path": ["zz"]},
        {"entry": "e30="},
        {"type": "other"},
        {"log_key": "none"},
        {"checkpoint": {}},
        {"seq": "2"},
    ],
)
def test_a_proof_that_was_touched_proves_nothing(signed: World, spoil: dict[str, object]) -> None:
    proof = {**prove(signed.root, 2), **spoil}
    with pytest.raises(BadInput, match="doesn't hold"):
        check_proof(json.dumps(proof).encode())
    with pytest.raises(BadInput, match="doesn't hold"):
        check_proof(b"[")


def test_exports_tell_every_entry_and_run_nothing(signed: World) -> None:
    signed.say("tom", "go-with-conditions", "=cmd()", "and\nthat")
    entries = check(signed.root).entries
    rows = [json.loads(line) for line in to_jsonl(entries).splitlines()]
    assert [row["kind"] for row in rows] == ["sealed", *["decision"] * 5]
    assert rows[5]["conditions"] == "=cmd(); and\nthat"
    table = list(csv.DictReader(io.StringIO(to_csv(entries))))
    assert table[5]["conditions"] == "'=cmd(); and that"
    assert [row["person"] for row in table] == ["", "tom", "greta", "ines", "ruth", "tom"]


def test_the_commands(signed: World, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(signed.seal_key.public.pem)
    (tmp_path / "other.pem").write_text(SigningKey.generate().public.pem)
    found = golive("ledger", "verify", signed.root, "--key", tmp_path / "key.pem")
    assert (found.exit_code, found.output.splitlines()[0]) == (0, "intact: 5 entries")
    told = golive("ledger", "verify", signed.root, "--json")
    assert json.loads(told.output)["problems"] == []
    assert golive("ledger", "verify", signed.root, "--key", tmp_path / "other.pem").exit_code == 1
    proof = golive("ledger", "prove", signed.root, 3)
    (tmp_path / "proof.json").write_text(proof.output)
    checked = golive("ledger", "check", tmp_path / "proof.json", "--key", tmp_path / "key.pem")
    assert "proven: entry 3" in checked.output
    assert '"ines"' in checked.output
    assert len(golive("ledger", "export", signed.root).output.splitlines()) == 5
    assert isinstance(
        golive("ledger", "export", signed.root, "--format", "xls").exception, BadInput
    )
    assert "risk-1  It breaks" in golive("risks", signed.root).output
    register = json.loads(golive("risks", signed.root, "--format", "json").output)
    assert [one["state"] for one in register["risks"]] == ["exercised", "not exercised"]
    assert "accepted by" in golive("risks", signed.root, "--format", "csv").output


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("ledger/ledger.jsonl", b'"seq":2', b'"seq":3'),
        ("ledger/checkpoint", b"payload", b"paylaod"),
        ("trust/roles.json", b"payload", b"paylaod"),
    ],
)
def test_a_ledger_that_was_touched(signed: World, file: str, old: bytes, new: bytes) -> None:
    tamper(signed.root / file, old, new)
    with pytest.raises(VaultError):
        check(signed.root)
    assert golive("ledger", "verify", signed.root).exit_code == 1
    with pytest.raises(GoliveError):
        signed.standing()


def test_replayed_to_the_same_bytes_and_explained(world: World) -> None:
    release = world.seal(CheckVerdict.FAIL)
    found = replay(world.root)
    assert found.same
    assert found.content == (release / "data/golive/verdict.json").read_bytes()
    assert replay(release).content == found.content
    told = golive("decide", world.root)
    assert told.exit_code == 1
    assert "✘ No check failed  [checks-passed]" in told.output
    line = "launch.md:17 · DevOps Lead: synthetic: it is quick: measured 12.5 ms, expected at most"
    assert line in told.output
    assert "to change it: put it right" in told.output
    assert "not asked: in practice no person takes part" in told.output


def test_another_policy_says_something_else_of_the_same_facts(world: World) -> None:
    world.seal()
    live = replay(world.root, load_policy(ROOT / "policies" / "live-launch.toml"))
    assert live.judgement.verdict is Verdict.INCOMPLETE
    assert {one.rule for one in live.judgement.reasons} == {"fidelity-floor"}
    told = golive("decide", world.root, "--policy", ROOT / "policies" / "live-launch.toml")
    assert told.exit_code == 3
    assert "by another policy than the one that was sealed" in told.output


def test_a_run_is_judged_by_the_policy_it_began_with(world: World) -> None:
    folder = world.folder / "state" / RUN
    policy = (ROOT / "policies" / "live-launch.toml").read_bytes()
    world.policy = policy
    release = world.seal()
    verdict = json.loads((release / "data/golive/verdict.json").read_text())
    assert verdict["verdict"] == "incomplete"
    assert verdict["basis"]["policy_digest"] == parse_policy(policy, "x").digest
    assert (folder / "policy").read_bytes() == policy
    assert replay(release).same


@pytest.mark.parametrize("name", ["gate/facts.json", "gate/policy", "verdict.json", "roster.json"])
def test_nothing_is_replayed_from_what_was_not_sealed(world: World, name: str) -> None:
    release = world.seal()
    file = release / "data" / "golive" / name
    file.chmod(0o644)
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(NotAsSealed):
        replay(world.root)


def test_facts_and_their_list_changed_together_are_found(world: World) -> None:
    release = world.seal()
    facts, listed = release / "data/golive/gate/facts.json", release / "metadata/artifacts.json"
    before = hashlib.sha256(facts.read_bytes()).hexdigest().encode()
    tamper(facts, b'"practice":true', b'"practice":true ')
    tamper(listed, before, hashlib.sha256(facts.read_bytes()).hexdigest().encode())
    for act in (lambda: replay(release), world.standing, lambda: world.say("tom")):
        with pytest.raises(GoliveError, match=r"not the one that was signed|not what was sealed"):
            act()


def test_what_was_redacted_is_nowhere_in_the_judgement(world: World) -> None:
    act = Act("refuse", "asha", "QA Lead", "ask someone@elsewhere.example.org", NOW)
    refused = ItemRecord("dashboards/1", Outcome.REFUSED, NOW, NOW, acts=(act,))
    release = world.seal(practice=False, items=[refused])
    found = replay(release)
    assert found.same
    (reason,) = [one for one in found.judgement.reasons if one.rule == "people-agreed"]
    assert reason.text.startswith("refused: Seen by somebody (ask ")
    for file in (release / "data" / "golive").rglob("*"):
        assert not file.is_file() or b"elsewhere" not in file.read_bytes(), file


def test_the_verdict_is_attested_for_other_tools(world: World) -> None:
    release = world.seal()
    data = (release / "data/golive/gate/verdict.vsa.json").read_bytes()
    payload = dsse.verify(load_canonical(data.strip()), [world.seal_key.public])
    statement = json.loads(payload)
    assert statement["predicateType"] == "https://slsa.dev/verification_summary/v1"
    predicate = statement["predicate"]
    assert predicate["verificationResult"] == "PASSED"
    assert predicate["verifiedLevels"] == ["GOLIVE_PRACTICE_READY"]
    digests = [one["digest"]["sha256"] for one in statement["subject"]]
    assert digests == [replay(release).judgement.basis["facts"]]


def test_a_vault_in_which_nothing_can_be_decided(tmp_path: Path) -> None:
    words: Sequence[str] = ("decide", "risks")
    for word in words:
        assert isinstance(golive(word, tmp_path).exception, GoliveError)


def test_the_entry_of_a_proof_has_one_spelling(signed: World) -> None:
    for seq in range(5):
        proof = prove(signed.root, seq)
        entry = str(proof["entry"])
        if not entry.endswith("="):
            continue
        place = entry.index("=") - 1
        other = _BASE64[_BASE64.index(entry[place]) ^ 1]
        spoilt = {**proof, "entry": entry[:place] + other + entry[place + 1 :]}
        with pytest.raises(BadInput, match="one base64 spelling"):
            check_proof(json.dumps(spoilt).encode())
        return
    pytest.fail("no entry's base64 is padded")


_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
