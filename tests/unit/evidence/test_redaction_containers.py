"""What lies inside archives, pictures and PDFs is looked into; the pixels and the rest stay."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Sequence

import pytest

from golive.evidence.redact import Redaction, Redactor, SecretInBinary, archives
from golive.evidence.redact.pictures import PNG, TooMuchText

REDACTOR = Redactor(["correct-horse-battery"], ["rehearsal.example"])
LETTER = b"mail jo.bloggs@corp.com or asha@rehearsal.example\n"
PASSWORD = b'{"password": "hunter2-really"}'


def cleaned(data: bytes, media_type: str) -> tuple[bytes, Sequence[Redaction]]:
    return REDACTOR.bytes(data, media_type)


def zipped(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return sink.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return sink.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return PNG + head + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def exif(*, gps: bool) -> bytes:
    """The first directory with one entry."""
    tag = 0x8825 if gps else 0x0112
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHII", 1, tag, 4, 1, 0) + b"\0\0\0\0"


def test_a_zip_is_packed_again_without_what_must_go() -> None:
    data, log = cleaned(
        zipped({"notes/letter.txt": LETTER, "b.json": PASSWORD, "c.txt": b"plain"}),
        "application/zip",
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["notes/letter.txt", "b.json", "c.txt"]
        letter = archive.read("notes/letter.txt")
        assert b"jo.bloggs" not in letter
        assert b"asha@rehearsal.example" in letter
        assert b"hunter2" not in archive.read("b.json")
        assert archive.read("c.txt") == b"plain"
    assert {one.kind for one in log} == {"email", "password"}
    assert any("in notes/letter.txt:" in one.why for one in log)
    assert cleaned(data, "application/zip") == (data, [])


def test_an_archive_with_nothing_in_it_that_must_go_stays_to_the_byte() -> None:
    for data in (zipped({"a": b"x"}), tarred({"a": b"x"}), gzip.compress(b"plain text")):
        assert cleaned(data, "application/octet-stream") == (data, [])


def test_archives_in_archives_are_opened_too() -> None:
    inner = zipped({"letter.txt": LETTER})
    for outer in (tarred({"in.zip": inner}), gzip.compress(inner), zipped({"in.zip": inner})):
        data, log = cleaned(outer, "application/octet-stream")
        assert [one.kind for one in log] == ["email"]
        assert cleaned(data, "application/octet-stream") == (data, [])
    deep = inner
    for _ in range(6):
        deep = zipped({"in.zip": deep})
    _, log = cleaned(deep, "application/zip")
    assert [one.kind for one in log] == ["unsearched"]


def test_a_secret_in_a_packed_picture_or_a_name_is_refused() -> None:
    binary = b"\x89PNG\0\0correct-horse-battery"
    with pytest.raises(SecretInBinary):
        cleaned(zipped({"a.bin": binary}), "application/zip")
    with pytest.raises(SecretInBinary, match="name in an archive"):
        cleaned(zipped({"jo.bloggs@corp.com.txt": b"x"}), "application/zip")


def test_an_encrypted_member_is_told_and_a_broken_archive_too() -> None:
    data = bytearray(zipped({"a.txt": b"x" * 50}))
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1  # the flag in the central directory
    kept, log = cleaned(bytes(data), "application/zip")
    assert kept == bytes(data)
    assert [(one.kind, "encrypted" in one.why) for one in log] == [("unsearched", True)]
    for broken in (zipped({"a": b"x" * 99})[:-30], gzip.compress(b"x" * 999)[:20]):
        kept, log = cleaned(broken, "application/octet-stream")
        assert (kept, [one.kind for one in log]) == (broken, ["unsearched"])


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_ENOUGH", 1 << 20)
    for bomb in (gzip.compress(bytes(4 << 20), 9), zipped({"zeros": bytes(4 << 20)})):
        with pytest.raises(archives.Bomb, match="unpacks to too much"):
            cleaned(bomb, "application/octet-stream")


def test_text_beside_the_pixels_goes_and_the_pixels_stay() -> None:
    told = chunk(b"tEXt", b"Author\0jo.bloggs@corp.com")
    packed = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"token: abcdefgh12345678"))
    harmless = chunk(b"tEXt", b"Software\0Matplotlib")
    data, log = cleaned(png(told, harmless, packed, chunk(b"eXIf", exif(gps=True))), "image/png")
    assert data == png(harmless)
    assert sorted({one.kind for one in log}) == ["email", "location", "token"]
    keeps = png(harmless, chunk(b"eXIf", exif(gps=False)))
    assert cleaned(keeps, "image/png") == (keeps, [])


def test_no_picture_hides_a_secret_behind_more_text_than_is_read() -> None:
    secret = b"password: hunter2-really"
    long = b"Comment\0\0" + zlib.compress(b" " * (17 << 20) + secret)
    many = [chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * (3 << 20)))] * 2
    for chunks in ([chunk(b"zTXt", long)], many, [chunk(b"tEXt", b"a\0" + b" " * (5 << 20))]):
        with pytest.raises(TooMuchText, match="can't be searched"):
            cleaned(png(*chunks), "image/png")


def test_a_photograph_loses_where_and_by_whom_it_was_taken() -> None:
    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">HH", marker, len(data) + 2) + data

    scan = segment(0xFFDA, b"\0" * 6) + b"\x12\x34\xff\xd9"
    place = segment(0xFFE1, b"Exif\0\0" + exif(gps=True))
    note = segment(0xFFFE, b"call jo.bloggs@corp.com")
    plain = segment(0xFFE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    data, log = cleaned(b"\xff\xd8" + plain + place + note + scan, "image/jpeg")
    assert data == b"\xff\xd8" + plain + scan
    assert {one.kind for one in log} == {"email", "location"}


def pdf(text: str, title: str = "A form") -> bytes:
    """A real document, its text packed as usual."""
    import typst

    source = f'#set document(title: "{title}", date: none)\n{text}'
    return bytes(typst.compile(source.encode()))


def test_a_pdf_is_searched_and_refused_with_its_reason() -> None:
    harmless = pdf("Acknowledged by asha\\@rehearsal.example")
    assert cleaned(harmless, "application/pdf") == (harmless, [])
    with pytest.raises(SecretInBinary, match="page 1: an e-mail address outside"):
        cleaned(pdf("Write to jo.bloggs\\@corp.com today"), "application/pdf")
    with pytest.raises(SecretInBinary, match="its Title"):
        cleaned(pdf("x", title="for jo.bloggs@corp.com"), "application/pdf")
    with pytest.raises(SecretInBinary, match="this one must not be kept"):
        cleaned(pdf("the word is correct-horse-battery"), "application/pdf")


def test_a_pdf_that_cannot_be_read_is_kept_and_told() -> None:
    broken = pdf("x")[:400]
    kept, log = cleaned(broken, "application/pdf")
    assert kept == broken
    assert [one.kind for one in log] == ["unsearched"]


def test_a_pdf_that_would_take_for_ever_to_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from golive.evidence.redact import papers

    monkeypatch.setattr(papers, "_MOST_DRAWING", 40)
    document = pdf("A page with more than forty bytes of instructions")
    kept, log = cleaned(document, "application/pdf")
    assert kept == document
    assert [one.why for one in log] == ["a PDF with over 0 MiB on one page"]
    monkeypatch.undo()
    monkeypatch.setattr(papers, "_MOST_DRAWN", 1500)
    several = pdf("Some words for every page.\n#pagebreak()\n" * 30)
    kept, log = cleaned(several, "application/pdf")
    assert kept == several
    assert [one.why for one in log] == ["a PDF with over 0 MiB on its pages"]


def test_of_a_pdf_that_unpacks_to_too_much_the_rest_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from golive.evidence.redact import papers

    monkeypatch.setattr(papers, "_MOST_UNPACKED", 100)
    document = pdf("A page whose font alone is longer than that")
    kept, log = cleaned(document, "application/pdf")
    assert kept == document
    assert [one.why for one in log] == ["what is beyond 0 MiB of a PDF"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_can_not_hide_one_another() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.txt", LETTER)
        archive.writestr("a.txt", b"plain")
    with pytest.raises(SecretInBinary, match="two files of one name"):
        cleaned(sink.getvalue(), "application/zip")
