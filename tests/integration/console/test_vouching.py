"""A picture that came by the command line: shown to everybody else, kept by the word of one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from console_world import PASSPHRASE, PIXEL, Browser, Form, World, said, world
from golive.console.forms import hidden
from golive.governance import keyring
from golive.governance.acts import fingerprint
from golive.kernel.ids import sha256_hex
from golive.main import app
from golive.playbook.people import with_key

DAY = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
vault: vault
---
# A launch

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:30–10:00 | [Checks](#checks) | QA Lead | |

## Checks
- [ ] The dashboard is seen (upload: the dashboard)
- [ ] It was right
"""
OTHER = PIXEL + b"another view"


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Asha signs on a machine of her own and looks on here; the others act here."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GOLIVE_PASSPHRASE", PASSPHRASE)
    with world(tmp_path) as made:
        made.invite("nadia", "tom")
        token, _ = made.console.means.identity.invite("asha", own_key=True)
        made.links["asha"] = f"/invited/{token}"
        key = keyring.enrol("asha", keyring.default_keyring(), PASSPHRASE)
        made.people = with_key(made.people, "asha", fingerprint(key.public))
        made.start(DAY)
        yield made
        shutil.rmtree(made.state / "other", ignore_errors=True)


def attach(day: World, content: bytes, name: str = "board.png") -> str:
    """As asha does it in a terminal; the file's page once it waits for a word."""
    file = day.supplies.folder / name
    file.write_bytes(content)
    argv = ["attach", day.folder.name, "checks/1", str(file), "--as", "asha", "--comment", "look"]
    done = CliRunner().invoke(app, [*argv, "--state", str(day.state)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    digest = sha256_hex(content)
    day.until(lambda board: digest in str(board.items["checks/1"].waiting.get("unvouched")))
    return f"{day.waiting('checks/1')}/unvouched/{digest}"


def forged(day: World, who: Browser, path: str, **values: str) -> httpx.Response:
    """A form that no page gave, with hidden fields that are right for `who` and `path`."""
    proof = hidden(who.http.cookies[day.settings.cookie], path)
    return who.send(Form(path, {"csrf": proof.csrf, "once": proof.once}), **values)


def acts(day: World) -> list[tuple[str, str]]:
    return [(one["action"], one["person"]) for one in day.board().items["checks/1"].acts]


def test_the_second_person_finds_it_looks_and_says_so(day: World) -> None:
    asha, tom, nadia = day.person("asha"), day.person("tom"), day.person("nadia")
    page = attach(day, PIXEL)
    for who in (tom, nadia):
        assert f'href="{page}"' in who.get("/me").text
        assert "board.png" in who.get(day.waiting("checks/1")).text
    digest = sha256_hex(PIXEL)
    assert f"/evidence/{digest}" not in tom.get(day.waiting("checks/1")).text
    shown = tom.get(page).text
    assert "Asha Example" in shown
    assert sha256_hex(PIXEL) in shown.replace(" ", "")
    handed = tom.get(f"{page}/bytes")
    assert (handed.content, handed.headers["content-type"]) == (PIXEL, "image/png")
    assert "sandbox" in handed.headers["content-security-policy"]

    one, two = tom.form(page, "/word"), tom.form(page, "/word")
    first = tom.send(one, action="clean", comment="only figures")
    assert "on record" in said(first)
    assert tom.send(one, action="clean", comment="only figures").url == first.url
    late = tom.send(two, action="clean")
    assert late.status_code == 409
    assert "nobody's word is needed" in said(late)
    asked = day.waiting("checks/2")
    assert acts(day) == [("attach", "asha"), ("vouch", "tom")]
    assert page not in nadia.get("/me").text
    assert nadia.get(page).status_code == 409

    assert "golive confirm" in asha.get(asked).text
    (kept,) = day.supplies.folder.rglob(f"*{sha256_hex(PIXEL)[2:]}")
    assert kept.is_relative_to(day.folder.settings().vault_root)


def test_who_brought_it_can_t_and_is_told_why(day: World) -> None:
    page = attach(day, PIXEL)
    asha = day.person("asha")
    assert page not in asha.get("/me").text
    shown = asha.get(page).text
    assert "you brought it, so somebody else must look at it" in shown
    assert (
        "you brought it, so somebody else must look at it" in asha.get(day.waiting("checks/1")).text
    )
    assert not [one for one in asha.forms(page) if one.action == f"{page}/word"]
    answer = forged(day, asha, f"{page}/word", action="clean", person="tom", role="DevOps Lead")
    assert answer.status_code == 403
    assert "you brought it" in said(answer)
    assert acts(day) == [("attach", "asha")]


def test_what_shows_somebody_is_not_kept(day: World) -> None:
    page = attach(day, b"%PDF-1.7 a list of names", "list.pdf")
    tom = day.person("tom")
    assert "can't be shown here safely" in tom.get(page).text
    handed = tom.get(f"{page}/bytes")
    assert handed.headers["content-type"] == "application/octet-stream"
    assert handed.headers["content-disposition"].startswith("attachment")
    assert "not kept" in said(tom.send(tom.form(page, "/word"), action="personal"))
    assert acts(day) == [("attach", "asha"), ("withdraw", "tom")]
    assert not list(day.folder.unvouched.rglob("list.pdf"))
    # Another one may be brought, and needs a word of its own.
    again = attach(day, PIXEL)
    assert "on record" in said(tom.send(tom.form(again, "/word"), action="clean"))


def test_what_somebody_would_try(day: World) -> None:
    run = day.folder
    shutil.copytree(run.path, day.state / "other")  # an older run, which never had the file
    os.utime(day.state / "other" / "run.json", (0, 0))
    page, second = attach(day, PIXEL), attach(day, OTHER, "other.png")
    tom, nadia, stranger = day.person("tom"), day.person("nadia"), day.browser()
    form = tom.form(page, "/word")
    sent = {"action": "clean"}

    assert stranger.http.get(page, follow_redirects=False).status_code == 303
    assert nadia.send(form, **sent).status_code == 403, "another person's form"
    elsewhere = page.replace(run.name, "other")
    form_there = Form(f"{elsewhere}/word", form.fields)
    assert tom.send(form_there, **sent).status_code == 403, "a form of another address"
    for path in (elsewhere, page[:-64] + "0" * 64, page[:-64] + "..%2f..%2frun.json",
                 page.replace("/steps/1/", "/steps/2/")):  # fmt: skip
        assert tom.get(path).status_code == 404, path
        assert tom.get(f"{path}/bytes").status_code == 404, path
        assert forged(day, tom, f"{path}/word", **sent).status_code in (403, 404), path
    assert tom.send(form, action="skip").status_code == 400
    assert acts(day) == [("attach", "asha")] * 2

    # What was laid in the place of the bytes is neither shown nor vouched for.
    (place,) = run.unvouched.rglob(f"{sha256_hex(PIXEL)[2:]}")
    place.chmod(0o600)
    place.write_bytes(OTHER)
    for answer in (tom.get(page), tom.get(f"{page}/bytes"), tom.send(form, **sent)):
        assert answer.status_code == 400
        assert "not the file that was brought" in said(answer)
    place.write_bytes(PIXEL)
    # The same form, sent again with another meaning, does nothing.
    other = tom.form(second, "/word")
    assert "not kept" in said(tom.send(other, action="personal"))
    assert tom.send(other, action="clean").status_code == 409
    assert acts(day)[2:] == [("withdraw", "tom")]
