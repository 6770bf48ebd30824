"""What a page weighs, and that nothing jumps: neither when a page is there, nor when news come.

No wall time is judged here: `bench/console.py` prints the first paint of each page beside a bare
page from the same server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from console_world import PASSPHRASE, World, world
from decided_day import PLAYBOOK, PRESENT, prepare

pytestmark = pytest.mark.needs("chromium")
WATCHED = """(() => {
    window.shifted = [];
    new PerformanceObserver((list) => {
        const named = ({node}) => node ? node.id || node.className || node.nodeName : "?";
        for (const one of list.getEntries())
            window.shifted.push([one.value, one.sources.map(named).join(", ")]);
    }).observe({type: "layout-shift", buffered: true});
})()"""
"""Notes every layout shift since the page began, whatever a visitor did just before."""
_MOST = 150_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    program = next(
        found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))
    )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


class Watched:
    """A page that is looked at, and what it weighed when it was loaded."""

    def __init__(self, chromium: Chromium, launch: World, name: str, width: int) -> None:
        self._base = launch.base
        context = chromium.new_context(viewport={"width": width, "height": 1600})
        context.add_init_script(WATCHED)
        self.page: Page = context.new_page()
        self.page.goto(f"{launch.base}/enter")
        self.page.fill("#person", name)
        self.page.fill("#passphrase", PASSPHRASE)
        self.page.click("main form button")
        self.page.wait_for_url("**/me")

    def load(self, path: str) -> int:
        """Bytes of the page with all that it loads, but for its stream."""
        sizes: list[int] = []

        def weigh(response: object) -> None:
            if not response.url.partition("?")[0].endswith(("/events", "/checking")):  # type: ignore[attr-defined]
                sizes.append(len(response.body()))  # type: ignore[attr-defined]

        self.page.on("response", weigh)
        self.page.goto(self._base + path, wait_until="load")
        self.page.remove_listener("response", weigh)
        return sum(sizes)

    def shifts(self) -> list[object]:
        self.page.wait_for_timeout(100)
        found: list[object] = self.page.evaluate("window.shifted")
        return found


def test_a_whole_day_of_news_moves_nothing(
    chromium: Chromium, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with world(tmp_path_factory.mktemp("still")) as launch:
        prepare(launch)
        run = launch.start(PLAYBOOK)
        people = {name: launch.person(name) for name in PRESENT}
        boards = [Watched(chromium, launch, "nadia", width) for width in (1280, 768, 360)]
        for board in boards:
            board.load(f"/runs/{run}")
            expect(board.page.locator("#link")).to_have_text("live")
        people["nadia"].act(launch.waiting("kick-off/1"), "confirm")
        plan = launch.waiting("checks/1")
        for board in boards:
            expect(board.page.locator("#turn")).to_contain_text("Your turn")
        for name in ("tom", "nadia"):
            people[name].act(plan, "approve", passphrase=PASSPHRASE)
        brought = people["asha"].bring(launch.waiting("checks/2"), "minutes.txt", b"All are here\n")
        people["asha"].send(people["asha"].form(brought.url.path, "/confirm"))
        for name, item in (("greta", "notices/1"), ("owen", "money-and-help/1"),
                           ("marta", "money-and-help/2")):  # fmt: skip
            people[name].act(launch.waiting(item), "confirm")
        launch.finish()
        for board in boards:
            expect(board.page.locator("#turn")).to_contain_text("READY", timeout=15_000)
            assert board.shifts() == [], board.page.viewport_size
            board.page.context.close()
        _every_page(chromium, launch, run)


def _every_page(chromium: Chromium, launch: World, run: str) -> None:
    own = f"/runs/{run}"
    paths = ["/me", "/runs", own, f"{own}/log", "/people", "/sessions"]
    paths += [f"{own}/{one}" for one in ("verdict", "sign", "evidence", "risks", "steps/2")]
    for width in (1280, 360):
        seen = Watched(chromium, launch, "ruth", width)
        for path in (*paths, f"{own}/audit"):
            weight = seen.load(path)
            assert weight < _MOST, f"{path} weighs {weight} bytes"
            if path.endswith("/audit"):
                expect(seen.page.locator("#checking")).to_contain_text("The vault is what")
                expect(seen.page.locator("#checked")).to_contain_text("A random sample")
            assert seen.shifts() == [], path
            wide = seen.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} px wide on {width}"
        seen.page.context.close()
