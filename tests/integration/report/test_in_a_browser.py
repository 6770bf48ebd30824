"""The page in a real browser: axe finds nothing, nothing is cut off, dark and on paper too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import report_world as world
from golive.evidence.trend import read_trend
from golive.report import render

pytestmark = pytest.mark.needs("chromium")

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(found for name in _PROGRAMS if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a report")
    file = folder / "report.html"
    file.write_bytes(render(world.whole(folder)))
    return file


def _open(browser: Browser, file: Path, width: int, scheme: Any = "light") -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_axe_finds_nothing(browser: Browser, page_file: Path, width: int, scheme: str) -> None:
    page = _open(browser, page_file, width, scheme)
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    page.evaluate(_AXE)
    answer = page.evaluate("async () => await axe.run()")
    page.close()
    found = [(one["id"], one["nodes"][0]["html"][:200]) for one in answer["violations"]]
    assert not found
    assert len(answer["passes"]) > 15


def test_the_trend_is_readable_for_everybody(browser: Browser, tmp_path: Path) -> None:
    releases = world.many(tmp_path)
    file = tmp_path / "trend.html"
    file.write_bytes(render(releases[-1], trend=read_trend(tmp_path)))
    for width, scheme in ((320, "light"), (1280, "dark")):
        page = _open(browser, file, width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(_AXE)
        answer = page.evaluate("async () => await axe.run('main')")
        bars = page.eval_on_selector_all(
            "svg rect.day",
            "all => all.filter(one => one.getBoundingClientRect().height > 1).length",
        )
        page.close()
        assert not [(one["id"], one["nodes"][0]["html"][:200]) for one in answer["violations"]]
        assert bars == 3


def test_axe_would_find_something(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<p style='color:#bbb;background:#fff'>pale</p><img src='data:,'>")
    page.evaluate(_AXE)
    answer = page.evaluate("async () => await axe.run()")
    page.close()
    assert {"image-alt", "color-contrast"} <= {one["id"] for one in answer["violations"]}


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_is_wider_than_the_screen(browser: Browser, page_file: Path, width: int) -> None:
    page = _open(browser, page_file, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = page.eval_on_selector_all(
        "svg", "all => all.filter(one => one.getBoundingClientRect().width > 0).length"
    )
    assert shown == 2  # the day and the cutover, each in the size that fits
    letters = page.eval_on_selector_all(
        "svg text", "all => all.map(one => one.getBoundingClientRect().height).filter(h => h > 0)"
    )
    assert min(letters) >= 9  # pixels: letters of a picture stay readable
    page.close()


def test_on_paper_everything_is_there_dark_on_light(browser: Browser, page_file: Path) -> None:
    page = _open(browser, page_file, 1280, "dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.eval_on_selector("table", "one => one.getBoundingClientRect().height") > 50
    assert len(page.pdf(format="A4")) > 10_000
    page.close()


def test_the_page_asks_for_nothing_and_says_nothing_to_the_console(
    browser: Browser, page_file: Path
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(page_file.as_uri())
    page.close()
    assert asked == [page_file.as_uri()]
    assert not said
