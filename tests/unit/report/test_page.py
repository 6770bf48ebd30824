"""One page from the vault alone: the same bytes each time, nothing of others' words as markup."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

import report_world as world
from golive.drillkit.records import Act, CheckVerdict, ItemRecord, Outcome
from golive.evidence.release import Release
from golive.kernel.errors import GoliveError
from golive.report import render
from golive.report.source import NotReportable
from golive.report.wording import marked

BAD = "\"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;'{{ 7*7 }}"
TURN = "\u202e"


@dataclass
class Page(HTMLParser):
    """Elements with their attributes in order, and the text."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def page(release: Path) -> Page:
    found = Page()
    found.feed(render(release).decode())
    found.text = " ".join(found.text.split())
    return found


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world.whole(tmp_path_factory.mktemp("whole"))


def test_the_same_release_gives_the_same_bytes_wherever_it_lies(
    release: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "a copy" / "somewhere else"
    shutil.copytree(release, elsewhere)
    assert render(release) == render(release) == render(elsewhere)
    assert str(release) not in render(release).decode()


def test_it_says_why_with_place_owner_and_what_would_change_it(release: Path) -> None:
    text = page(release).text
    assert "✘ Not ready" in text
    line = world.PLAYBOOK.splitlines().index("```yaml golive") + 1
    assert f"launch.md, line {line}; owner: DevOps Lead" in text
    assert "/somewhere" not in text
    assert "measured 640 ms, expected at most 0 ms" in text
    assert "What would change it: put it right and run it again" in text
    assert "could not be measured: no request fails" in text


def test_what_was_simulated_is_named_before_anything_else(release: Path) -> None:
    text = page(release).text
    assert text.index("A stand-in answered for") < text.index("Why")
    assert "codedeploy/log.json" in text[: text.index("Objectives")]
    assert "1Simulateda stand-in answered" in text


def test_objectives_evidence_risks_and_people_are_told(release: Path) -> None:
    text = page(release).text
    assert "not met The cutover comes back did not pass: blue-green" in text
    assert "open The people know 1 human item open" in text
    assert "not shown World peace it links to nothing" in text
    assert "not in the vault: out/none.json" in text
    assert "mitigation failed" in text
    assert "higher than stated until it is mended: cutover/1 failed" in text
    assert "as stated, nothing was tried: it links to nothing that can be run" in text
    assert "3 items that only people can give" in text
    assert "(practice: 3 human items open)" in text
    assert "QA Lead; playbook line" in text


def test_every_artefact_is_listed_with_its_digest(release: Path) -> None:
    text = page(release).text
    listed = (release / "manifest-sha256.txt").read_text().splitlines()
    assert len(listed) > 5
    for line in listed:
        digest, path = line.split("  data/")
        assert digest in text
        assert path in text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("run `golive retry`, or wait", "run <code>golive retry</code>, or wait"),
        ("`<b>` and <i>", "<code>&lt;b&gt;</code> and &lt;i&gt;"),
        ("an odd ` <b>", "an odd ` &lt;b&gt;"),
        ("``", "<code></code>"),
    ],
)
def test_backticks_become_code_and_nothing_else_does(text: str, html: str) -> None:
    assert str(marked(text)) == html


def test_rows_are_told_as_planned_and_as_they_went(release: Path) -> None:
    text = page(release).text
    assert "planned 09:00 to 10:00; actual 09:00:00 to 09:00:12; took 12 s" in text


def _hostile(folder: Path) -> Path:
    name = "out/a\"><b onload=x>'&{{7}}.json"
    source = world.PLAYBOOK.replace("It breaks", f"It breaks {BAD}".replace("|", "")).replace(
        "# A launch", f"# A launch {BAD}{TURN}"
    )
    made = world.World(folder, source=source, fault=BAD, events=world.day())
    samples = [[1.0 + n / 10, 0.1, 200, BAD] for n in range(20)]
    events = [{"at": 1.5, "event": "triggered", "why": BAD}]
    kept = [*made.cutover(samples, events), made.keep(name, "{}")]
    act = Act("approve", BAD, BAD, BAD + TURN, BAD)
    record = made.drill(
        world.check(claim=BAD, detail=BAD, unit=BAD, measured={BAD: [BAD, None]}, expected=BAD),
        world.check("x", verdict=CheckVerdict.FAIL, loosened_from=BAD, claim=TURN),
        artefacts=kept, error=BAD, outcome=Outcome.FAILED, acts=(act,), note=BAD,
    )  # fmt: skip
    return made.seal(record, called_off=BAD)


def test_words_of_others_stay_words(tmp_path: Path) -> None:
    release = _hostile(tmp_path)
    found = page(release)
    tags = Counter(tag for tag, _ in found.elements)
    assert not tags.keys() & {"script", "img", "b onload", "iframe", "object", "form", "base"}
    assert not [name for _, attributes in found.elements for name in attributes if name[:2] == "on"]
    assert found.text.count("<script>alert(1)</script>") > 10
    assert "{{ 7*7 }}" in found.text
    assert TURN not in render(release).decode()


def test_the_page_needs_nothing_else_and_runs_nothing(release: Path) -> None:
    html, found = render(release).decode(), page(release)
    assert not found.all("script", "link", "img", "iframe", "base", "form")
    assert not re.search(r"(?:src|srcset|action|background)=|url\(|@import|https?://", html)
    policy = next(one for one in found.all("meta") if one.get("http-equiv"))
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_headings_landmarks_and_links_are_in_order(release: Path) -> None:
    found = page(release)
    levels = [int(tag[1]) for tag, _ in found.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(found.all(landmark)) == 1, landmark
    names = [one["id"] for _, one in found.elements if "id" in one]
    assert len(names) == len(set(names))
    targets = [str(one["href"]) for one in found.all("a")]
    assert targets
    assert {target.removeprefix("#") for target in targets} <= set(names)
    assert found.all("html")[0]["lang"] == "en-GB"
    for picture in found.all("svg"):
        assert picture["role"] == "img"
        assert picture["aria-label"]
    assert len(found.all("svg")) == 4
    assert all("scope" in one for one in found.all("th"))


def test_a_changed_file_gives_no_report(tmp_path: Path) -> None:
    release = world.whole(tmp_path)
    verdict = release / "data/golive/verdict.json"
    verdict.chmod(0o644)
    verdict.write_text(verdict.read_text().replace("not-ready", "ready"))
    with pytest.raises(NotReportable, match=r"golive/verdict\.json is not what was sealed"):
        render(release)


def test_a_release_that_is_no_rehearsals_gives_no_report(tmp_path: Path) -> None:
    made = world.World(tmp_path)
    seal = made.vault.seal(Release(world.RUN, [made.keep("a.txt", "hello")]), world.KEY)
    with pytest.raises(NotReportable, match=r"holds no golive/facts\.json"):
        render(seal.path)


def test_a_folder_that_is_no_release_gives_no_report(tmp_path: Path) -> None:
    with pytest.raises(GoliveError):
        render(tmp_path)


def test_later_attempts_and_loosened_limits_are_notes(tmp_path: Path) -> None:
    made = world.World(tmp_path)
    first = made.drill(world.check(verdict=CheckVerdict.FAIL), outcome=Outcome.FAILED)
    record = made.drill(
        world.check(loosened_from={"at_most": 0}, expected={"at_most": 9}, measured=4),
        attempt=2, earlier=first.steps,
    )  # fmt: skip
    text = page(made.seal(record)).text
    assert "cutover/1 passed on attempt 2; attempt 1 is kept" in text
    assert "the playbook loosens failed_requests from at most 0 to at most 9" in text
    assert "loosened by the playbook from at most 0 requests" in text
    assert "Earlier attempts" in text


def test_a_run_in_which_nothing_ran_is_told_without_an_error(tmp_path: Path) -> None:
    text = page(world.World(tmp_path).seal(called_off="Ann: enough")).text
    assert "◇ Incomplete" in text
    assert "The run was called off: Ann: enough" in text
    assert "not begun" in text


def test_an_attended_run_shows_who_did_what(tmp_path: Path) -> None:
    made = world.World(tmp_path)
    act = Act("confirm", "bo", "QA Lead", "all told", world.LATER)
    done = ItemRecord("people/1", Outcome.PASSED, world.NOW, world.LATER, acts=(act,))
    text = page(made.seal(made.drill(world.check()), done, practice=False)).text
    assert "confirm by bo as QA Lead, 09:00:12: “all told”" in text
    assert "met The people know 1 human item done" in text


_COLOURS = ("ink", "soft", "good", "bad", "open", "link")


def _schemes() -> dict[str, dict[str, str]]:
    css = (Path(world.__file__).parents[3] / "src/golive/report/style.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", css, re.S)
    found = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in blocks]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", ["paper", "panel"])
@pytest.mark.parametrize("colour", _COLOURS)
def test_every_text_colour_has_contrast_aa(scheme: str, ground: str, colour: str) -> None:
    colours = _schemes()[scheme]
    dark, light = sorted(map(_luminance, (colours[colour], colours[ground])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
