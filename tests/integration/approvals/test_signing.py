"""Approval pages made from sealed releases, signed in turn, and checked by other people's eyes."""

from __future__ import annotations

import io
import subprocess
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.fields import MDPPerm
from pyhanko_certvalidator.registry import SimpleCertificateStore

from golive import bootstrap
from golive.evidence.approvals import LARGEST, examine, look_at_file, signatures
from golive.evidence.keys import SigningKey
from golive.kernel.errors import BadInput
from golive.report.approval import SEAL_KEYWORD, ApprovalPaper
from report_world import World, day, whole

ROLES = ("Compliance Lead", "DevOps Lead", "Product Engineering Lead", "Executive Sponsor")
PEOPLE = ("Nadia Okoro", "Tom Hale", "Ida Brandt", "Vera Lindqvist")
KEYS_FROM = datetime(2020, 1, 1, tzinfo=UTC)
KEYS = {person: SigningKey.generate() for person in PEOPLE}
PLAYBOOK = f"""---
golive: 1
release: "2.0"
date: 2024-05-30
---
# A launch of Ærø

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00 | [People](#people) | QA Lead | |

## People
- [ ] Everybody was told

## Sign-off
{chr(10).join(f"- **{role}**: what the {role} answers for, [people](#people)." for role in ROLES)}
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = World(tmp_path_factory.mktemp("world"), source=PLAYBOOK, events=day())
    return world.seal()


@pytest.fixture(scope="module")
def base(release: Path) -> bytes:
    return bootstrap.approval_paper().make(release)


def by(pdf: bytes, role: str, person: str, comment: str = "go") -> bytes:
    at = datetime(2024, 5, 30, 17, 5, tzinfo=UTC)
    return ApprovalPaper().sign(
        pdf, role=role, person=person, at=at, key=KEYS[person], comment=comment
    )


@pytest.fixture(scope="module")
def pages(base: bytes) -> Sequence[bytes]:
    """The page with no signature, with one, … with all four."""
    found = [base]
    for role, person in zip(ROLES, PEOPLE, strict=True):
        found.append(by(found[-1], role, person))
    return found


def pdfsig(pdf: bytes, folder: Path) -> str:
    path = folder / "page.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
    return done.stdout


def with_page(pdf: bytes) -> bytes:
    """A page added the way an editor saves it: after everything that was there."""
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    tree = writer.root["/Pages"]
    box = ArrayObject(list(map(NumberObject, (0, 0, 595, 842))))
    page = DictionaryObject(
        {NameObject("/Type"): NameObject("/Page"), NameObject("/MediaBox"): box}
    )
    page[NameObject("/Parent")] = writer.root.raw_get("/Pages")
    tree["/Kids"].append(writer.add_object(page))
    tree[NameObject("/Count")] = NumberObject(2)
    writer.update_container(tree)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_same_vault_gives_the_same_bytes(release: Path, base: bytes) -> None:
    assert bootstrap.approval_paper().make(release) == base


@pytest.mark.parametrize("number", range(5))
def test_nothing_is_wrong_after_any_number_of_signatures(
    pages: Sequence[bytes], number: int
) -> None:
    assert examine(pages[number]) == []
    found = signatures(pages[number])
    assert [(one.role, one.person) for one in found] == list(
        zip(ROLES[:number], PEOPLE[:number], strict=True)
    )
    assert [one.key_id for one in found] == [KEYS[one.person].key_id for one in found]
    assert pages[number].startswith(pages[0])


@pytest.mark.needs("pdfsig")
@pytest.mark.parametrize("number", range(1, 5))
def test_pdfsig_calls_each_valid_and_the_whole_document_signed(
    pages: Sequence[bytes], number: int, tmp_path: Path
) -> None:
    said = pdfsig(pages[number], tmp_path)
    assert said.count("Signature is Valid.") == number
    assert said.count("ETSI.CAdES.detached") == number
    assert said.count("is not signed") == len(ROLES) - number
    # The last one to have signed covers everything; each before it, everything up to itself.
    assert said.count("- Total document signed") == 1
    assert said.count("- Not total document signed") == number - 1


@pytest.mark.needs("pdfsig")
def test_a_page_added_after_signing_is_found_where_pdfsig_calls_the_signatures_valid(
    pages: Sequence[bytes], tmp_path: Path
) -> None:
    edited = with_page(pages[4])
    said = pdfsig(edited, tmp_path)
    assert said.count("Signature is Valid.") == 4
    assert "- Total document signed" not in said
    found = examine(edited)
    assert any("more than the one page" in one for one in found)
    assert any("doesn't cover the whole document" in one for one in found)
    assert sum("was changed after" in one for one in found) == 4


@pytest.mark.needs("pdfsig")
def test_a_digest_mismatch_is_found_by_both(pages: Sequence[bytes], tmp_path: Path) -> None:
    at = pages[1].index(b"/Contact")
    edited = pages[1][:at] + b"/cONTACT" + pages[1][at + 8 :]
    assert "Digest Mismatch" in pdfsig(edited, tmp_path)
    assert any("the page was edited" in one for one in examine(edited))


def test_a_page_added_before_a_later_signature_is_found(pages: Sequence[bytes]) -> None:
    """The last signature covers the whole document then, and the earlier ones say otherwise."""
    edited = by(with_page(pages[1]), ROLES[1], PEOPLE[1])
    found = examine(edited)
    assert not any("whole document" in one for one in found)
    assert any(f"changed after the {ROLES[0]}'s signature" in one for one in found)


def test_a_signature_cut_off_leaves_the_others_good(pages: Sequence[bytes]) -> None:
    """Truncated to an earlier state the page is what it was then: the ledger's digest tells."""
    assert examine(pages[3][: len(pages[2])]) == []


def test_each_role_signs_once_and_only_if_asked(pages: Sequence[bytes]) -> None:
    with pytest.raises(BadInput, match="signed this approval already"):
        by(pages[1], ROLES[0], PEOPLE[1])
    with pytest.raises(BadInput, match="asks for no signature"):
        by(pages[1], "Intern", PEOPLE[1])
    with pytest.raises(BadInput, match="can't be signed"):
        by(b"%PDF-1.7\nnothing", ROLES[0], PEOPLE[0])


def test_a_certificate_that_nobody_vouches_for_is_found(base: bytes) -> None:
    """Signed with the right tool, in the right field, by a certificate out of the blue."""
    assert examine(_by_a_stranger(base)) == [
        f"the {ROLES[0]}'s signature is by a certificate that no person's key vouches for"
    ]


def _by_a_stranger(pdf: bytes) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, PEOPLE[0])])
    until = datetime(2050, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, KEYS_FROM, until)
    usage = x509.KeyUsage(True, True, *[False] * 7)
    certificate = made.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    signer = signers.SimpleSigner(
        asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(
            key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        ),
        SimpleCertificateStore(),
    )
    meta = signers.PdfSignatureMetadata(
        field_name=ROLES[0], certify=True, docmdp_permissions=MDPPerm.FILL_FORMS
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    signed: io.BytesIO = signers.sign_pdf(writer, meta, signer, existing_fields_only=True)
    return signed.getvalue()


def _bomb(_: bytes) -> bytes:
    """A cross-reference stream of 600 MB in 600 kB."""
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(bytes(1 << 20)) for _ in range(600)) + packed.flush()
    head = b"<</Type/XRef/Size 3/W[1 2 1]/Root 2 0 R/Filter/FlateDecode/Length %d>>" % len(data)
    body = b"1 0 obj\n" + head + b"\nstream\n" + data + b"\nendstream\nendobj\n"
    return b"%PDF-1.7\n" + body + b"startxref\n9\n%%EOF\n"


def _nested(_: bytes) -> bytes:
    """Lists in lists, a hundred thousand deep."""
    body = b"1 0 obj\n" + b"[" * 100_000 + b"]" * 100_000 + b"\nendobj\n"
    table = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n"
    end = b"trailer<</Size 2/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (9 + len(body))
    return b"%PDF-1.7\n" + body + table + end


HOSTILE: Sequence[tuple[str, Callable[[bytes], bytes]]] = (
    ("empty", lambda _: b""),
    ("no PDF", lambda _: b"\0" * 4096),
    ("half", lambda pdf: pdf[: len(pdf) // 2]),
    (
        "a loop of sections",
        lambda _: b"%PDF-1.7\nxref\n0 0\ntrailer<</Prev 9/Size 1>>\nstartxref\n9\n%%EOF",
    ),
    ("a bomb", _bomb),
    ("nested", _nested),
    ("its tail", lambda pdf: pdf[3000:]),
    ("a name for a number", lambda pdf: pdf.replace(b"/ByteRange [0 ", b"/ByteRange [/x", 1)),
)


@pytest.mark.parametrize(("name", "spoil"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_what_is_no_page_ends_in_a_finding(
    pages: Sequence[bytes], name: str, spoil: Callable[[bytes], bytes]
) -> None:
    assert len(examine(spoil(pages[2]))) >= 1


def test_a_file_is_examined_in_a_process_of_its_own(pages: Sequence[bytes], tmp_path: Path) -> None:
    good, bad, link = tmp_path / "good.pdf", tmp_path / "bad.pdf", tmp_path / "link.pdf"
    good.write_bytes(pages[4])
    bad.write_bytes(pages[4] + b"% more\n")
    link.symlink_to(good)
    found = look_at_file(good)
    assert (found.problems, found.unreadable) == ([], "")
    assert found.signatures == signatures(pages[4])
    assert any("whole document" in one for one in look_at_file(bad).problems)
    assert "can't be read" in look_at_file(link).unreadable
    assert "can't be read" in look_at_file(tmp_path / "none.pdf").unreadable
    assert examine(b"%" * (LARGEST + 1)) == ["it is larger than an approval can be (20 MB)"]


@pytest.mark.needs("pdfsig")
def test_the_page_is_one_is_tagged_and_says_what_it_is_about(
    base: bytes, release: Path, tmp_path: Path
) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(base)
    asked = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True)
    said = asked.stdout
    assert asked.stderr == "", "a reader that complains is one that people stop believing"
    facts = {k.strip(): v.strip() for k, _, v in (one.partition(":") for one in said.splitlines())}
    assert (facts["Pages"], facts["Tagged"]) == ("1", "yes")
    assert facts["Title"] == "Approval: A launch of Ærø"
    assert facts["Keywords"].startswith(SEAL_KEYWORD)
    command = ["pdfinfo", "-struct-text", path]
    read = subprocess.run(command, capture_output=True, check=True).stdout.decode(errors="replace")
    assert read.count("Form") == len(ROLES)
    for word in (*ROLES, "Everybody was told", "A practice: no person took part"):
        assert word in read


def test_a_long_day_still_fits_on_one_page(tmp_path: Path) -> None:
    from golive.report.approval import ledger_head, sheet_of
    from golive.report.source import read

    paper, source = ApprovalPaper(), read(whole(tmp_path))
    sheet = sheet_of(source, ledger_head(source.sealed.seal.path))
    assert sheet.reasons.rows
    told = [f"{one.word} {one.text}" for one in sheet.open.rows]
    assert "QA Lead approves blue-green (2 persons)" in told, told
    from dataclasses import replace

    from golive.drillkit.approval_sheet import Listing, Role, boxes, typeset

    many = replace(
        sheet,
        reasons=Listing([*sheet.reasons.rows] * 60, ""),
        open=Listing([*sheet.open.rows] * 90, ""),
        roles=[Role(f"Role {n}", "words " * 40) for n in range(24)],
    )
    assert typeset(many) == typeset(many)
    assert len(boxes(many.roles)) == 24
    with pytest.raises(BadInput, match="holds 24"):
        boxes([*many.roles, many.roles[0]])
    assert examine(paper.make(source.sealed.seal.path)) == []
