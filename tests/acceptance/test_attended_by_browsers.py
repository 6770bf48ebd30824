"""The whole playbook on the stage, by eight people in eight browsers: one refuses, a drill is run
again, one is a deputy on a small phone without script, the console is killed in mid-day; up to
READY and a GO in the ledger."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from attended_day import PRESENT
from console_world import LISTENING, PASSPHRASE, PIXEL
from golive.kernel.errors import BadInput
from golive.rehearsal.folder import RunFolder

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.endurance]
PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
SEATS = {
    "greta": "Compliance Lead",
    "tom": "DevOps Lead",
    "ines": "Product Engineering Lead",
    "ruth": "Executive Sponsor",
}
BOOKS = """### Incident simulation

```yaml golive
drill: command
with: {run: [test, -e, books-are-right]}
```
"""
"""A check of the team's own, which fails until somebody has put the books right."""
_DAY_SECONDS = 700


@dataclass
class Story:
    """What has happened that happens once."""

    folder: Path
    refused: bool = False

    def mend(self) -> None:
        (self.folder / "books-are-right").touch()


class Hand:
    """One person's browser, which does what waits for them."""

    def __init__(self, chromium: Browser, link: str, name: str, story: Story) -> None:
        self.name, self.base = name, link.partition("/invited/")[0]
        self._story = story
        phone = name == "greta"
        self.context = chromium.new_context(
            viewport={"width": 360 if phone else 1280, "height": 800},
            java_script_enabled=not phone,
        )
        self.page: Page = self.context.new_page()
        self.page.goto(link)
        self.page.fill("#passphrase", PASSPHRASE)
        self.page.fill("#again", PASSPHRASE)
        self.page.click("main form button")
        self.page.wait_for_url("**/me")

    def watch(self, path: str) -> Page:
        """Another tab that notes each event of the board's stream."""
        self.context.add_init_script(LISTENING)
        page = self.context.new_page()
        page.goto(self.base + path)
        expect(page.locator("#link")).to_contain_text("live", timeout=20_000)
        return page

    def look(self) -> bool:
        """Do the first thing that waits; False where nothing does."""
        page = self.page
        page.goto(f"{self.base}/me")
        card = page.locator("main .turn-card .button").first
        if card.count() == 0:
            return False
        card.click()
        if page.locator("button[value=clean]").count():
            self._judge()
        elif page.locator("#file").count():
            self._bring()
        else:
            self._answer()
        return True

    def _judge(self) -> None:
        """The first picture shows somebody's data and is thrown away; the next one is clean."""
        word = "clean" if self._story.refused else "personal"
        self._story.refused = True
        self.page.click(f"button[value={word}]")

    def _answer(self) -> None:
        page = self.page
        for action in ("approve", "retry", "confirm"):
            form = page.locator(f"form:has(input[name=action][value={action}])").first
            if form.count() == 0:
                continue
            if action == "retry":
                self._story.mend()
            form.locator("textarea").fill(f"{self.name} has looked at it")
            if form.locator("input[type=password]").count():
                form.locator("input[type=password]").fill(PASSPHRASE)
            form.locator("button").click()
            return

    def _bring(self) -> None:
        """The file that is asked for by its path; else a photo."""
        page = self.page
        asked = [one.strip() for one in page.locator("section.ask code").all_inner_texts()]
        path = next((one for one in asked if "." in one and "/" in one), "seen.png")
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


class Place:
    """Where the day is: its state, its playbook, its console."""

    def __init__(self, root: Path) -> None:
        self.root, self.state, self.playbooks = root, root / "state", root / "playbooks"
        self._env = {**os.environ, "XDG_CONFIG_HOME": str(root / "config")}
        self._served: subprocess.Popen[str] | None = None
        shutil.copytree(PLAYBOOKS, self.playbooks)
        self.playbook = self.playbooks / "fixnado-v1.00.md"
        source = self.playbook.read_text()
        assert source.count("### Incident simulation\n") == 1
        self.playbook.write_text(source.replace("### Incident simulation\n", BOOKS))
        assert self.golive("trust", str(self.playbook)).returncode == 0

    def golive(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "golive", *words],
            cwd=self.root, env=self._env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def serve(self, *more: str, port: int = 0) -> Iterator[str]:
        """The lines that the console prints until it listens."""
        command = [sys.executable, "-m", "golive", "serve", "--port", str(port),
                   "--state", str(self.state), "--vault-root", str(self.root), *more]  # fmt: skip
        self._served = subprocess.Popen(
            command, cwd=self.root, env=self._env, stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        assert self._served.stdout is not None
        for line in self._served.stdout:
            yield line
            if line.startswith("The console is at"):
                return
        raise AssertionError("the console ended before it began")

    def kill(self) -> None:
        assert self._served is not None
        self._served.kill()
        self._served.wait(20)
        self._close()

    def events(self) -> Sequence[Mapping[str, Any]]:
        journal = next(iter(self.state.glob("*/events.jsonl")), None)
        whole = journal.read_text().splitlines(keepends=True) if journal else []
        return [json.loads(line) for line in whole if line.endswith("\n")]

    def run(self) -> str:
        return next(iter(self.state.glob("*/events.jsonl"))).parent.name

    def end(self) -> None:
        """Console and rehearsal end as Ctrl-C ends them; whatever still lives then is killed."""
        with suppress(BadInput):
            _ended(RunFolder.find(self.state, None))
        served = self._served
        if served is not None and served.poll() is None:
            served.send_signal(signal.SIGINT)
            try:
                served.wait(90)
            except subprocess.TimeoutExpired:
                served.kill()
                served.wait(10)
        self._close()

    def _close(self) -> None:
        if self._served is not None and self._served.stdout is not None:
            self._served.stdout.close()


def _ended(folder: RunFolder) -> None:
    for word, patience in ((signal.SIGINT, 60), (signal.SIGKILL, 10)):
        pid = folder.runner()
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, word)
        until = time.monotonic() + patience
        while folder.runner() is not None and time.monotonic() < until:
            time.sleep(0.2)


@contextmanager
def _chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.timeout(1200)
def test_the_fixnado_day_by_eight_browsers(tmp_path: Path) -> None:
    place = Place(tmp_path)
    story = Story(place.playbooks)
    try:
        links = _links(place.serve("--rehearse", str(place.playbook)))
        with _chromium() as chromium:
            hands = {name: Hand(chromium, links[name], name, story) for name in PRESENT}
            heard = _through_the_day(hands, place)
            assert heard == list(range(heard[0], heard[-1] + 1)), "an event was lost or repeated"
            assert heard[-1] == len(place.events())
            run = place.run()
            for name in SEATS:
                assert "Signed: go" in hands[name].sign(run)
            page = hands["nadia"].page
            page.goto(f"{hands['nadia'].base}/runs/{run}/verdict")
            assert "4 seats say go" in page.locator("main").inner_text()
    finally:
        place.end()
    _as_it_was_told(place, story)


def _as_it_was_told(place: Place, story: Story) -> None:
    """What journal and vault say of that day."""
    events = place.events()
    acts = [one for one in events if one["event"] == "act"]
    assert {one["person"] for one in acts} == set(PRESENT)
    assert ("greta", "Legal Counsel") in {(one["person"], one["role"]) for one in acts}
    assert story.refused, "nobody refused a picture"
    assert "vouch" in {one["action"] for one in acts}
    assert "retry" in {one["action"] for one in acts}
    vault = str(events[-1]["vault"])
    assert place.golive("verify", vault).returncode == 0
    assert place.golive("ledger", "verify", vault).returncode == 0
    decided = place.golive("decide", vault)
    assert decided.returncode == 0, decided.stdout
    assert "DECISION GO:" in decided.stdout


def _links(lines: Iterator[str]) -> dict[str, str]:
    """Each person's link, by the first name that the line begins with, as an id."""
    told = (re.match(r"(\S+) .*(http://\S+/invited/\S+)", line) for line in lines)
    return {one[1].lower().replace("ê", "e"): one[2] for one in told if one}


def _through_the_day(hands: dict[str, Hand], place: Place) -> list[int]:
    """Everybody looks in turn until it is sealed READY; the console is killed once on the way. The
    numbers of the events that the sponsor's board was told."""
    board: Page | None = None
    killed = False
    until = time.monotonic() + _DAY_SECONDS
    while time.monotonic() < until:
        events = place.events()
        if board is None and events:
            board = hands["ruth"].watch(f"/runs/{place.run()}")
        if board and not killed and sum(one["event"] == "act" for one in events) >= 6:
            place.kill()
            port = urlsplit(hands["ruth"].base).port
            assert list(place.serve(port=port or 0))
            killed = True
        busy = [one.look() for one in hands.values()]
        if board and events and events[-1]["event"] == "verdict":
            assert events[-1]["verdict"] == "ready", events[-1]["reasons"]
            assert killed
            expect(board.locator("#turn")).to_contain_text("READY", timeout=30_000)
            return [int(one) for one in board.evaluate("window.heard")]
        if not any(busy):
            hands["nadia"].page.wait_for_timeout(300)
    raise TimeoutError("the day didn't end")
