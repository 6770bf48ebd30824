"""Several presses for one thing: two tabs, two persons, twice the same form. One act is recorded,
and whoever comes second is told so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect, sync_playwright

from console_world import PASSPHRASE, Browser, World, said, world
from decided_day import prepare

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
| 09:30–10:00 | [Checks](#checks) | DevOps Lead | |

## Checks
```yaml golive
drill: synthetic
with: {checks: [login], rounds: 1}
approve: {by: [DevOps Lead, Programme Manager], persons: 2, within: 30m}
```
- [ ] The way back is known (by: DevOps Lead)
- [ ] The window is agreed (by: Programme Manager)
- [ ] The room is booked (by: Programme Manager)
"""


@pytest.fixture
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("at-once")) as made:
        prepare(made, ("nadia", "tom", "ines"))
        made.start(DAY)
        yield made


def _acts(launch: World, item: str) -> list[tuple[object, object]]:
    return [(one["person"], one["action"]) for one in launch.board().items[item].acts]


@pytest.mark.needs("chromium")
def test_two_tabs_and_two_persons_press_in_the_same_instant(launch: World) -> None:
    program = next(
        found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        tom, ines, nadia = (_signed_in(chromium, launch, one) for one in ("tom", "ines", "nadia"))

        # Two tabs of one person: one approval of the two that are needed.
        path = launch.waiting("checks/1")
        told = _together(launch, [tom, tom.context.new_page()], path, "approve")
        assert sorted("You have approved it" in one for one in told) == [False, True], told
        assert any("already" in one for one in told), told
        assert _acts(launch, "checks/1") == [("tom", "approve")]

        # Two persons, who both may: the second is told that it is done.
        _press(nadia, launch.base + path, "approve")
        nadia.click(_button("approve"))
        expect(nadia.locator(".notice.done")).to_contain_text("You have approved it")
        path = launch.waiting("checks/2")
        told = _together(launch, [tom, ines], path, "confirm")
        assert sorted("You have confirmed it" in one for one in told) == [False, True], told
        assert any("waits for nobody" in one for one in told), told
        assert len(_acts(launch, "checks/2")) == 1

        # A double click, then the way back and once more.
        path = launch.waiting("checks/3")
        _press(nadia, launch.base + path, "confirm")
        nadia.dblclick(_button("confirm"))
        expect(nadia.locator(".notice.done").first).to_contain_text("You have confirmed it")
        nadia.go_back()
        expect(nadia.locator("h1")).to_be_visible()
        assert nadia.locator(_button("confirm")).count() == 0
        assert _acts(launch, "checks/3") == [("nadia", "confirm")]
        chromium.close()


def _signed_in(chromium: Chromium, launch: World, name: str) -> Page:
    page = chromium.new_context().new_page()
    page.goto(launch.base + launch.links[name])
    page.fill("#passphrase", PASSPHRASE)
    page.fill("#again", PASSPHRASE)
    page.click("main form button")
    page.wait_for_url("**/me")
    return page


def _button(action: str) -> str:
    return f"form:has(input[name=action][value={action}]) button.button"


def _press(page: Page, address: str, action: str) -> None:
    """All but the press itself."""
    page.goto(address)
    page.fill(f"#comment-{action}", "I have looked at it")
    if page.locator(f"#passphrase-{action}").count():
        page.fill(f"#passphrase-{action}", PASSPHRASE)


def _together(launch: World, pages: Sequence[Page], path: str, action: str) -> list[str]:
    """Both forms are held until both are on their way, then let go. What each page says."""
    held: list[Route] = []
    for page in pages:
        _press(page, launch.base + path, action)
        page.route("**/act", lambda one: held.append(one))
    for page in pages:
        page.eval_on_selector(_button(action), "one => one.click()")
    for _ in range(200):
        if len(held) == len(pages):
            break
        pages[0].wait_for_timeout(20)
    assert len(held) == len(pages)
    for one in held:
        one.continue_()
    for page in pages:
        expect(page.locator(".notice").first).to_be_visible(timeout=20_000)
        page.unroute("**/act")
    return [page.locator(".notice").first.inner_text() for page in pages]


def _sent(browser: Browser, fields: Mapping[str, str], action: str) -> tuple[int, str]:
    answer = browser.http.post(action, data=fields, headers=browser.origin)
    return answer.status_code, said(answer)


def test_the_same_form_again_with_the_same_words_and_with_others(launch: World) -> None:
    tom, nadia = launch.person("tom"), launch.person("nadia")
    page = launch.waiting("checks/1")
    form = tom.form(page, "/act", "approve")
    given = {**form.fields, "comment": "I looked", "passphrase": PASSPHRASE}
    assert "You have approved it" in _sent(tom, given, form.action)[1]
    status, told = _sent(tom, given, form.action)
    assert (status, told) == (200, ""), "it is done once, and leads where it led"
    for other in ({"comment": "I looked elsewhere"}, {"action": "refuse"}):
        status, told = _sent(tom, {**given, **other}, form.action)
        assert status == 409
        assert "said something else then" in told
    # Whoever else has the key has neither its session nor what it led to.
    assert _sent(nadia, given, form.action)[0] == 403
    assert _acts(launch, "checks/1") == [("tom", "approve")]


def test_what_a_form_said_is_kept_without_the_passphrase(launch: World) -> None:
    tom = launch.person("tom")
    form = tom.form(launch.waiting("checks/1"), "/act", "approve")
    given = {**form.fields, "comment": "I looked"}
    # Mistyped, so nothing was done: the same form may be sent again.
    assert _sent(tom, {**given, "passphrase": "not this one at all"}, form.action)[0] == 403
    assert "You have approved it" in _sent(tom, {**given, "passphrase": PASSPHRASE}, form.action)[1]
    rows = launch.console.means.store.all("SELECT * FROM sent_form")
    assert rows
    assert PASSPHRASE not in str([tuple(one) for one in rows])
