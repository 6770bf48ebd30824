"""Approvals as people sign them, in the vault; what `golive verify` and the report say of them."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from decision_world import PEOPLE, World
from golive import bootstrap
from golive.drillkit.approval_fields import pages_of
from golive.drillkit.records import CheckVerdict
from golive.evidence import verify as evidence
from golive.evidence.approvals import signatures
from golive.evidence.ledger import Ledger
from golive.rehearsal.sign import SignedDecision, Wish, sign
from golive.report import render


def say(world: World, person: str, say: str = "go", *conditions: str) -> SignedDecision:
    """`person` signs, in the ledger and on the page."""
    return wish(world, Wish(person, f"{person} has looked", say, conditions))


def wish(world: World, wanted: Wish) -> SignedDecision:
    return sign(
        world.root,
        wanted,
        None,
        world.keys[wanted.person],
        world.clock,
        log_key=world.seal_key,
        paper=bootstrap.approval_paper(),
    )


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("signed"))
    world.seal()
    say(world, "tom")
    said = say(world, "ruth", "go-with-conditions", "the rota is full")
    assert said.paper and not said.paper_problem
    return world


def page(world: World) -> Path:
    (found,) = (world.root / "approvals").glob("*.pdf")
    return found


def look(world: World) -> evidence.Verification:
    return evidence.verify(world.root, trusted=[world.seal_key.public])


def replaced(world: World, data: bytes) -> evidence.Verification:
    """With the page replaced by somebody who can sign the ledger's checkpoint too: every digest
    fits. Put back afterwards."""
    path, before = page(world), page(world).read_bytes()
    ledger = Ledger(world.root, world.seal_key)
    try:
        ledger.append_with_approval(path.name, data)
        return look(world)
    finally:
        ledger.append_with_approval(path.name, before)


def test_what_people_signed_is_intact_and_a_layer_of_its_own(signed: World) -> None:
    found = look(signed)
    assert found.state is evidence.State.INTACT, found.findings
    assert any("each page's signatures" in one for one in found.checked)
    assert [(one.role, one.person) for one in signatures(page(signed).read_bytes())] == [
        ("DevOps Lead", "tom"),
        ("Executive Sponsor", "ruth"),
    ]


def test_a_page_added_is_found_though_every_digest_fits(signed: World) -> None:
    from pyhanko.pdf_utils.generic import DictionaryObject, NameObject, NumberObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(page(signed).read_bytes()))
    tree = writer.root["/Pages"]
    blank = DictionaryObject({NameObject("/Type"): NameObject("/Page")})
    tree["/Kids"].append(writer.add_object(blank))
    tree[NameObject("/Count")] = NumberObject(2)
    writer.update_container(tree)
    out = io.BytesIO()
    writer.write(out)
    found = replaced(signed, out.getvalue())
    assert found.state is evidence.State.CHANGED
    told = [str(one) for one in found.findings if one.how == "signature"]
    assert any("more than the one page" in one for one in told)
    assert any("the Executive Sponsor's signature is the last" in one for one in told)


def test_a_name_on_another_persons_key_is_found(signed: World) -> None:
    """The page is well signed, by a key that the trust file has under another name."""
    pdf = bootstrap.approval_paper().sign(
        page(signed).read_bytes(),
        role="Product Lead",
        person="ines",
        at=signed.clock.now(),
        key=signed.keys["tom"],
        comment="go",
    )
    found = replaced(signed, pdf)
    assert [one.detail for one in found.findings] == [
        f"the trust file knows no key {signed.keys['tom'].key_id[:16]}… of ines, who signed as "
        "Product Lead"
    ]


def test_what_is_no_page_could_not_be_told(signed: World) -> None:
    found = replaced(signed, b"%PDF-1.7 nothing")
    assert found.state is evidence.State.INTACT, "its digest is the one that was signed for"
    assert any("can't be read as a signed PDF" in one for one in found.unchecked)


def test_the_report_tells_who_said_what(signed: World) -> None:
    release = signed.root / "releases"
    (folder,) = release.glob("*/1")
    html = bootstrap.report(folder).decode()
    assert html == bootstrap.report(folder).decode()
    section = html.partition('id="sign-offs"')[2].partition('id="people"')[0]
    for words in ("tom has looked", "ruth has looked", "the rota is full", "Not decided"):
        assert words in section
    assert section.count("</span>open</span>") == 2, "greta's seat and ines's"
    # Of the release alone, without its vault, nothing is known of what people said later.
    assert "tom has looked" not in render(folder).decode()
    assert render(folder).decode().count("<p><b>Executive Sponsor</b>") == 1


def test_new_evidence_makes_signatures_stale(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.seal()
    for person in ("tom", "ines", "ruth"):
        say(world, person)
    world.add("asha", "dashboards/1")
    newest = world.root / "releases" / next((world.root / "releases").iterdir()).name / "2"
    section = bootstrap.report(newest).decode().partition('id="sign-offs"')[2]
    seats = {one.partition("</b>")[0]: one for one in section.split("<p><b>")[1:]}
    assert set(seats) == {role for role, _ in PEOPLE.values()} - {"QA Lead"}
    assert "stale: to be signed again" in seats["Product Lead"]
    assert "stale: to be signed again" in seats["Executive Sponsor"]
    assert "the evidence has changed since" in seats["Product Lead"]
    assert "stale" not in seats["DevOps Lead"] and "changed since" not in seats["DevOps Lead"]
    still = bootstrap.report(newest).decode().partition('id="people"')[2].partition('id="notes"')[0]
    assert "DevOps Lead" not in still and "Product Lead" in still
    # The older seal's report tells what was sealed, not what people later said of another.
    assert "tom has looked" not in bootstrap.report(newest.with_name("1")).decode()


def words_of(pdf: bytes) -> str:
    done = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return " ".join(done.stdout.decode().split())


@pytest.mark.needs("pdftotext")
def test_what_was_said_before_the_page_stands_on_it_and_what_is_said_later_in_its_box(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.seal(CheckVerdict.FAIL)
    until = "2199-12-31T23:59:59Z"
    wish(world, Wish("ruth", "cheap to be wrong", accept_risk="risk-1", until=until))
    wish(world, Wish("ruth", "seen by eye", waive="checks-passed", until=until))
    say(world, "tom", "go-with-conditions", "the rota is full", "none after four")
    first = page(world).read_bytes()
    told = words_of(first)
    for words in (
        "only if the rota is full — tom, DevOps Lead",
        "only if none after four — tom, DevOps Lead",
        "waived checks-passed — ruth, Executive Sponsor, until 31 December 2199: seen by eye",
        "borne by ruth, Executive Sponsor, until 31 December 2199: cheap to be wrong",
        "owner Product Lead: as stated, nothing was tried",
        "only if the rota is full; none after four go-with-conditions: tom has looked",
    ):
        assert words in told, told
    (release,) = (world.root / "releases").glob("*/1")
    html = bootstrap.report(release).decode()
    assert "checks-passed: waived by ruth, Executive Sponsor, until 31 December 2199" in html
    assert "risk-1: borne by ruth, Executive Sponsor, until 31 December 2199" in html
    say(world, "ines", "go-with-conditions", *(f"number {n} of the many is met" for n in range(9)))
    later = page(world).read_bytes()
    assert later.startswith(first), "a signed page is only added to"
    assert "number 0 of the many is met; number 1 of the many is met" in words_of(later)
    assert "more, in the report" in words_of(later)
    assert look(world).state is evidence.State.INTACT


@pytest.mark.needs("pdftotext")
def test_a_condition_that_went_stale_is_not_on_the_next_page(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.seal()
    say(world, "tom", "go-with-conditions", "the rota is full")
    say(world, "ines", "go-with-conditions", "somebody looks")
    world.add("asha", "dashboards/1")
    say(world, "ruth")
    told = words_of(max((world.root / "approvals").glob("*.pdf")).read_bytes())
    assert "only if the rota is full — tom, DevOps Lead, over seal 1" in told
    assert "somebody looks" not in told


@pytest.mark.needs("pdftotext")
def test_any_number_of_conditions_fits_on_one_page_and_the_rest_is_counted(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.seal()
    many = [f"{n}: " + "something long that has to be so first " * 5 for n in range(60)]
    done = say(world, "tom", "go-with-conditions", *many)
    assert not done.paper_problem
    made = bootstrap.approval_paper().make
    (release,) = (world.root / "releases").glob("*/1")
    assert made(release, done.decision) == made(release, done.decision)
    told = words_of(page(world).read_bytes())
    shown = told.count("— tom, DevOps Lead")
    assert shown >= 2
    assert f"and {60 - shown} more, in the report" in told
    assert pages_of(page(world).read_bytes()) == 1
