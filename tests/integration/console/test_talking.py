"""Comments, delegating to a named deputy, nudging: who may, and what the journal keeps."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console_world import PASSPHRASE, Browser, World, said, world
from decided_day import PLAYBOOK, prepare


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        prepare(made)
        yield made


def _say(browser: Browser, page: str, action: str, **values: str) -> str:
    form = browser.form(page, "/say", action)
    return said(browser.send(form, **{"comment": "a word", **values}))


def test_comment_nudge_and_delegate(launch: World) -> None:
    launch.start(PLAYBOOK.replace("by: Legal Counsel", "by: DevOps Lead"))
    nadia, tom, ines = (launch.person(name) for name in ("nadia", "tom", "ines"))
    page = launch.waiting("kick-off/1")
    assert "Your comment is kept." in _say(tom, page, "comment", comment="<b>the link</b> is slow")
    assert "&lt;b&gt;the link&lt;/b&gt; is slow" in nadia.get(page).text
    assert "no deputy for this role" in nadia.get(page).text
    assert "the programme manager may" in tom.get(page).text
    assert "Nudged: Nadia Example." in said(nadia.send(nadia.form(page, "/nudge")))
    assert "less than five minutes ago" in nadia.get(page).text
    assert "you are nudged" in nadia.get("/me").text.lower()
    nadia.act(page, "confirm")
    _approve(launch, nadia, tom)
    asha = launch.person("asha")
    brought = asha.bring(launch.waiting("checks/2"), "minutes.txt", b"All are here.\n").url.path
    asha.send(asha.form(brought, "/confirm"))
    page = launch.waiting("notices/1")
    assert "who holds the role may, and the programme manager" in asha.get(page).text
    form = nadia.form(page, "/say", "delegate")
    assert "no named deputy" in said(nadia.send(form, comment="away", to="asha"))
    form = nadia.form(page, "/say", "delegate")
    handed = said(nadia.send(form, comment="Tom is away", to="ines"))
    assert "It is handed to Ines Example." in handed
    assert "Nadia Example handed it to you as deputy: “Tom is away”" in ines.get("/me").text
    assert "handed it to you" not in tom.get("/me").text
    assert "handed it to <b>Ines Example</b>" in ines.get(page).text
    assert "You have confirmed it." in said(ines.act(page, "confirm"))
    assert "(DevOps Lead, as deputy for Tom Example): confirm" in ines.get(page).text
    notes = [json.loads(one) for one in launch.folder.events.read_text().splitlines()]
    kept = [one for one in notes if one["event"] == "note"]
    assert [(one["action"], one["person"], one["to"]) for one in kept] == [
        ("comment", "tom", ""),
        ("nudge", "nadia", ""),
        ("delegate", "nadia", "ines"),
    ]
    signed = json.loads(base64.b64decode(kept[2]["signature"]["payload"]))
    assert (signed["to"], signed["custody"]) == ("ines", "kept by the server")


def _approve(launch: World, *people: Browser) -> None:
    page = launch.waiting("checks/1")
    for one in people:
        one.act(page, "approve", passphrase=PASSPHRASE)
