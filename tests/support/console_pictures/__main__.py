"""Run a small attended day in memory and save what its pages look like.

    PYTHONPATH=src:tests/support python -m console_pictures FOLDER [--all]

Four pictures; with `--all` every page, in both themes and on a phone, to be looked at.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from console_world import PASSPHRASE, Browser, World, world
from decided_day import PLAYBOOK, PRESENT, prepare, sign

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_MOST = 150_000


def main(folder: str, *flags: str) -> None:
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    program = next(found for name in _PROGRAMS if (found := shutil.which(name)))
    with (
        tempfile.TemporaryDirectory() as place,
        world(Path(place)) as launch,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        prepare(launch)
        _take(chromium, launch, target, every="--all" in flags)
        chromium.close()


def _take(chromium: Chromium, launch: World, target: Path, *, every: bool) -> None:
    """The board in mid-day for the one whose turn it is, then the verdict and what is signed."""
    run = launch.start(PLAYBOOK)
    people = {name: launch.person(name) for name in PRESENT}
    people["nadia"].act(launch.waiting("kick-off/1"), "confirm")
    step = launch.waiting("checks/1")
    people["tom"].act(step, "approve", passphrase=PASSPHRASE)
    shots: list[tuple[str, str, str]] = [("board", f"/runs/{run}", "nadia")]
    _shoot(chromium, launch, shots, target, (1280, 360))
    if every:
        shots = [
            ("me", "/me", "nadia"),
            ("step", step, "nadia"),
            ("abort", f"/runs/{run}/abort", "tom"),
        ]
        _shoot_all(chromium, launch, shots, target)
    people["nadia"].act(step, "approve", passphrase=PASSPHRASE)
    brought = people["asha"].bring(launch.waiting("checks/2"), "minutes.txt", b"All are here.\n")
    people["asha"].send(people["asha"].form(brought.url.path, "/confirm"))
    people["greta"].act(launch.waiting("notices/1"), "confirm")
    people["owen"].act(launch.waiting("money-and-help/1"), "confirm")
    people["marta"].act(launch.waiting("money-and-help/2"), "confirm")
    launch.finish()
    _decide(launch, people)
    pages = ("verdict", "sign", "evidence", "risks", "audit")
    after = [(one, f"/runs/{run}/{one}", "ruth") for one in pages]
    _shoot(chromium, launch, [("sign", f"/runs/{run}/sign", "ruth")], target, (1280, 360))
    if every:
        others = [("people", "/people", "nadia"), ("runs", "/runs", "nadia")]
        _shoot_all(chromium, launch, [*after, *others, ("done", f"/runs/{run}", "nadia")], target)


def _decide(launch: World, people: dict[str, Browser]) -> None:
    for name in ("tom", "greta"):
        sign(launch, people[name])


def _shoot_all(
    chromium: Chromium, launch: World, shots: Sequence[tuple[str, str, str]], target: Path
) -> None:
    for theme in ("light", "dark"):
        _shoot(chromium, launch, shots, target / theme, (1280, 360), theme, whole=True)


def _shoot(
    chromium: Chromium,
    launch: World,
    shots: Sequence[tuple[str, str, str]],
    target: Path,
    widths: Sequence[int],
    theme: str = "light",
    *,
    whole: bool = False,
) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name, path, person in shots:
        for width in widths:
            context = chromium.new_context(
                viewport={"width": width, "height": 720 if width > 400 else 780},
                color_scheme=theme,  # type: ignore[arg-type]
            )
            page = context.new_page()
            page.goto(f"{launch.base}/enter?to={path}")
            page.fill("#person", person)
            page.fill("#passphrase", PASSPHRASE)
            page.click("main form button")
            page.wait_for_url(f"**{path}")
            page.wait_for_timeout(400)
            file = target / f"console-{name}-{width}.png"
            page.screenshot(path=file, full_page=whole)
            size = file.stat().st_size
            print(f"{file} {size} bytes")
            if not whole and size > _MOST:
                raise SystemExit(f"{file} is over {_MOST} bytes")
            context.close()


main(*sys.argv[1:])
