"""A mail server (aiosmtpd) that keeps what it takes, or refuses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.stack import free_ports


class Mail(NamedTuple):
    to: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain", "html"))
        assert body is not None
        return str(body.get_content())


class MailServer:
    """`says` is its answer to a mail."""

    def __init__(self, port: int, says: str) -> None:
        self.port, self.says, self.mails = port, says, list[Mail]()

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        content = envelope.original_content
        assert content is not None
        self.mails.append(Mail(list(envelope.rcpt_tos), message_from_bytes(content, policy=default)))
        return self.says


@contextmanager
def smtp_server(says: str = "250 OK") -> Iterator[MailServer]:
    """It runs in a thread of its own, and answers when this is entered."""
    server = MailServer(free_ports(1)[0], says)
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
