"""What people bring, whatever it is called: all but plain text needs a second person's word, and
the word is for those bytes alone."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from console_world import PIXEL, World, said
from golive.console import files

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
| 09:30–10:00 | [Checks](#checks) | QA Lead | |

## Checks
- [ ] Minutes are kept (upload: the minutes)
"""
_WEBP = b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0ANIM\x06\0\0\0ANMF"
HIDDEN = {
    "photo.txt": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",  # HEIC, renamed
    "scan.csv": b"MM\0*\0\0\0\x08\0\0",  # TIFF
    "scan.md": b"II*\0\x08\0\0\0\0\0",
    "drawn.txt": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='x'/></svg>",
    "moving.log": _WEBP,
    "scan.json": b"%PDF-1.7\n1 0 obj << /Subtype /Image >>",
    "paper.docx": b"PK\x03\x04word/media/image1.png",
    "packed.txt": zlib.compress(b"a picture"),
    "inside.md": b"![a](data:image/png;base64,iVBORw0KGgo=)",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_kinds_that_hide_behind_a_name(name: str) -> None:
    kind = files.media_type(name, HIDDEN[name])
    assert (kind in files.SHOWN) == (name == "moving.log")


def test_the_second_word_can_t_be_got_round(day: World) -> None:
    run = day.start(DAY)
    asha = day.person("asha")
    step = day.waiting("checks/1")
    for name, content in HIDDEN.items():
        form = asha.form(step, "/uploads")
        answer = asha.send(form, {"file": (name, content, "text/plain")})
        assert "A second person's word is needed" in answer.text, name
        assert not [one for one in asha.forms(answer.url.path) if one.action.endswith("/confirm")]

    # Asked for all the same, with the form of another file: it fits no other address.
    first = asha.bring(step, "one.png", PIXEL).url.path
    form = asha.form(asha.bring(step, "one.txt", b"All are here.\n").url.path, "/confirm")
    form.action = f"/runs/{run}/uploads/{first.rpartition('/')[2]}/confirm"
    assert asha.send(form).status_code == 403
    # Who brought it can't give the word.
    form = day.person("nadia").form(first, "/vouch")
    assert asha.send(form, action="clean").status_code == 403


def test_a_word_is_for_those_bytes(day: World) -> None:
    day.start(DAY)
    asha, nadia = day.person("asha"), day.person("nadia")
    step = day.waiting("checks/1")
    first = asha.bring(step, "room.png", PIXEL).url.path
    assert "on record" in said(nadia.send(nadia.form(first, "/vouch"), action="clean"))
    # Another version needs another word.
    second = asha.bring(step, "room.png", PIXEL + b"more").url.path
    assert "A second person's word is needed" in asha.get(second).text
    # What was laid in the place of the file that was looked at is not kept.
    folder = day.settings.folder / "uploads" / first.rpartition("/")[2]
    (folder / "room.png").write_bytes(PIXEL + b"other")
    told = asha.send(asha.form(first, "/confirm"))
    assert told.status_code == 400
    assert "not the file that was brought" in said(told)
    (folder / "room.png").write_bytes(PIXEL)
    assert "kept as evidence" in said(asha.send(asha.form(first, "/confirm")))
    vault = Path(str(day.finish()["vault"]))
    kept = [one for one in (vault / "data").rglob("*") if one.is_file()]
    assert [one for one in kept if one.read_bytes() == PIXEL]
    assert not [one for one in kept if one.read_bytes().startswith(PIXEL + b"more")]


def test_what_a_picture_carries_unseen_is_told() -> None:
    assert files.unseen(PIXEL) == []
    told = files.unseen(b"\xff\xd8\xff\xe1\0\x10Exif\0\0" + b"x" * 9)
    assert len(told) == 1
    assert "camera" in told[0]
    assert files.unseen(_WEBP) == ["more than one image: it moves"]
