"""E-mail by SMTP, where a server is configured. Best effort, in a thread, never in the way."""

from __future__ import annotations

import logging
import smtplib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from attendance.core import emails, texts
from attendance.core.settings import Settings

log = logging.getLogger("attendance")
TIMEOUT_SECONDS = 20
# What is to be looked up and sent at once; more is not sent.
MOST_LATER = 50


@dataclass(frozen=True)
class Email:
    """A plain text to one address."""

    to: str
    subject: str
    text: str
    # where an answer goes; None: to the sender
    reply_to: str | None = None
    # where a mail program ends messages like this one with one click (RFC 8058); None: nowhere
    unsubscribe: str | None = None


@dataclass(frozen=True)
class Words:
    """A message in the language of its reader; what differs from mail to mail stands in braces."""

    subject: str
    text: str

    def email(self, to: str, **values: object) -> Email:
        """The message to one address, with the values in place."""
        return Email(to, self.subject.format(**values), self.text.format(**values))


class Mailer:
    """Sends e-mail through the server of the settings SMTP_*."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._room = threading.BoundedSemaphore(MOST_LATER)

    @property
    def configured(self) -> bool:
        """Whether e-mail is sent at all."""
        return self._settings.smtp_host is not None

    def send(self, emails: list[Email]) -> threading.Thread | None:
        """Send in the background, over one connection; None where there is nothing to do.

        What fails is logged without addresses: links are shown to the teacher as well.
        """
        if not self.configured or not emails:
            return None
        thread = threading.Thread(
            target=self._deliver, args=(emails,), name="attendance-mail", daemon=True
        )
        thread.start()
        return thread

    def send_later(self, make: Callable[[], list[Email]]) -> threading.Thread | None:
        """Make and send in the background: the time that `make` takes shows nowhere."""
        if not self.configured:
            return None
        if not self._room.acquire(blocking=False):
            log.error("mail was not sent: too much waits to be sent")
            return None
        thread = threading.Thread(
            target=self._make, args=(make,), name="attendance-mail", daemon=True
        )
        thread.start()
        return thread

    def send_now(self, email: Email) -> tuple[str | None, bool]:
        """Send one, and say what went wrong (None: nothing), and whether trying again is of no use.

        For what is written down and sent by a thread of its own: the caller waits for the server.
        """
        try:
            with self._connection() as server:
                return (None, True) if self._sent(server, email) else ("refused", True)
        except (OSError, smtplib.SMTPException) as error:
            log.error("mail could not be sent: %s", type(error).__name__, extra=_fields(error))
            return type(error).__name__, False

    def _make(self, make: Callable[[], list[Email]]) -> None:
        try:
            made = make()
        except Exception:  # nobody else hears of what ends this thread
            log.exception("mail could not be made")
            made = []
        try:
            if made:
                self._deliver(made)
        finally:
            self._room.release()

    def _deliver(self, emails: list[Email]) -> None:
        sent = 0
        try:
            with self._connection() as server:
                for email in emails:
                    sent += self._sent(server, email)
        except Exception as error:  # nobody else hears of what ends this thread
            log.error("mail could not be sent: %s", error, extra=_fields(error))
        log.info("%d of %d e-mails were sent", sent, len(emails))

    def _sent(self, server: smtplib.SMTP, email: Email) -> bool:
        """Send one; False where it is this one that cannot be sent, which is logged.

        Raises:
            OSError, smtplib.SMTPServerDisconnected: there is no connection any more.
        """
        try:
            server.send_message(self._message(email))
        except (
            smtplib.SMTPResponseException,
            smtplib.SMTPRecipientsRefused,
            smtplib.SMTPNotSupportedError,  # an address with letters beyond ASCII
            ValueError,  # what no header can hold
        ) as error:
            log.warning("an e-mail was refused: %s", type(error).__name__, extra=_fields(error))
            return False
        return True

    def _connection(self) -> smtplib.SMTP:
        settings = self._settings
        host, port = str(settings.smtp_host), settings.smtp_port
        if settings.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
            if settings.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
        if settings.smtp_user is not None and settings.smtp_password is not None:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        return server

    def _message(self, email: Email) -> EmailMessage:
        if not email.to.isprintable() or " " in email.to:
            raise ValueError("this is no address")
        message = EmailMessage()
        sender = self._settings.smtp_from or f"attendance@{self._settings.smtp_host}"
        message["From"] = sender
        message["To"] = emails.for_mail(email.to)
        # A name that was kept before names were judged may end a line, and a header with it.
        message["Subject"] = texts.cleaned(email.subject)
        if email.reply_to:
            message["Reply-To"] = emails.for_mail(email.reply_to)
        if email.unsubscribe:
            message["List-Unsubscribe"] = f"<{email.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="attendance.invalid")
        message.set_content("\n".join(map(texts.cleaned, email.text.split("\n"))))
        return message


def _fields(error: Exception) -> dict[str, Any]:
    return {"fields": {"mail_error": type(error).__name__}}
