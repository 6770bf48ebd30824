"""E-mail by the standard library."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP

from golive.ports.notifier import Message, NotTaken, Unclear
from golive.ports.notify_settings import SmtpSettings

_SECONDS = 15.0


class Smtp:
    """`golive.ports.notifier.Notifier`. One connection a message: there are few."""

    channel = "smtp"
    personal = True

    def __init__(self, settings: SmtpSettings, password: Callable[[], str] | None) -> None:
        self._settings, self._password = settings, password
        self._where = f"{settings.host}:{settings.port}"

    def send(self, message: Message) -> str:
        mail = _mail(message, self._settings.sender)
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise _not_taken("the mail server can't be reached", error, self._where) from error
        try:
            return self._hand_over(server, mail, message.address)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _open(self) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if self._settings.security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=_SECONDS)
        try:
            if self._settings.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self._password is not None:
                server.login(self._settings.user, self._password())
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, mail: EmailMessage, address: str) -> str:
        try:
            server.ehlo_or_helo_if_needed()
            for code, said in (server.mail(self._settings.sender), server.rcpt(address)):
                if code not in (250, 251):
                    raise NotTaken(_said(code, said), again=code < 500, where=self._where)
        except (OSError, smtplib.SMTPException) as error:
            raise _not_taken("the mail server broke off", error, self._where) from error
        try:
            code, said = server.data(mail.as_bytes(policy=SMTP))  # CRLF, as RFC 5321 §2.3.8 has it
        except smtplib.SMTPDataError as error:
            raise _not_taken("the message was not taken", error, self._where) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unclear("no answer after the message was handed over", where=self._where) from (
                error
            )
        if code != 250:
            raise NotTaken(_said(code, said), again=code < 500, where=self._where)
        return _said(code, said)


def _mail(message: Message, sender: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.address, message.subject
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: nobody's holiday reply comes back
    mail.set_content(f"{message.text}\n\n{message.link}\n")
    return mail


def _said(code: int, said: bytes) -> str:
    return f"{code} {said.decode('utf-8', 'replace')[:200]}"


def _not_taken(what: str, error: Exception, where: str) -> NotTaken:
    code = getattr(error, "smtp_code", 0)
    return NotTaken(f"{what} ({type(error).__name__})", again=not 500 <= code < 600, where=where)
