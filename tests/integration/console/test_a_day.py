"""A whole attended day through the console's forms, without a line of script."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape
from pathlib import Path

from console_world import PASSPHRASE, PIXEL, PLAYBOOK, World, said


def test_everybody_takes_part(day: World) -> None:
    run = day.start()
    nadia, tom, asha = day.person("nadia"), day.person("tom"), day.person("asha")

    home = nadia.get("/me")
    assert "Everybody is here" in home.text
    assert "Nothing waits for you" in tom.get("/me").text

    first = day.waiting("kick-off/1")
    assert "Your turn" in nadia.get(f"/runs/{run}").text
    assert "it asks for Programme Manager; you are DevOps Lead" in tom.get(first).text
    assert "You have confirmed it." in said(nadia.act(first, "confirm"))

    plan = day.waiting("checks/1")
    assert "2 persons are needed" in tom.get(plan).text
    assert "passphrase" in said(tom.act(plan, "approve"))
    assert "belong together" in said(tom.act(plan, "approve", passphrase="not it, not at all"))
    assert "approved" in said(tom.act(plan, "approve", passphrase=PASSPHRASE))
    assert "you have said so already" in tom.get(plan).text
    assert "approved" in said(nadia.act(plan, "approve", passphrase=PASSPHRASE))

    minutes = day.waiting("checks/2")
    shown = asha.bring(minutes, "minutes.txt", b"All present. Write to a@elsewhere.example.org.\n")
    assert "All present" in shown.text
    assert "1 place will be taken out" in shown.text
    assert "kept as evidence" in said(asha.send(asha.form(shown.url.path, "/confirm")))

    picture = day.waiting("checks/3")
    brought = asha.bring(picture, "dash.png", PIXEL).url.path
    assert "second person" in asha.get(brought).text
    assert "dash.png" in tom.get("/me").text
    assert "on record" in said(tom.send(tom.form(brought, "/vouch"), action="clean"))
    assert "kept as evidence" in said(asha.send(asha.form(brought, "/confirm")))

    verdict = day.finish()
    assert verdict["verdict"] == "ready", verdict["reasons"]
    board = day.board()
    kept = board.items["checks/2"].artefacts["out/minutes.txt"]
    assert kept["fidelity"] == "manual"
    acts = [(one["action"], one["person"]) for one in board.items["checks/3"].acts]
    assert acts == [("vouch", "tom"), ("attach", "asha")]
    _labels_are_sealed(Path(str(verdict["vault"])))
    assert "READY" in nadia.get(f"/runs/{run}").text
    assert "Call abort" not in nadia.get(f"/runs/{run}").text


def _labels_are_sealed(release: Path) -> None:
    """Every act says, inside what is signed, who keeps the key and how the session was opened."""
    import base64

    facts = json.loads((release / "data/golive/facts.json").read_text())
    acts = [act for item in facts["items"].values() for act in item["acts"]]
    assert len(acts) == 6
    for act in acts:
        signed = json.loads(base64.b64decode(act["signature"]["payload"]))
        assert signed["custody"] == "kept by the server"
        assert signed["session"] == "passphrase"


def test_a_refusal_and_a_retry(day: World) -> None:
    day.start()
    nadia, tom = day.person("nadia"), day.person("tom")
    nadia.act(day.waiting("kick-off/1"), "confirm")
    plan = day.waiting("checks/1")
    assert "refused it" in said(tom.act(plan, "refuse", passphrase=PASSPHRASE))
    assert day.until(lambda board: board.items["checks/1"].state == "refused")


def test_a_retry_says_first_who_could_approve_then(day: World) -> None:
    failing = PLAYBOOK.replace("rounds: 1}", "rounds: 1}\nexpect: {p95_ms: {at_most: -1}}")
    day.start(failing.replace("[DevOps Lead, Programme Manager]", "[DevOps Lead, QA Lead]"))
    nadia, asha = day.person("nadia"), day.person("asha")
    nadia.act(day.waiting("kick-off/1"), "confirm")
    page = day.waiting("checks/1")
    told = unescape(asha.get(page).text)
    assert "You can't run it again" in told
    assert "only Tom Example may approve it, and it takes 2 persons" in told
    skip = asha.form(page, "/act", "skip")
    forged = asha.send(replace(skip, fields={**skip.fields, "action": "retry"}), comment="again")
    assert forged.status_code == 403
    assert day.board().items["checks/1"].attempt == 1


def test_a_signature_is_told_as_one(day: World) -> None:
    day.start(PLAYBOOK.replace("Everybody is here", "Everybody is here (sign: Programme Manager)"))
    nadia = day.person("nadia")
    assert "You have signed it." in said(nadia.act(day.waiting("kick-off/1"), "confirm"))


def test_two_tabs_at_once_and_one_wins(day: World) -> None:
    day.start()
    nadia = day.person("nadia")
    page = day.waiting("kick-off/1")
    one, two = nadia.form(page, "/act", "confirm"), nadia.form(page, "/act", "confirm")
    assert one.fields["once"] != two.fields["once"]
    assert "You have confirmed it." in said(nadia.send(one, comment="here"))
    late = nadia.send(two, comment="here too")
    assert late.status_code == 409
    assert "waits for nobody any more" in said(late)
    assert len(day.board().items["kick-off/1"].acts) == 1


def test_a_form_sent_twice_is_one_act(day: World) -> None:
    day.start()
    nadia = day.person("nadia")
    page = day.waiting("kick-off/1")
    form = nadia.form(page, "/act", "confirm")
    first, again = nadia.send(form, comment="here"), nadia.send(form, comment="here")
    assert first.url == again.url
    assert again.status_code == 200
    assert len(day.board().items["kick-off/1"].acts) == 1


def test_calling_it_off_says_first_what_will_be_undone(day: World) -> None:
    run = day.start()
    asha, tom = day.person("asha"), day.person("tom")
    assert "DevOps, programme manager or sponsor may" in asha.get(f"/runs/{run}").text
    page = f"/runs/{run}/abort"
    assert "Nothing is changed at the moment" in tom.get(page).text
    form = tom.form(page, "/call")
    assert "called the run off" in said(tom.send(form, comment="the fire bell rings"))
    verdict = day.finish()
    assert verdict["verdict"] == "incomplete"
    called = [one for one in day.board().log if "called off by tom" in one[1]]
    assert called
