"""What only eyes can judge is kept when a second person has looked at it, and not before."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desk_world import ITEM, PIXEL, World
from golive.drillkit.records import Outcome
from golive.governance.eyes import needs_eyes
from golive.kernel.fidelity import Fidelity
from golive.rehearsal.asking import Request
from golive.rehearsal.board import unvouched
from golive.rehearsal.brought import seen_at

UPLOAD = Request(ITEM, "upload", ["QA Lead"])
CONFIRM = Request(ITEM, "confirm", ["QA Lead"])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.close()


def packed(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("notes.txt", content)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("content", "eyes"),
    [
        (b"All present.\n", False),
        ("Zoë: \x1b[32mok\x1b[0m\tdone\f\r\n".encode("utf-8-sig"), False),
        (b"", False),
        (PIXEL, True),
        (b"\xff\xd8\xff\xe0JFIF", True),
        (b"\0\0\0\x18ftypheic", True),
        (b"%PDF-1.7\n1 0 obj\n", True),
        (b"<SVG xmlns='http://www.w3.org/2000/svg'/>", True),
        (b"<img src='data:image/png;base64,iVBORw0KGgo='>", True),
        (b"text " * 300_000 + b"data:image/png;base64,iVBORw0KGgo=", True),
        (b"x" * ((1 << 20) - 9) + b" data:image/png;base64,aaaa", True),
        (b"attached:\n" + b"QUJDREVGR0hJSktM" * 200, True),
        (b"sha256 " + b"ab" * 32, False),
        (packed(b"hello"), True),
        ("All present.".encode("utf-16"), True),
        (b"half a letter \xc3", True),
    ],
)  # fmt: skip
def test_the_bytes_decide(content: bytes, eyes: bool) -> None:
    assert needs_eyes(io.BytesIO(content)) is eyes


def test_a_text_is_kept_at_once(world: World) -> None:
    minutes = world.keep("asha", "minutes.txt", b"All present.\n")
    world.hears(world.says("asha", "attach", minutes))
    answer = world.desk.ask(UPLOAD)
    assert (answer.outcome, list(answer.files)) == (Outcome.PASSED, [minutes])


def test_a_picture_called_a_text_waits_for_another_person(world: World) -> None:
    file = world.keep("asha", "minutes.txt", PIXEL)
    seen = seen_at(world.folder / "unvouched", file.sha256, file.path)
    assert seen.read_bytes() == PIXEL
    assert not world.vault.path(file.sha256).exists(), "it was in the vault before its time"
    world.hears(
        world.says("asha", "attach", file),
        world.says("asha", "vouch", digest=file.sha256),
        world.says("tom", "vouch", digest="0" * 64),
    )
    answer = world.desk.ask(replace(UPLOAD, within=None))
    assert answer.outcome is Outcome.EXPIRED, "the messages were used up, and it still waited"
    assert answer.files == []
    assert world.refusals() == ["asha brought this file, so somebody else looks at it"]
    assert not seen.exists()
    assert not world.vault.path(file.sha256).exists()


@pytest.mark.parametrize("first", ["attach", "vouch"])
def test_the_word_may_come_before_or_after(world: World, first: str) -> None:
    file = world.keep("asha", "dash.png", PIXEL, "image/png")
    said = [world.says("asha", "attach", file), world.says("tom", "vouch", digest=file.sha256)]
    world.hears(*(said if first == "attach" else reversed(said)))
    answer = world.desk.ask(UPLOAD)
    assert (answer.outcome, list(answer.files)) == (Outcome.PASSED, [file])
    with world.vault.open(file.sha256) as kept:
        assert kept.read() == PIXEL
    assert not (world.folder / "unvouched" / file.sha256[:12]).exists()


def test_who_waits_for_whom_is_told(world: World) -> None:
    file = world.keep("asha", "dash.png", PIXEL, "image/png")
    world.hears(world.says("asha", "attach", file))
    world.desk.ask(UPLOAD)
    assert unvouched(world.item()) == [{"path": file.path, "sha256": file.sha256, "by": "asha"}]


def test_another_version_voids_the_word(world: World) -> None:
    file = world.keep("asha", "dash.png", PIXEL, "image/png")
    other = world.keep("asha", "dash.png", PIXEL[:-12] + b"\0" * 12)
    assert other.path == file.path
    world.hears(
        world.says("asha", "attach", file),
        world.says("asha", "attach", other),
        world.says("tom", "vouch", digest=file.sha256),
    )
    assert world.desk.ask(UPLOAD).outcome is Outcome.EXPIRED
    world.hears(
        world.says("asha", "attach", file, comment="the first again"),
        world.says("nadia", "vouch", digest=file.sha256),
    )
    assert world.refusals() == []


def test_a_word_over_ones_own_file_counts_for_another_who_brings_it(world: World) -> None:
    """Person for person: tom's word was for asha's file; once tom brings it, it is his own."""
    file = world.keep("tom", "dash.png", PIXEL, "image/png")
    request = replace(UPLOAD, roles=["DevOps Lead"])
    world.hears(
        world.says("tom", "vouch", digest=file.sha256),
        world.says("tom", "attach", file),
    )
    assert world.desk.ask(request).outcome is Outcome.EXPIRED


def test_a_confirmed_step_waits_for_its_picture(world: World) -> None:
    file = world.keep("asha", "dash.png", PIXEL, "image/png")
    world.hears(
        world.says("asha", "attach", file),
        world.says("asha", "confirm"),
        world.says("tom", "vouch", digest=file.sha256),
    )
    answer = world.desk.ask(CONFIRM)
    assert answer.outcome is Outcome.PASSED
    assert [act.action for act in answer.acts] == ["attach", "confirm", "vouch"]


def test_what_shows_somebody_is_taken_back(world: World) -> None:
    file = world.keep("asha", "dash.png", PIXEL, "image/png")
    text = world.keep("asha", "figures.txt", b"p95 41 ms\n")
    world.hears(
        world.says("asha", "attach", file),
        world.says("tom", "withdraw", digest=file.sha256),
        world.says("tom", "withdraw", digest=file.sha256, comment="again"),
        world.says("asha", "attach", text),
    )
    answer = world.desk.ask(UPLOAD)
    assert (answer.outcome, list(answer.files)) == (Outcome.PASSED, [text])
    assert world.refusals() == ["no file with this digest waits for a second person's word"]
    assert list(world.item().artefacts) == [text.path]
    assert not world.vault.path(file.sha256).exists()
    assert not world.brought.aside.path(file.sha256).exists()


def test_a_skipped_step_keeps_what_was_vouched_for_and_no_more(world: World) -> None:
    good = world.keep("asha", "good.png", PIXEL, "image/png")
    other = world.keep("asha", "other.png", PIXEL + b"\0", "image/png")
    world.hears(
        world.says("asha", "attach", good, other),
        world.says("tom", "vouch", digest=good.sha256),
        world.says("asha", "skip"),
    )
    answer = world.desk.ask(UPLOAD)
    assert (answer.outcome, list(answer.files)) == (Outcome.SKIPPED, [good])


def test_files_are_what_is_said_of_them_or_refused(world: World) -> None:
    file = world.keep("asha", "minutes.txt", b"All present.\n")
    nowhere = "0" * 64
    for spoiled in (
        replace(file, path="codedeploy/lifecycle.json"),
        replace(file, path=f"attachments/{ITEM}/../../../golive/verdict.json"),
        replace(file, path="golive/roster.json"),
        replace(file, path=f"attachments/{ITEM}/a\u202eb.txt"),
        replace(file, fidelity=Fidelity.LIVE),
        replace(file, producer="cutover/1:shift"),
        replace(file, producer="person:tom"),
        replace(file, control="cutover/1"),
        replace(file, sha256=nowhere),
        replace(file, sha256="../" + nowhere[3:]),
        replace(file, size=1),
        replace(file, media_type="text/html; \ud7ff\n"),
        replace(file, captured_at="yesterday"),
    ):
        world.hears(world.says("asha", "attach", spoiled))
    clash = replace(
        file, path=file.path.upper().replace("ATTACHMENTS/CHECKS/1", "attachments/checks/1")
    )
    world.hears(world.says("asha", "attach", file, clash))
    world.hears(world.says("asha", "attach"), world.says("asha", "refuse", file))
    answer = world.desk.ask(UPLOAD)
    assert (answer.outcome, answer.files, answer.acts) == (Outcome.EXPIRED, [], [])
    assert len(world.refusals()) == 16, world.refusals()


def test_a_resumed_desk_judges_as_it_did(world: World) -> None:
    file = world.keep("asha", "dash.png", PIXEL, "image/png")
    said = [world.says("asha", "attach", file), world.says("tom", "vouch", digest=file.sha256)]
    world.hears(*said)
    first = world.desk.ask(UPLOAD)
    world.brought.drop(file)
    world.vault.path(file.sha256).unlink()  # a replay looks at nothing again
    world.inbox.replayed = 0
    world.hears(*said)
    assert world.new_desk(world.folder / "again.jsonl").ask(UPLOAD) == first
