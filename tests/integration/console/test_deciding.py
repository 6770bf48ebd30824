"""The verdict with its reasons, and the signatures over it, through forms alone."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console_world import PASSPHRASE, World, said, world
from decided_day import PLAYBOOK, prepare, sign, whole_day
from golive.console.post import Post
from golive.ports.clock import SystemClock
from golive.ports.notifier import Message
from golive.rehearsal.outbox import Outbox
from golive.rehearsal.supplement import Addition, supplement


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        prepare(made)
        yield made


def test_from_the_verdict_to_a_go_in_the_ledger(launch: World) -> None:
    people = whole_day(launch)
    run = launch.folder.name
    shown = people["ruth"].get(f"/runs/{run}/verdict").text
    assert re.search(r"✔ </span>ready</span> \(\d human items open\) · ", shown)
    assert "Nothing stands in the way" in shown
    assert "from stand-ins" in shown
    for name in ("tom", "greta", "ruth"):
        assert "Signed: go." in sign(launch, people[name])
    shown = people["nadia"].get(f"/runs/{run}/audit").text
    assert "confirmed by Greta Example, Legal Counsel, as deputy for Daniel Example" in shown
    shown = people["nadia"].get(f"/runs/{run}/sign").text
    assert "all 3 seats say go" in shown
    assert "You can't sign here: the sign-off list asks for" in shown
    root = Path(str(launch.board().verdict["vault"])).parents[2]
    lines = (root / "ledger" / "ledger.jsonl").read_text().splitlines()
    words = [json.loads(base64.b64decode(_envelope(one)["payload"])) for one in lines]
    signed = [one for one in words if one.get("kind") == "decision"]
    assert [one["say"] for one in signed] == ["go", "go", "go"]
    assert {one["custody"] for one in signed} == {"kept by the server"}


def _envelope(line: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(line)["env"]
    return found


def test_signing_asks_for_the_passphrase_and_for_reasons(launch: World) -> None:
    people = whole_day(launch)
    assert "passphrase" in sign(launch, people["tom"], passphrase="")
    assert "belong together" in sign(launch, people["tom"], passphrase="something else quite")
    assert "a comment is needed" in sign(launch, people["tom"], comment="")
    assert "conditions" in sign(launch, people["tom"], "go-with-conditions")
    assert "no decision" in sign(launch, people["tom"], "perhaps")
    assert "another seal" in sign(launch, people["tom"], seal="0" * 64)
    told = sign(launch, people["tom"], "go-with-conditions", conditions="the fix is in")
    assert "go with conditions" in told


def test_a_word_is_said_over_the_run_that_was_looked_at(launch: World) -> None:
    """Not over another that was sealed later into the same vault."""
    people = whole_day(launch)
    first = launch.folder.name
    launch.start(PLAYBOOK)
    second = launch.folder.name
    people["nadia"].send(
        people["nadia"].form(f"/runs/{second}/abort", "/call"), comment="once is enough"
    )
    launch.finish()
    assert first != second
    given = {"decision": "go", "comment": "I have looked", "passphrase": PASSPHRASE}
    form = people["tom"].form(f"/runs/{first}/sign", "/sign/say")
    assert "Signed: go." in said(people["tom"].send(form, **given))
    mark = "“I have looked”"
    assert mark in people["nadia"].get(f"/runs/{first}/sign").text
    assert mark not in people["nadia"].get(f"/runs/{second}/sign").text
    form = people["ruth"].form(f"/runs/{second}/verdict", "/waive")
    given = {"comment": "we bear it", "until": "2199-01-01", "passphrase": PASSPHRASE}
    assert "Signed: waiver" in said(people["ruth"].send(form, **given))
    assert "we bear it" in people["nadia"].get(f"/runs/{second}/verdict").text


def test_before_the_seal_nothing_is_signed(launch: World) -> None:
    launch.start()
    tom = launch.person("tom")
    run = launch.folder.name
    assert "not sealed yet" in tom.get(f"/runs/{run}/sign").text
    assert "computed from the evidence when the day is over" in tom.get(f"/runs/{run}/verdict").text


def test_a_no_go_is_explained_and_only_the_sponsor_waives(launch: World) -> None:
    launch.start(PLAYBOOK)
    people = {name: launch.person(name) for name in ("nadia", "ruth")}
    form = people["nadia"].form(f"/runs/{launch.folder.name}/abort", "/call")
    people["nadia"].send(form, comment="the fire bell rings")
    launch.finish()
    page = f"/runs/{launch.folder.name}/verdict"
    shown = people["nadia"].get(page).text
    assert "line 3" in shown
    assert "only the Executive Sponsor may waive" in shown
    assert "/verdict/waive" not in shown
    form = people["ruth"].form(page, "/waive")
    bad = people["ruth"].send(form, comment="", until="2199-01-01", passphrase=PASSPHRASE)
    assert "has a reason" in said(bad)
    given = {"comment": "we bear it", "until": "2199-01-01", "passphrase": PASSPHRASE}
    assert "Signed: waiver" in said(people["ruth"].send(form, **given))
    assert (
        "Ruth Example as Executive Sponsor, to the end of 1 January 2199: “we bear it”"
        in people["ruth"].get(page).text
    )
    forged = people["nadia"].http.post(
        form.action, data={**form.fields, **given}, headers=people["nadia"].origin
    )
    assert forged.status_code == 403


class _Later:
    """The same clock, some days on."""

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(days=3)


def test_a_waiver_that_ran_out_is_told_and_holds_no_more(launch: World) -> None:
    launch.start(PLAYBOOK)
    ruth = launch.person("ruth")
    ruth.send(ruth.form(f"/runs/{launch.folder.name}/abort", "/call"), comment="the bell rings")
    launch.finish()
    page = f"/runs/{launch.folder.name}/verdict"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    given = {"comment": "we bear it", "until": f"{tomorrow}", "passphrase": PASSPHRASE}
    ruth.send(ruth.form(page, "/waive"), **given)
    assert "to the end of" in ruth.get(page).text
    launch.supplies.clock = _Later()
    shown = ruth.get(page).text
    assert f"Ruth Example’s waiver ran out with {tomorrow:%-d %B %Y}" in shown
    assert "to the end of" not in shown


def test_nobody_signs_as_somebody_else(launch: World) -> None:
    people = whole_day(launch)
    page = f"/runs/{launch.folder.name}/sign"
    told = sign(launch, people["tom"], role="Executive Sponsor")
    assert "tom doesn't hold the role Executive Sponsor" in told
    form = people["tom"].form(page, "/sign/say")
    values = {"decision": "go", "comment": "I looked", "passphrase": PASSPHRASE}
    assert "Signed: go." in said(people["tom"].send(form, **values))
    people["tom"].send(form, **values)
    sent = launch.console.means.store.all("SELECT * FROM sent_form")
    held = [one for one in sent if one["location"]]
    assert held
    shown = people["ruth"].get(page).text
    assert shown.count("Tom Example") == 1, "the form was sent twice, the word was said once"
    assert people["asha"].send(form, **values).status_code == 403, "another session's form"


@pytest.mark.parametrize("signed_in", [False, True])
def test_every_page_is_closed_to_who_is_not_on_the_roster(
    launch: World, *, signed_in: bool
) -> None:
    launch.start()
    run = launch.folder.name
    visitor = launch.browser()
    if signed_in:
        token, _ = launch.console.means.identity.invite("mallory")
        assert visitor.accept(f"/invited/{token}").status_code == 200
    paths = ("verdict", "sign", "evidence", "risks", "audit", "audit/release.tar", "steps/1")
    digest = f"evidence/{'0' * 64}"
    for path in ("", *(f"/{one}" for one in (*paths, digest, f"{digest}/bytes"))):
        answer = visitor.get(f"/runs/{run}{path}")
        if signed_in:
            assert answer.status_code == 404, path
        else:
            assert answer.url.path == "/enter", path
        assert "A launch" not in answer.text
    if signed_in:
        assert "no rehearsal" in visitor.get("/people").text


def test_a_signature_goes_stale_when_its_evidence_changes(launch: World) -> None:
    people = whole_day(launch)
    for name in ("tom", "greta"):
        assert "Signed: go." in sign(launch, people[name])
    letters = Outbox(launch.settings.folder)
    post = Post(launch.console.means, letters, [Collects()])
    post.once()
    assert not [one for one in letters.letters() if "must be signed again" in one.text]
    _add_evidence(launch)
    shown = people["greta"].get(f"/runs/{launch.folder.name}/sign").text
    assert shown.count("gone stale") == 1, "only the seat whose evidence changed"
    assert "Legal Counsel must sign again" in shown
    for _ in range(2):
        post.once()
    told = [one for one in letters.letters() if "must be signed again" in one.text]
    assert [one.person for one in told] == ["greta"]
    letters.close()
    assert "Signed: go." in sign(launch, people["greta"])
    shown = people["greta"].get(f"/runs/{launch.folder.name}/sign").text
    assert "gone stale" not in shown


def _add_evidence(launch: World) -> None:
    """Greta brings a file after the seal; a second seal covers it."""
    root = Path(str(launch.board().verdict["vault"])).parents[2]
    key = launch.console.means.identity.enter("greta", PASSPHRASE, "here").key
    assert key is not None
    file = launch.supplies.folder / "notice.txt"
    file.write_text("The notice as it stands.\n")
    addition = Addition("greta", "notices/1", "as published", [(file, "text/plain")])
    keeper = launch.supplies.keeper(launch.folder)
    seal_key = launch.supplies.signing_key()
    supplement(root, addition, key, keeper, launch.supplies.clock, seal_key=seal_key)


class Collects:
    """A way that takes everything."""

    channel, personal = "smtp", True

    def send(self, message: Message) -> str:
        return f"taken for {message.address}"
