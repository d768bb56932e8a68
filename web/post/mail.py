"""Owns a notice as a mail: its text, its head, and its place in the ticket's thread."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from engine.expressions import N_
from tickets.notices.deliveries import Letter
from web.config import Config
from web.post.links import path
from web.post.smtp import Refused
from web.post.wording import render, subject

LONGEST_SUBJECT = 180


def mail(letter: Letter, config: Config) -> EmailMessage:
    """The whole mail. Its id comes from the delivery's key: whoever gets it twice can tell. Raises Refused."""
    host = urlsplit(config.site).hostname or "gongdan.invalid"
    given = {"url": config.site + path(letter.about), "choices_url": f"{config.site}/me/notices"}
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject(letter)[:LONGEST_SUBJECT]
    message["From"] = _sender(letter, config, host)
    message["To"] = _recipient(letter)
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.key.replace(':', '.')}@{host}>"
    message["In-Reply-To"] = message["References"] = f"<{letter.about.leads or 'ticket'}.{letter.about_id}@{host}>"
    message["List-Unsubscribe"] = f"<{given['choices_url']}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(render("notice.txt", letter, **given))
    message.add_alternative(render("notice.html", letter, **given), subtype="html")
    return message


def _sender(letter: Letter, config: Config, host: str) -> Address:
    """The settings' address under the name of the brand, unless they name one."""
    name, address = parseaddr(config.mail_from or f"gongdan@{host}")
    return Address(_line(name or letter.brand), addr_spec=address)


def _recipient(letter: Letter) -> Address:
    try:
        if not _ADDRESS.fullmatch(letter.to):
            raise ValueError
        return Address(_line(letter.name), addr_spec=letter.to)
    except (ValueError, IndexError, MessageError):  # as the standard library's parser says no, in several ways
        raise Refused(N_("The address can't be written to")) from None


_ADDRESS = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+")


def _line(text: str) -> str:
    """Names come from people: nothing in them may begin another header."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
