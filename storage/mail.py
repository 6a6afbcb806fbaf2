"""Mail that leaves the studio: to an SMTP server, or into a folder that whoever runs the studio reads.

What a mail says is written by the services. One attempt: whoever sends decides what a failure means.
"""

import asyncio
import os
import secrets
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from storage.errors import MailAway, SettingMissing

TIMEOUT_S = 10.0
SMTP_PORT = 587
SENDER = "StoryForge <studio@localhost>"


@dataclass(frozen=True, slots=True)
class Mail:
    """Plain text to one address. `subject`: one line."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Somewhere to bring mail."""

    async def send(self, mail: Mail) -> None:
        """Returns when the mail was taken. Raises `MailAway`."""


class FolderMailer:
    """Each mail becomes one `.eml` file; nothing is delivered."""

    def __init__(self, folder: Path, sender: str = SENDER) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        try:
            await asyncio.to_thread(self._write, _message(mail, self._sender))
        except OSError as error:
            raise MailAway(f"{self._folder}: {error.strerror}") from error

    def _write(self, message: EmailMessage) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f".{secrets.token_hex(8)}"
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it holds a token
        with os.fdopen(handle, "wb") as file:
            file.write(message.as_bytes(policy=SMTP))
        unfinished.replace(self._folder / f"{secrets.token_hex(8)}.eml")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`plain`: without TLS, for a server on this machine."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    plain: bool = False


class SmtpMailer:
    """Each mail on a connection of its own, with STARTTLS and a certificate that is checked."""

    def __init__(self, server: SmtpServer, sender: str = SENDER) -> None:
        self._server = server
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        try:
            await asyncio.to_thread(self._deliver, _message(mail, self._sender))
        except (OSError, smtplib.SMTPException) as error:
            raise MailAway(f"{self._server.host}: {type(error).__name__}") from error

    def _deliver(self, message: EmailMessage) -> None:
        server = self._server
        with smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S) as smtp:
            if not server.plain:
                smtp.starttls(context=ssl.create_default_context())
            if server.user is not None:
                smtp.login(server.user, server.password or "")
            smtp.send_message(message)


class NoMailer:
    """A studio that was not told where mail goes."""

    async def send(self, mail: Mail) -> None:
        raise MailAway("STORYFORGE_MAIL_URL is not set")


def open_mailer(url: str, sender: str = SENDER) -> Mailer:
    """`file:///folder`, `smtp://user:password@host:587`, or `smtp+plain://host:25`; empty: none.

    Raises `SettingMissing`.
    """
    parts = urlsplit(url)
    if not url:
        return NoMailer()
    if parts.scheme == "file" and parts.path:
        return FolderMailer(Path(unquote(parts.path)), sender)
    if parts.scheme in ("smtp", "smtp+plain") and parts.hostname:
        user, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
        plain = parts.scheme == "smtp+plain"
        return SmtpMailer(SmtpServer(parts.hostname, parts.port or SMTP_PORT, user, password, plain), sender)
    raise SettingMissing(
        "STORYFORGE_MAIL_URL must be file:///folder, smtp://user:password@host:587 or smtp+plain://host:25"
    )


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain="storyforge.invalid")
    message.set_content(mail.text)
    return message
