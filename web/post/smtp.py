"""Owns the way to the mail server: its address from the settings, and handing one mail over."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from engine.expressions import N_
from engine.jobs import NotNow
from web.post.trouble import because

TIMEOUT = 10
"""Seconds for each answer of the server."""
PORTS: Mapping[str, int] = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Unreachable(NotNow):
    """It may work later: the server is away, busy, or refuses for now."""


class Refused(Exception):
    """It never will: the address is wrong, or the server says no."""


@dataclass(frozen=True, slots=True)
class Server:
    """`scheme`: smtp (encrypted when offered), smtp+starttls (always), smtps (from the start)."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""


def read_server(text: str) -> Server:
    """smtps://user:password@host:port; raises ValueError that says what is wrong."""
    parts = urlsplit(text)
    if parts.scheme not in PORTS:
        raise ValueError(f"begin with one of {', '.join(f'{scheme}://' for scheme in PORTS)}")
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("write scheme://user:password@host:port and nothing more")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], user, password)


def greet(server: Server) -> None:
    """Sign in and leave again. Raises Unreachable, Refused."""
    try:
        with _connected(server):
            pass
    except smtplib.SMTPResponseException as error:
        raise Refused(because(N_("The mail server answered with an error"), error.smtp_code)) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(because(N_("The mail server can't be reached"), type(error).__name__)) from None


def hand_over(server: Server, message: EmailMessage) -> None:
    """Give one mail to the server. Raises Unreachable, Refused."""
    try:
        with _connected(server) as connection:
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _by_code(min(codes, default=550), N_("The server does not take mail for this address")) from None
    except smtplib.SMTPNotSupportedError:
        raise Refused(N_("The server does not take such an address")) from None
    except smtplib.SMTPResponseException as error:
        raise _by_code(
            error.smtp_code, because(N_("The mail server answered with an error"), error.smtp_code)
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(because(N_("The mail server can't be reached"), type(error).__name__)) from None
    except (ValueError, UnicodeError):  # what an address or a header may not hold
        raise Refused(N_("The address can't be written to")) from None


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        connection.ehlo()
        if server.scheme != "smtps" and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
        elif server.scheme == "smtp+starttls":
            raise Unreachable(N_("The mail server offers no encryption"))
        if server.user:
            _sign_in(server, connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _sign_in(server: Server, connection: smtplib.SMTP) -> None:
    """Never in the clear."""
    if not isinstance(connection.sock, ssl.SSLSocket):
        raise Unreachable(N_("The mail server offers no encryption, so the password is not sent"))
    try:
        connection.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:  # a wrong password is mended by the operator, so it is tried again
        raise Unreachable(because(N_("The mail server does not take the password"), error.smtp_code)) from None


def _by_code(code: int, text: str) -> Exception:
    return Unreachable(text) if 400 <= code < 500 else Refused(text)
