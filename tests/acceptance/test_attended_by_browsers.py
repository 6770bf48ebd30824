"""The whole playbook on the stage, by eight people in eight browsers, up to a GO in the ledger."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from attended_day import PRESENT
from console_world import PASSPHRASE, PIXEL

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.endurance]
PLAYBOOK = Path(__file__).resolve().parents[2] / "playbooks" / "fixnado-v1.00.md"
SEATS = {
    "greta": "Compliance Lead",
    "tom": "DevOps Lead",
    "ines": "Product Engineering Lead",
    "ruth": "Executive Sponsor",
}
_DAY_SECONDS = 700


class Hand:
    """One person's browser, which does what waits for them."""

    def __init__(self, chromium: Browser, link: str, name: str) -> None:
        self.name, self.base = name, link.partition("/invited/")[0]
        phone = name == "greta"
        self.page: Page = chromium.new_context(
            viewport={"width": 360 if phone else 1280, "height": 800},
            java_script_enabled=not phone,
        ).new_page()
        self.page.goto(link)
        self.page.fill("#passphrase", PASSPHRASE)
        self.page.fill("#again", PASSPHRASE)
        self.page.click("main form button")
        self.page.wait_for_url("**/me")

    def look(self) -> bool:
        """Do the first thing that waits; False where nothing does."""
        page = self.page
        page.goto(f"{self.base}/me")
        card = page.locator("main .turn-card .button").first
        if card.count() == 0:
            return False
        card.click()
        if page.locator("button[value=clean]").count():
            page.click("button[value=clean]")
        elif page.locator("#file").count():
            self._bring()
        else:
            self._answer()
        return True

    def _answer(self) -> None:
        page = self.page
        for action in ("approve", "retry", "confirm"):
            form = page.locator(f"form:has(input[name=action][value={action}])").first
            if form.count() == 0:
                continue
            form.locator("textarea").fill(f"{self.name} has looked at it")
            if form.locator("input[type=password]").count():
                form.locator("input[type=password]").fill(PASSPHRASE)
            form.locator("button").click()
            return

    def _bring(self) -> None:
        page = self.page
        asked = [one.strip() for one in page.locator("section.ask code").all_inner_texts()]
        path = next((one for one in asked if "." in one and "/" in one), "seen.txt")
        name = path.rpartition("/")[2]
        words = f"What {self.name} saw.\n".encode()
        content = PIXEL if name.endswith(".png") else words
        kept = page.locator("a[href*='/uploads/']").first
        if kept.count():
            kept.click()
        else:
            file = {"name": name, "mimeType": "text/plain", "buffer": content}
            page.set_input_files("#file", file)  # type: ignore[arg-type]
            page.click("text=Take it in and look")
            page.wait_for_url("**/uploads/*")
        keep = page.locator("text=Keep it as evidence")
        if keep.count():
            keep.click()

    def sign(self, run: str) -> str:
        page = self.page
        page.goto(f"{self.base}/runs/{run}/sign")
        role = page.locator(f"input[type=radio][name=role][value='{SEATS[self.name]}']")
        if role.count():
            role.check()
        page.check("input[value=go]")
        page.fill("#comment", "I have read the verdict")
        page.fill("#passphrase", PASSPHRASE)
        page.click("section.ask button")
        return page.locator(".notice").first.inner_text()


@pytest.mark.timeout(1200)
def test_the_fixnado_day_by_eight_browsers(tmp_path: Path) -> None:
    state = tmp_path / "state"
    command = [sys.executable, "-m", "golive", "serve", "--port", "0", "--state", str(state),
               "--vault-root", str(tmp_path), "--rehearse", str(PLAYBOOK)]  # fmt: skip
    served = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")},
    )  # fmt: skip
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        links = _links(served)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            hands = {name: Hand(chromium, links[name], name) for name in PRESENT}
            run = _through_the_day(hands, state)
            for name in SEATS:
                assert "Signed: go" in hands[name].sign(run)
            page = hands["nadia"].page
            page.goto(f"{hands['nadia'].base}/runs/{run}/verdict")
            assert "4 seats say go" in page.locator("main").inner_text()
            chromium.close()
    finally:
        served.send_signal(signal.SIGINT)
        served.wait(90)
        assert served.stdout is not None
        served.stdout.close()


def _links(served: subprocess.Popen[str]) -> dict[str, str]:
    """Each person's link, by the first name that the line begins with, as an id."""
    assert served.stdout is not None
    found = {}
    for line in served.stdout:
        told = re.match(r"(\S+) .*(http://\S+/invited/\S+)", line)
        if told:
            found[told[1].lower().replace("ê", "e")] = told[2]
        if line.startswith("The console is at"):
            return found
    raise AssertionError("the console ended before it began")


def _through_the_day(hands: dict[str, Hand], state: Path) -> str:
    """Everybody looks in turn until it is sealed; the run's name. READY, or this fails."""
    until = time.monotonic() + _DAY_SECONDS
    while time.monotonic() < until:
        busy = [one.look() for one in hands.values()]
        journal = next(iter(state.glob("*/events.jsonl")), None)
        if journal is not None:
            last = json.loads(journal.read_text().rstrip("\n").rpartition("\n")[2])
            if last["event"] == "verdict":
                assert last["verdict"] == "ready", last["reasons"]
                return journal.parent.name
        if not any(busy):
            next(iter(hands.values())).page.wait_for_timeout(300)
    raise TimeoutError("the day didn't end")
