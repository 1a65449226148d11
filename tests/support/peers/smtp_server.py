"""A real SMTP server, aiosmtpd, in a thread of its own: what came, and refusing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.stack import free_ports


class Mail(NamedTuple):
    """`to`: whom the envelope names."""

    to: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        """Of every part that is words."""
        parts = [part for part in self.message.walk() if part.get_content_maintype() == "text"]
        return "\n".join(part.get_content() for part in parts)


class SmtpServer:
    """`answer` to every message: `250 OK`, or a refusal."""

    def __init__(self) -> None:
        self.port, self.mails = free_ports(1)[0], list[Mail]()
        self.answer = "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(Mail(envelope.rcpt_tos, message))
        return self.answer


@contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    """Answers when this enters, on a free port."""
    server = SmtpServer()
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
