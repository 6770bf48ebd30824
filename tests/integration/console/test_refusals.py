"""Every refusal is a page of ours: it says what, and the way back, and never how the console is
made."""

from __future__ import annotations

import logging
import re
from html import unescape

import pytest

from console_world import PASSPHRASE, Form, World, said


def test_each_refusal_has_a_page_of_ours(day: World, caplog: pytest.LogCaptureFixture) -> None:
    run = day.start()
    nadia = day.person("nadia")
    found = {
        404: nadia.get("/nothing/here"),
        405: nadia.http.request("PUT", "/me", headers=nadia.origin),
        421: nadia.get("/me", headers={"host": "evil.example"}),
        403: nadia.http.post("/sessions", data={}, headers={"origin": "http://evil.example"}),
        413: nadia.http.post("/leave", content=b"x" * 70_000, headers=nadia.origin),
    }
    found_too = nadia.get(f"/runs/{run}/steps/a-word")
    assert found_too.status_code == 404
    # Whatever else breaks: who asked and who runs it find each other by a mark.
    day.console.means.store.close()
    with caplog.at_level(logging.ERROR, "golive.console"):
        found[500] = nadia.get("/me")
    for status, answer in found.items():
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert said(answer)
        assert "<h1>" in answer.text
        assert "Traceback" not in answer.text
        assert "sqlite" not in answer.text
    assert any(record.message[:8] in found[500].text for record in caplog.records)


def test_a_link_that_was_used_says_so_and_who_gives_another(day: World) -> None:
    day.person("nadia")
    stranger = day.browser()
    shown = [stranger.get(link) for link in (day.links["nadia"], "/invited/never-was-one")]
    for answer in shown:
        assert answer.status_code == 404
        assert "It was used, has expired, or another has taken its place." in said(answer)
        assert "programme manager" in answer.text
        assert 'href="/enter"' in answer.text
    assert len({one.text for one in shown}) == 1, "a guesser is told which links there were"


def test_times_are_the_playbook_s_where_there_is_a_run(day: World) -> None:
    nadia = day.person("nadia")
    assert re.search(r"since \d+ \w+, \d\d:\d\d UTC", nadia.get("/sessions").text)
    day.start()
    for path in ("/sessions", "/people"):
        assert re.search(r"since \d+ \w+, \d\d:\d\d (BST|GMT)", nadia.get(path).text)


def test_no_run_and_another_teams_run_look_alike(day: World) -> None:
    day.start()
    nadia = day.person("nadia")
    for path in ("", "/verdict", "/evidence", "/steps/1", "/abort", "/log", "/risks", "/audit"):
        answer = nadia.get(f"/runs/2.0-2024-05-30-aaaaaa{path}")
        assert (answer.status_code, said(answer)) == (
            404,
            "✘ Nothing that you may see is at this address.",
        )


def test_a_slip_in_the_passphrase_costs_nobody_their_words(day: World) -> None:
    day.start()
    people = {name: day.person(name) for name in ("nadia", "tom")}
    people["nadia"].act(day.waiting("kick-off/1"), "confirm")
    step = day.waiting("checks/1")
    words = 'Read line by line: </textarea> "4" changes & no drift'
    refused = people["tom"].act(step, "approve", comment=words, passphrase="not this one at all")
    assert refused.status_code == 403
    kept = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", refused.text, re.DOTALL)
    assert kept is not None
    assert unescape(kept[1]) == words
    assert "not this one at all" not in refused.text
    hidden = re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', refused.text)
    form = Form(f"{step}/act", {name: unescape(value) for name, value in hidden})
    answer = people["tom"].send(form, comment=unescape(kept[1]), passphrase=PASSPHRASE)
    assert said(answer) == "✔ You have approved it."
    assert words in unescape(people["nadia"].get(step).text)


def test_a_form_that_comes_after_its_session_leads_back_to_its_page(day: World) -> None:
    day.start()
    tom = day.person("tom")
    form = tom.form(step := day.waiting("kick-off/1"), "/say", "comment")
    tom.send(tom.form("/sessions", "/leave"))
    answer = tom.send(form, comment="too late")
    assert answer.url.path == "/enter"
    assert answer.url.params["to"] == step
