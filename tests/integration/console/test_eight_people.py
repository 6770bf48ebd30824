"""Eight people in eight browsers run the whole day, up to a GO in the ledger; and every page of it
in both themes, read by axe."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib import resources

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from console_world import LISTENING, PASSPHRASE, PIXEL, World, world
from decided_day import PLAYBOOK, PRESENT, prepare
from golive.adapters.memory import MemoryTarget

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.endurance]
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

DAY = PLAYBOOK.replace(
    "## Money and help",
    """## Money and help
```yaml golive
drill: command
with: {run: [ledger-check]}
```""",
).replace("(upload: `out/minutes.txt`)", "(upload: the minutes, as a photo)").replace(
    "`out/minutes.txt`", "")  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    program = next(found for name in _PROGRAMS if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


class Ledger:
    """A check of the team's own that fails until somebody has put the books right."""

    def __init__(self) -> None:
        self.mended = False

    def __call__(self, *_: object) -> tuple[int, bytes, bytes]:
        return (0, b"balanced\n", b"") if self.mended else (1, b"12.40 is missing\n", b"")


class Person:
    """One person's browser. The one called `phone` is 360 px wide and runs no script."""

    def __init__(self, chromium: Chromium, launch: World, name: str, *, phone: bool) -> None:
        self.name, self._base = name, launch.base
        size = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 800}
        self.context: BrowserContext = chromium.new_context(
            viewport=size,  # type: ignore[arg-type]
            java_script_enabled=not phone,
        )
        self.context.add_init_script(LISTENING)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(launch.base + launch.links[name])
        self.page.fill("#passphrase", PASSPHRASE)
        self.page.fill("#again", PASSPHRASE)
        self.page.click("main form button")
        self.page.wait_for_url("**/me")

    def goto(self, path: str) -> Page:
        self.page.goto(self._base + path)
        return self.page

    def confirm(self) -> None:
        """What waits is found on the page that people land on, and answered."""
        self._review()
        self.page.fill("#comment-confirm", "I have looked at it")
        self._send("confirm")
        expect(self.page.locator(".notice.done")).to_contain_text("You have confirmed it")

    def approve(self) -> None:
        self._review()
        self.page.fill("#comment-approve", "I have looked at it")
        self.page.fill("#passphrase-approve", PASSPHRASE)
        self._send("approve")
        expect(self.page.locator(".notice.done")).to_contain_text("You have approved it")

    def retry(self) -> None:
        self._review()
        self.page.fill("#comment-retry", "the books are put right")
        self._send("retry")
        expect(self.page.locator(".notice.done")).to_contain_text("It runs again")

    def bring(self, name: str) -> str:
        """A photo; the path of its page."""
        self._review()
        file = {"name": name, "mimeType": "image/png", "buffer": PIXEL}
        self.page.set_input_files("#file", file)  # type: ignore[arg-type]
        self.page.click("text=Take it in and look")
        self.page.wait_for_url("**/uploads/*")
        return self.page.url.removeprefix(self._base)

    def sign(self, run: str, decision: str) -> None:
        page = self.goto(f"/runs/{run}/sign")
        page.check(f"input[value={decision}]")
        page.fill("#comment", "I have read the verdict")
        page.fill("#passphrase", PASSPHRASE)
        page.click("section.ask button")
        expect(page.locator(".notice.done")).to_contain_text(f"Signed: {decision}")

    def _review(self) -> None:
        self.goto("/me")
        self.page.click("main .turn-card .button >> nth=0")

    def _send(self, action: str) -> None:
        self.page.click(f"form:has(input[name=action][value={action}]) button.button")


@pytest.fixture(scope="module")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("eight")) as made:
        prepare(made)
        yield made


def test_the_whole_day_by_eight_people(chromium: Chromium, launch: World) -> None:
    ledger = Ledger()
    launch.supplies.memory = MemoryTarget(programs={"ledger-check": ledger})
    run = launch.start(DAY)
    people = {name: Person(chromium, launch, name, phone=name == "greta") for name in PRESENT}
    ruth = people["ruth"].goto(f"/runs/{run}")
    expect(ruth.locator("#link")).to_have_text("live")

    people["nadia"].confirm()
    launch.waiting("checks/1")
    expect(ruth.locator("#row-1 .badge")).to_have_text("✔ passed")
    people["tom"].approve()
    # The stream drops: what happens meanwhile is told when it is back.
    people["ruth"].context.set_offline(True)
    hub = launch.console.means.hub
    hub.close()
    hub._channels.clear()
    people["nadia"].approve()
    launch.waiting("checks/2")
    people["ruth"].context.set_offline(False)
    expect(ruth.locator("#row-2 .badge").first).to_contain_text("file is wanted", timeout=20_000)

    # One refuses: the first photo shows somebody's data, and is thrown away.
    first = people["asha"].bring("crowd.png")
    page = people["owen"].goto(first)
    page.click("text=It does: throw it away")
    expect(page.locator(".notice.done")).to_contain_text("thrown away")
    second = people["asha"].bring("minutes.png")
    page = people["owen"].goto(second)
    page.click("text=It holds no personal data")
    expect(page.locator(".notice.done")).to_contain_text("on record")
    page = people["asha"].goto(second)
    page.click("text=Keep it as evidence")
    expect(page.locator(".notice.done >> nth=0")).to_contain_text("kept as evidence")

    # The deputy, on a phone without script.
    launch.waiting("notices/1")
    people["greta"].confirm()
    # A check fails; it is put right, and run again.
    launch.waiting("money-and-help/1")
    ledger.mended = True
    people["owen"].retry()
    # Two tabs at once, and one wins.
    launch.waiting("money-and-help/2")
    _two_tabs(people["owen"], launch.waiting("money-and-help/2"))
    launch.waiting("money-and-help/3")
    people["marta"].confirm()
    assert launch.finish()["verdict"] == "ready"
    expect(ruth.locator("#turn")).to_contain_text("READY", timeout=15_000)
    heard = ruth.evaluate("window.heard")
    assert heard == list(range(heard[0], launch.board().seq + 1)), "an event was lost or repeated"

    for name in ("tom", "greta", "ruth"):
        people[name].sign(run, "go")
    page = people["ines"].goto(f"/runs/{run}/verdict")
    expect(page.locator(".verdict-line >> nth=1")).to_contain_text("all 3 seats say go")
    assert not [said for one in people.values() for said in one.complaints]
    for one in people.values():
        one.context.close()
    _every_page(chromium, launch, run)


def _two_tabs(owen: Person, path: str) -> None:
    one, two = owen.page, owen.context.new_page()
    for tab in (one, two):
        tab.goto(owen._base + path)
        tab.fill("#comment-confirm", "it balances")
    button = "form:has(input[name=action][value=confirm]) button.button"
    two.click(button)
    one.click(button)
    told = [tab.locator(".notice").first.inner_text() for tab in (two, one)]
    assert "You have confirmed it" in told[0]
    assert "doesn't wait" in told[1] or "waits for nobody" in told[1], told
    two.close()


def _every_page(chromium: Chromium, launch: World, run: str) -> None:
    """axe in both themes and at 360 px."""
    pages = ["/me", "/runs", f"/runs/{run}", "/people", "/sessions"]
    pages += [f"/runs/{run}/{one}" for one in ("verdict", "sign", "evidence", "risks", "audit")]
    pages += [f"/runs/{run}/steps/{one}" for one in (2, 3)]
    found: list[str] = []
    for scheme, width in (("light", 1280), ("dark", 360)):
        context = chromium.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 800},
        )
        page = context.new_page()
        page.goto(f"{launch.base}/enter")
        found += _axe(page, "/enter")
        page.fill("#person", "nadia")
        page.fill("#passphrase", PASSPHRASE)
        page.click("main form button")
        page.wait_for_url("**/me")
        for path in pages:
            page.goto(launch.base + path)
            page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
            found += _axe(page, path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} px wide on {width}"
        context.close()
    assert not found


def _axe(page: Page, path: str) -> list[str]:
    page.evaluate(_AXE)
    answer = page.evaluate("async () => await axe.run()")
    return [
        f"{path}: {one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]}"
        for one in answer["violations"]
        if one["impact"] in ("serious", "critical")
    ]
