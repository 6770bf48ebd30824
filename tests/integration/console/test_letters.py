"""Messages through a real mail server and a real channel: once each, whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from console_world import world
from decided_day import PLAYBOOK, prepare
from golive import bootstrap
from golive.adapters.smtp import Smtp
from golive.adapters.webhook import Webhook
from golive.console.post import Post
from golive.kernel.errors import BadInput
from golive.ports.notifier import Message, Notifier
from golive.ports.notify_settings import SmtpSettings
from golive.rehearsal.outbox import Outbox
from letter_world import Channel, MailServer, channel, mail_server

SUPPORT = Path(__file__).resolve().parents[2] / "support"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def room() -> Iterator[Channel]:
    with channel() as made:
        yield made


class Watch:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def smtp(server: MailServer) -> Smtp:
    return Smtp(
        SmtpSettings(
            host="127.0.0.1", port=server.port, sender="golive@rehearsal.example", security="plain"
        ),
        None,
    )


def states(outbox: Outbox) -> list[tuple[str, int]]:
    return [(one.state, one.tries) for one in outbox.letters()]


def deliver(outbox: Outbox, *ways: Notifier) -> int:
    assert outbox.hold()
    return outbox.deliver(ways, lambda _, person: f"{person}@rehearsal.example", "http://here")


def put(outbox: Outbox, way: str = "smtp") -> None:
    outbox.put("run/turn/tom", way, "run", "tom", "A launch: your turn", "/runs/run/steps/1")


def test_a_message_arrives_once_however_often_it_is_put(tmp_path: Path, mail: MailServer) -> None:
    outbox = Outbox(tmp_path)
    for _ in range(3):
        put(outbox)
        deliver(outbox, smtp(mail))
    ((to, letter),) = mail.taken
    assert to == "tom@rehearsal.example"
    assert letter["Subject"] == "A launch: your turn"
    assert letter["Message-ID"]
    assert "http://here/runs/run/steps/1" in str(letter.get_payload())
    assert states(outbox) == [("sent", 1)]
    outbox.close()


def test_a_long_title_arrives_whole(tmp_path: Path, mail: MailServer) -> None:
    outbox = Outbox(tmp_path)
    title = "Die Elektrizitätenhauptbetriebswerkübergabe und alles, was sonst noch ansteht, " * 8
    outbox.put("run/turn/tom", "smtp", "run", "tom", title, "/runs/run/steps/1")
    assert deliver(outbox, smtp(mail)) == 1
    ((_, letter),) = mail.taken
    subject = str(make_header(decode_header(letter["Subject"])))
    assert subject.split() == title.split()
    outbox.close()


def test_what_was_surely_not_taken_is_tried_again(tmp_path: Path, mail: MailServer) -> None:
    watch = Watch()
    outbox = Outbox(tmp_path, watch)
    put(outbox)
    mail.answers += ["451 later", "451 later"]
    for _ in range(2):
        assert deliver(outbox, smtp(mail)) == 0
        assert deliver(outbox, smtp(mail)) == 0, "it isn't due yet"
        watch.at += 60
    assert deliver(outbox, smtp(mail)) == 1
    assert states(outbox) == [("sent", 3)]
    assert len(mail.taken) == 1
    outbox.close()


def test_what_is_refused_for_good_is_given_up(tmp_path: Path, mail: MailServer) -> None:
    outbox = Outbox(tmp_path)
    put(outbox)
    mail.answers += ["550 never"]
    deliver(outbox, smtp(mail))
    (letter,) = outbox.letters()
    assert letter.state == "given up"
    assert "550 never" in letter.answer
    outbox.close()


def test_killed_between_handing_over_and_noting_it_is_never_sent_twice(
    tmp_path: Path, mail: MailServer
) -> None:
    paths = [str(SUPPORT), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "letter_world.delivering", str(tmp_path), str(mail.port)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        check=False,
    )
    assert done.returncode == -9
    assert len(mail.taken) == 1
    outbox = Outbox(tmp_path)
    put(outbox)
    assert deliver(outbox, smtp(mail)) == 0
    assert len(mail.taken) == 1
    (letter,) = outbox.letters()
    assert (letter.state, letter.answer) == (
        "unsure",
        "the process ended while it was handed over",
    )
    outbox.close()


def test_two_processes_and_one_delivers(tmp_path: Path) -> None:
    one, other = Outbox(tmp_path), Outbox(tmp_path)
    assert one.hold()
    assert not other.hold()
    one.close()
    assert other.hold()
    other.close()


@pytest.mark.parametrize(
    ("status", "state"), [(200, "sent"), (429, "waiting"), (404, "given up"), (500, "unsure"),
                          (0, "unsure")],
)  # fmt: skip
def test_a_channel_s_answers(tmp_path: Path, room: Channel, status: int, state: str) -> None:
    outbox = Outbox(tmp_path)
    put(outbox, "webhook")
    room.statuses.append(status)
    deliver(outbox, Webhook(lambda: room.url))
    assert [one.state for one in outbox.letters()] == [state]
    outbox.close()


def test_a_title_calls_nobody_in_the_channel(tmp_path: Path, room: Channel) -> None:
    title = Message("key", "", "subject", "<!channel> & all", "https://golive.example/me")
    Webhook(lambda: room.url).send(title)
    assert "&lt;!channel&gt; &amp; all" in str(room.taken)


def test_nobody_there_is_tried_again(tmp_path: Path, room: Channel) -> None:
    outbox = Outbox(tmp_path)
    put(outbox, "webhook")
    deliver(outbox, Webhook(lambda: "http://127.0.0.1:1/hook"))
    assert states(outbox) == [("waiting", 1)]
    deliver(outbox, Webhook(lambda: "http://elsewhere.example/hook"))
    outbox.close()
    assert not room.taken


def test_the_settings_keep_secrets_out_and_mail_protected(tmp_path: Path) -> None:
    file = tmp_path / "notify.toml"
    for text, why in (
        ('[smtp]\nhost="mail.example"\nport=25\nsender="a@b.example"\nsecurity="plain"\n', "plain"),
        ('[webhook]\nurl="https://hooks.example/T/B"\n', "url"),
        ('[smtp]\nhost="127.0.0.1"\nport=25\nsender="a@b.example"\nuser="u"\n', "belong together"),
        ("[pager]\n", "pager"),
    ):
        file.write_text(text)
        with pytest.raises(BadInput, match=why):
            bootstrap.notifiers(file)


def test_a_day_tells_each_what_waits_for_them_and_everybody_the_verdict(
    tmp_path: Path, mail: MailServer, room: Channel
) -> None:
    with world(tmp_path) as launch:
        prepare(launch)
        launch.start(PLAYBOOK)
        outbox = Outbox(launch.settings.folder)
        post = Post(launch.console.means, outbox, [smtp(mail), Webhook(lambda: room.url)])
        nadia = launch.person("nadia")
        page = launch.waiting("kick-off/1")
        for _ in range(2):
            post.once()
        assert [to.partition("@")[0] for to, _ in mail.taken] == ["nadia"]
        assert len(room.taken) == 1
        assert "(Programme Manager)" in room.taken[0]["text"]
        assert f"{launch.base}{page}" in room.taken[0]["text"]
        assert "Nadia" not in room.taken[0]["text"]
        nadia.send(nadia.form(page, "/nudge"))
        post.once()
        assert len(mail.taken) == 2
        form = nadia.form(f"/runs/{launch.folder.name}/abort", "/call")
        nadia.send(form, comment="the fire bell rings")
        launch.finish()
        for _ in range(2):
            post.once()
        told = [str(letter["Subject"]) for _, letter in mail.taken[2:]]
        assert sum("INCOMPLETE" in one for one in told) == 9
        assert {one.state for one in outbox.letters()} == {"sent"}
        shown = nadia.get("/people").text
        assert "The last messages" in shown
        assert "taken" in shown
        assert "The last messages" not in launch.person("asha").get("/people").text
        post.start()
        post.stop()
