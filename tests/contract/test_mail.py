"""One suite for everything that takes mail: a folder, and a real SMTP server on this machine."""

import asyncio
import email
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import pytest_asyncio

from storage.errors import MailAway, SettingMissing
from storage.mail import FolderMailer, Mail, Mailer, NoMailer, SmtpMailer, SmtpServer, open_mailer

MAIL = Mail(
    "ben@studio.test", "Ana invites you to “Night train”", "Come in:\nhttp://studio.test/join#join_x\n.\nBye.\n"
)


@dataclass(frozen=True)
class Side:
    mailer: Mailer
    taken: Callable[[], list[EmailMessage]]


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=default)


@asynccontextmanager
async def smtp(refuse: bool = False) -> AsyncIterator[tuple[int, list[EmailMessage]]]:
    """A server that speaks as much of RFC 5321 as a client says to it."""
    taken: list[EmailMessage] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                taken.append(parsed(body[:-3].replace(b"\r\n..", b"\r\n.")))
            elif word == b"RCPT" and refuse:
                writer.write(b"550 nobody of that name\r\n")
                continue
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 yes\r\n")
            if word == b"QUIT":
                break
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], taken


@pytest_asyncio.fixture(params=["folder", "smtp"])
async def side(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Side]:
    if request.param == "folder":
        folder = tmp_path / "mail"
        yield Side(FolderMailer(folder), lambda: [parsed(path.read_bytes()) for path in sorted(folder.glob("*.eml"))])
    else:
        async with smtp() as (port, taken):
            yield Side(SmtpMailer(SmtpServer("127.0.0.1", port, plain=True)), lambda: taken)


async def test_a_mail_arrives_as_it_was_written(side: Side) -> None:
    await side.mailer.send(MAIL)
    [message] = side.taken()
    assert (message["To"], message["Subject"]) == (MAIL.to, MAIL.subject)
    assert message["From"] and message["Date"] and message["Message-ID"]
    assert message.get_content().replace("\r\n", "\n") == MAIL.text


async def test_each_mail_is_one(side: Side) -> None:
    for number in range(3):
        await side.mailer.send(Mail("ben@studio.test", f"Number {number}", "Hello."))
    assert {message["Subject"] for message in side.taken()} == {"Number 0", "Number 1", "Number 2"}


async def test_nobody_puts_a_header_into_a_subject(side: Side) -> None:
    with pytest.raises(ValueError, match="Header"):
        await side.mailer.send(Mail("ben@studio.test", "Hello\r\nBcc: everybody@studio.test", "Hello."))
    assert side.taken() == []


async def test_what_is_not_taken_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with smtp(refuse=True) as (port, _):
        refusing: tuple[Mailer, ...] = (
            SmtpMailer(SmtpServer("127.0.0.1", port, plain=True)),
            SmtpMailer(SmtpServer("127.0.0.1", 1, plain=True)),
            SmtpMailer(SmtpServer("127.0.0.1", port)),  # it offers no TLS
            FolderMailer(tmp_path / "file" / "mail"),
            NoMailer(),
        )
        for mailer in refusing:
            with pytest.raises(MailAway):
                await mailer.send(MAIL)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("", NoMailer),
        ("file:///tmp/mail", FolderMailer),
        ("smtp://ana:p%40ss@mail.test", SmtpMailer),
        ("smtp+plain://127.0.0.1:25", SmtpMailer),
    ],
)
def test_a_url_says_where_mail_goes(url: str, kind: type[Mailer]) -> None:
    assert isinstance(open_mailer(url), kind)


@pytest.mark.parametrize("url", ["nonsense", "file://", "http://mail.test", "smtp:///nobody"])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(SettingMissing):
        open_mailer(url)
