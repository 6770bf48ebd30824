"""What people and auditors find when the day is over: evidence, risks, people, the audit."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console_world import PASSPHRASE, Browser, World, said, world
from decided_day import PLAYBOOK, prepare, sign, whole_day
from golive.rehearsal.run import begin
from harness.memory_run import order


def checked(browser: Browser, path: str) -> str:
    """The audit page at `path`, loaded anew until the vault has been checked."""
    deadline = time.monotonic() + 20
    while "Being checked" in (shown := browser.get(path).text):
        assert time.monotonic() < deadline
    return shown


@pytest.fixture(scope="module")
def over(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, dict[str, Browser]]]:
    """A day that is over; nobody has signed yet."""
    with world(tmp_path_factory.mktemp("over")) as made:
        prepare(made)
        yield made, whole_day(made)


def test_every_piece_of_evidence_is_shown_and_is_its_digest(
    over: tuple[World, dict[str, Browser]],
) -> None:
    launch, people = over
    base = f"/runs/{launch.folder.name}/evidence"
    shown = people["asha"].get(base).text
    assert "out/minutes.txt" in shown
    assert "simulated" in shown
    digests = set(re.findall(rf'href="{base}/([0-9a-f]{{64}})"', shown))
    assert len(digests) > 5
    minutes = re.search(rf'href="{base}/([0-9a-f]{{64}})">out/minutes.txt', shown)
    assert minutes
    assert "All are here." in people["asha"].get(f"{base}/{minutes[1]}").text
    answer = people["asha"].get(f"{base}/{minutes[1]}/bytes")
    assert hashlib.sha256(answer.content).hexdigest() == minutes[1]
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert people["asha"].get(f"{base}/{'0' * 64}").status_code == 404


def test_a_risk_is_accepted_by_its_owner(over: tuple[World, dict[str, Browser]]) -> None:
    launch, people = over
    page = f"/runs/{launch.folder.name}/risks"
    shown = people["asha"].get(page).text
    assert "it is borne by" in shown
    assert "/risks/accept" not in shown
    form = people["tom"].form(page, "/accept")
    given = {"comment": "we can bear it", "until": "2199-01-01", "passphrase": PASSPHRASE}
    assert "a reason" in said(people["tom"].send(form, **{**given, "comment": ""}))
    assert "Signed: acceptance of risk-1" in said(people["tom"].send(form, **given))
    assert "Tom Example as DevOps Lead, until 2199-01-01" in people["asha"].get(page).text


def test_people_and_their_sessions(over: tuple[World, dict[str, Browser]]) -> None:
    launch, people = over
    shown = people["asha"].get("/people").text
    assert "Greta Example" in shown
    assert "kept by the server" in shown
    assert "no key: not invited yet" in shown
    assert "the programme manager" in shown
    lost = launch.browser()
    lost.enter("marta")
    assert lost.get("/me").url.path == "/me"
    forms = [one for one in people["nadia"].forms("/people") if one.action == "/people/revoke"]
    hers = [one for one in forms if one.fields["person"] == "marta"]
    assert len(hers) == 2
    own = next(one for one in people["marta"].forms("/people") if one.action == "/people/revoke")
    other = tom_session(launch)
    assert people["marta"].send(own, person="tom", session=other).status_code == 403
    assert launch.console.means.sessions.of("tom")
    assert "ended" in said(people["nadia"].send(hers[0]))
    assert lost.get("/me").url.path == "/enter"


def tom_session(launch: World) -> str:
    return launch.console.means.sessions.of("tom")[0].id


def test_the_auditor_s_link(over: tuple[World, dict[str, Browser]]) -> None:
    launch, people = over
    page = f"/runs/{launch.folder.name}/audit"
    assert "programme manager or sponsor may" in people["asha"].get(page).text
    told = said(
        people["nadia"].send(people["nadia"].form(page, "/links"), label="A & Co", days="7")
    )
    link = re.search(r"http://\S+(/audit/\S+)", told)
    assert link
    auditor = launch.browser()
    shown = checked(auditor, link[1])
    assert "The vault is what was sealed" in shown
    assert "What can't be verified" in shown
    assert "5 same" not in shown
    assert shown.count('<span class="badge good">same</span>') == 5
    assert "<form" not in shown
    piece = re.search(rf'href="({link[1]}/evidence/[0-9a-f]{{64}})"', shown)
    assert piece
    assert auditor.get(piece[1]).status_code == 200
    tar = auditor.get(f"{link[1]}/release.tar")
    with tarfile.open(fileobj=io.BytesIO(tar.content)) as archive:
        names = archive.getnames()
    assert any(one.endswith("/seal.dsse.json") for one in names)
    for other in (page, f"/runs/{launch.folder.name}", "/me", "/people"):
        assert auditor.get(other).url.path == "/enter"
    again = people["nadia"].form(page, "/take-back")
    assert "opens nothing" in said(people["nadia"].send(again))
    assert auditor.get(link[1]).status_code == 404
    assert auditor.get(f"/audit/{'x' * 43}").status_code == 404


def test_nothing_is_called_verified_before_it_is(over: tuple[World, dict[str, Browser]]) -> None:
    launch, people = over
    page = f"/runs/{launch.folder.name}/audit"
    checked(people["ines"], page)
    minutes = Path(str(launch.board().verdict["vault"])) / "data/out/minutes.txt"
    minutes.touch()  # the same bytes, but nobody knows before they are read
    shown = people["ines"].get(page).text
    assert "Being checked" in shown
    assert "Nothing on this page is verified" in shown
    assert f'<a href="{page}">Look again</a>' in shown
    for claim in ("The vault is what", '<span class="badge good">same', 'badge good">checked'):
        assert claim not in shown
    told = people["ines"].get(f"{page}/checking").text
    assert told.startswith("event: checked\n")
    assert "The vault is what was sealed" in told
    assert "The vault is what was sealed" in people["ines"].get(page).text
    stranger = launch.browser()
    assert stranger.get(f"{page}/checking").url.path == "/enter"
    assert stranger.get(f"/audit/{'x' * 43}/checking").status_code == 404


def test_the_sample_is_drawn_by_the_seal(over: tuple[World, dict[str, Browser]]) -> None:
    launch, people = over
    shown = checked(people["ruth"], f"/runs/{launch.folder.name}/audit")
    seed = re.search(r'line break:<br><code class="digest">([0-9a-f ]+)</code>', shown)
    seal = Path(str(launch.board().verdict["vault"])) / "seal.dsse.json"
    digest = hashlib.sha256(seal.read_bytes()).hexdigest()
    expected = hashlib.sha256(f"golive audit sample\n{digest}\n".encode()).hexdigest()
    assert seed
    assert seed[1].replace(" ", "") == expected


def test_the_trend_over_two_rehearsals(tmp_path: Path) -> None:
    with world(tmp_path) as launch:
        prepare(launch)
        nadia = launch.person("nadia")
        for sealed in (1, 2):
            wanted = order(PLAYBOOK, tmp_path, people=launch.people)
            begin(wanted, launch.supplies)  # type: ignore[arg-type]
            shown = nadia.get("/runs").text
            assert ("How they have come along" in shown) == (sealed == 2)
        assert "practice" in shown
        assert "1 of 1" in shown
        assert "checks/1:p95" in shown


def test_a_changed_byte_is_found_before_anything_is_signed(tmp_path: Path) -> None:
    with world(tmp_path) as launch:
        prepare(launch)
        people = whole_day(launch)
        run = launch.folder.name
        release = Path(str(launch.board().verdict["vault"]))
        assert "The vault is what was sealed" in checked(people["nadia"], f"/runs/{run}/audit")
        (release / "data/out/minutes.txt").chmod(0o644)
        (release / "data/out/minutes.txt").write_bytes(b"All were here.\n")
        shown = checked(people["nadia"], f"/runs/{run}/audit")
        assert "The vault is not what was sealed" in shown
        assert "out/minutes.txt" in shown
        assert "not what was sealed here" in sign(launch, people["tom"])
