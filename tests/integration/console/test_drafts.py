"""Words typed into a form whose session ended meanwhile come back to who wrote them."""

from __future__ import annotations

import re
from html import unescape

import httpx

from console_world import PASSPHRASE, Browser, Form, World, said

_WORDS = 'All nine are here: </textarea> "late" & cold\nand hungry 🥖'


def _forms(answer: httpx.Response, action: str) -> Form:
    """The form of an answer that is sent to `action`, with its hidden fields."""
    part = answer.text.split(f'action="{action}"')[1].split("</form>")[0]
    hidden = re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', part)
    return Form(action, {name: unescape(value) for name, value in hidden})


def _ended(day: World) -> None:
    """Every session has run out by itself."""
    with day.console.means.store.writing() as db:
        db.execute("UPDATE session SET expires = 1")


def _too_late(day: World, browser: Browser) -> tuple[str, httpx.Response]:
    step = day.waiting("kick-off/1")
    form = browser.form(step, "/act", "confirm")
    _ended(day)
    answer = browser.send(form, comment=_WORDS)
    assert answer.status_code == 403
    assert "what you wrote is given back" in said(answer)
    return step, answer


def test_signed_in_again_their_words_are_there_and_nothing_was_sent(day: World) -> None:
    day.start()
    nadia = day.person("nadia")
    step, door = _too_late(day, nadia)
    # A slip in the passphrase loses them no more.
    door = nadia.send(_forms(door, "/enter"), person="nadia", passphrase="not this one at all")
    back = nadia.send(_forms(door, "/enter"), person="nadia", passphrase=PASSPHRASE)
    assert "so what you wrote was not sent" in said(back)
    assert "It says: confirm." in back.text
    assert not day.board().items["kick-off/1"].acts
    kept = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", back.text, re.DOTALL)
    assert kept is not None
    assert unescape(kept[1]) == _WORDS
    answer = nadia.send(_forms(back, f"{step}/act"), comment=unescape(kept[1]))
    assert said(answer) == "✔ You have confirmed it."
    assert day.board().items["kick-off/1"].acts[0]["comment"] == _WORDS


def test_nobody_else_is_given_them(day: World) -> None:
    day.start()
    nadia = day.person("nadia")
    tom = day.person("tom")
    _, door = _too_late(day, nadia)
    back = nadia.send(_forms(door, "/enter"), person="tom", passphrase=PASSPHRASE)
    assert back.url.path != "/enter"
    assert "hungry" not in back.text
    # Nor does a sign-in form take words that this console didn't put there.
    form = tom.form("/enter", "/enter")
    forged = _forms(door, "/enter").fields["draft"]
    back = tom.send(form, person="nadia", passphrase=PASSPHRASE, draft=forged)
    assert "hungry" not in back.text


def test_a_session_that_was_ended_by_hand_is_not_remembered(day: World) -> None:
    day.start()
    nadia = day.person("nadia")
    form = nadia.form(day.waiting("kick-off/1"), "/act", "confirm")
    nadia.send(nadia.form("/sessions", "/leave"))
    answer = nadia.send(form, comment=_WORDS)
    assert answer.url.path == "/enter"
    assert "hungry" not in answer.text


def test_a_session_that_has_ended_can_sign_nothing_any_more(day: World) -> None:
    day.person("nadia")
    _ended(day)
    day.person("tom")
    rows = day.console.means.store.all("SELECT person, key FROM session ORDER BY person")
    assert [(row["person"], row["key"] is None) for row in rows] == [
        ("nadia", True),
        ("tom", False),
    ]
