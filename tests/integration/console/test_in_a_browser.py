"""With script: the board renews itself, its stream rests with the page, and passkeys sign in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from console_world import PASSPHRASE, World

pytestmark = pytest.mark.needs("chromium")
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    program = next(found for name in _PROGRAMS if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


def _accept(page: Page, day: World, name: str) -> None:
    page.goto(day.base + day.links[name])
    page.fill("#passphrase", PASSPHRASE)
    page.fill("#again", PASSPHRASE)
    page.click("main form button")
    page.wait_for_url("**/me")


def test_the_board_renews_itself(chromium: Chromium, day: World) -> None:
    run = day.start()
    nadia = day.person("nadia")
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    _accept(page, day, "tom")
    page.goto(f"{day.base}/runs/{run}")
    expect(page.locator("#link")).to_have_text("live")
    page.evaluate(
        """() => { window.shifted = 0; new PerformanceObserver((list) => {
            for (const one of list.getEntries()) window.shifted += one.value;
        }).observe({type: "layout-shift"}); }"""
    )
    page.locator("#row-2-link").focus()
    nadia.act(day.waiting("kick-off/1"), "confirm")
    expect(page.locator("#row-1 .badge")).to_have_text("✔ passed")
    expect(page.locator("#turn")).to_contain_text("Your turn")
    expect(page.locator("#spoken")).to_contain_text(re.compile("Kick-off: passed|your turn"))
    assert page.evaluate("document.activeElement.id") == "row-2-link", "the focus was lost"
    channel = day.console.means.hub.channel(day.console.means.days.get(run))
    assert channel.watchers == 1
    # The page is hidden: its stream rests, and comes back with what was missed.
    page.evaluate(_HIDE, True)
    _until(page, lambda: channel.watchers == 0)
    nadia.act(day.waiting("checks/1"), "approve", passphrase=PASSPHRASE)
    page.evaluate(_HIDE, False)
    expect(page.locator("#turn")).to_contain_text("(1 of 2)")
    assert page.evaluate("window.shifted") < 0.1, "a live update moved the page"
    assert not complaints
    page.close()


_HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def _until(page: Page, true: object) -> None:
    for _ in range(200):
        if true():  # type: ignore[operator]
            return
        page.wait_for_timeout(50)
    raise TimeoutError


def test_a_passkey_signs_in_and_the_passphrase_signs(chromium: Chromium, day: World) -> None:
    day.start()
    page = chromium.new_page()
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True}})  # fmt: skip
    _accept(page, day, "nadia")
    page.goto(f"{day.base}/sessions")
    page.fill("#label", "my phone")
    page.click("text=Make a passkey")
    expect(page.locator(".notice.done")).to_contain_text("The passkey is kept")
    page.click("text=Make a passkey")
    expect(page.locator("main [role=alert]")).to_contain_text("has a passkey of yours already")
    page.click("text=Sign out here")
    page.wait_for_url("**/enter")
    page.click("text=Sign in with a passkey")
    page.wait_for_url("**/me")
    page.click("main .button >> nth=0")
    page.fill("#comment-confirm", "here")
    page.fill("#passphrase-confirm", PASSPHRASE)
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator(".notice.done")).to_contain_text("You have confirmed it")
    act = day.board().items["kick-off/1"].acts[0]
    assert isinstance(act["said"], dict)
    assert act["said"]["session"] == "passkey"
    page.goto(f"{day.base}/sessions")
    page.click('button:has-text("Remove")')
    expect(page.locator(".notice.done")).to_contain_text("That passkey opens nothing any more")
    page.click("text=Sign out here")
    page.click("text=Sign in with a passkey")
    expect(page.locator(".notice.refused")).to_contain_text("isn't known here")
    page.close()


def test_a_stranger_s_passkey_answer(day: World) -> None:
    day.start()
    stranger = day.browser()
    for answer in ("", "{}", "nonsense", '{"rawId": "AAAA"}', '{"rawId": 7, "id": null}', "[]"):
        form = stranger.form("/enter", "/enter/passkey")
        told = stranger.send(form, credential=answer)
        assert told.status_code == 403, answer
        assert "known here" in told.text


_NARROWEST = """() => Math.min(...[...document.querySelectorAll("table.pieces th, table.pieces td")]
    .map((cell) => cell.getBoundingClientRect().width))"""


def test_every_column_of_the_evidence_has_room(chromium: Chromium, day: World) -> None:
    run = day.start()
    page = chromium.new_page()
    _accept(page, day, "nadia")
    page.goto(day.base + day.waiting("kick-off/1"))
    page.fill("#comment-confirm", "here")
    page.get_by_role("button", name="Confirm", exact=True).click()
    day.waiting("checks/1")
    for width in (760, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{day.base}/runs/{run}/evidence")
        assert page.evaluate(_NARROWEST) > 60, width
    page.close()
