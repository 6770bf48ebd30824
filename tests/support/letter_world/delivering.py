"""A process that hands one message over and is killed before it can note that it was taken.

python -m letter_world.delivering FOLDER PORT
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from golive.adapters.smtp import Smtp
from golive.ports.notifier import Message
from golive.ports.notify_settings import SmtpSettings
from golive.rehearsal.outbox import Outbox


class Dying(Smtp):
    def send(self, message: Message) -> str:
        super().send(message)
        os.kill(os.getpid(), signal.SIGKILL)
        return ""


def main(folder: str, port: str) -> None:
    outbox = Outbox(Path(folder))
    outbox.put("run/turn/tom", "smtp", "run", "tom", "your turn", "/me")
    assert outbox.hold()
    settings = SmtpSettings(
        host="127.0.0.1", port=int(port), sender="golive@rehearsal.example", security="plain"
    )
    outbox.deliver([Dying(settings, None)], lambda *_: "tom@rehearsal.example", "http://here")


main(*sys.argv[1:])
