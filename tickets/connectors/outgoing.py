"""Owns a call as it leaves: secrets in their places, the body in bytes; and what whoever sends it may raise."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import orjson

from engine.calling import Asking
from engine.expressions import N_, Message
from tickets.connectors.stand_ins import StandIns, changed, needles

MOST_SENT = 1024 * 1024
JSON_TYPE, TEXT_TYPE, FORM_TYPE = "application/json", "text/plain; charset=utf-8", "application/x-www-form-urlencoded"
SAFE = "/%:@!$&'()*+,;=~-._?"


class NotSent(Exception):
    """The call can't be made as it is asked for: nobody was called, and trying again by itself is of no use."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason.text))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent. `hidden` are the forms of its secrets, which nothing that comes back may hold.

    `timeout` is in seconds and for all of it, redirects too.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    key: str
    timeout: int
    hidden: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        return host_of(self.url)


def outgoing(asked: Asking, stand_ins: StandIns, secrets: Mapping[str, str]) -> Outgoing:
    """Raises NotSent: a secret was taken apart, the address is none, or it is too much."""

    def put(text: str) -> str:
        return stand_ins.put(text, secrets)

    auth = {name: put(text) for name, text in asked.auth.items()}
    headers = {name: put(text) for name, text in asked.headers.items()} | _login(auth)
    query: dict[str, Any] = changed(asked.query, put)
    if auth.get("in") == "query":
        query[auth["name"]] = auth["value"]
    url = _url(stand_ins.put(asked.url, secrets, lambda text: quote(text, safe="")), query)
    body, kind = _body(changed(asked.body, put), headers)
    if kind:
        headers["Content-Type"] = kind
    _check(stand_ins, url, headers, body)
    logins = [(auth["username"], auth["password"])] if {"username", "password"} <= auth.keys() else []
    hidden = needles(secrets.values(), logins if secrets else ())
    return Outgoing(asked.method, url, headers, body, asked.key, asked.timeout, hidden)


def host_of(url: str) -> str:
    """The host of an address; empty if it is none."""
    try:
        return (urlsplit(url).hostname or "")[:255]
    except ValueError:
        return ""


def _login(auth: Mapping[str, str]) -> dict[str, str]:
    if {"username", "password"} <= auth.keys():
        login = base64.b64encode(f"{auth['username']}:{auth['password']}".encode()).decode()
        return {"Authorization": f"Basic {login}"}
    if "token" in auth:
        return {"Authorization": f"Bearer {auth['token']}"}
    return {auth["name"]: auth["value"]} if "name" in auth and auth.get("in") != "query" else {}


def _url(text: str, query: Mapping[str, Any]) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        good = False
    if not good or not text.isprintable():
        raise NotSent(Message(N_("The URL is not an http or https address, or it holds a login.")))
    added = urlencode({name: _flat(value) for name, value in query.items()}, doseq=True)
    asked = "&".join(filter(None, (quote(parts.query, safe=SAFE), added)))
    return urlunsplit((parts.scheme, parts.netloc, quote(parts.path or "/", safe=SAFE), asked, ""))


def _flat(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return [_flat(each) for each in value] if isinstance(value, list) else str(value)


def _body(value: Any, headers: Mapping[str, str]) -> tuple[bytes | None, str]:
    """The bytes, and the type that they have where no header says so."""
    said = next((text for name, text in headers.items() if name.lower() == "content-type"), "")
    if value is None:
        return None, ""
    if isinstance(value, str):
        return value.encode(), (said and "") or (JSON_TYPE if value.lstrip()[:1] in ("{", "[") else TEXT_TYPE)
    if said.startswith(FORM_TYPE) and isinstance(value, Mapping):
        return urlencode({name: _flat(item) for name, item in value.items()}, doseq=True).encode(), ""
    return orjson.dumps(value), (said and "") or JSON_TYPE


def _check(stand_ins: StandIns, url: str, headers: Mapping[str, str], body: bytes | None) -> None:
    texts = (url, *headers, *headers.values(), (body or b"").decode(errors="replace"))
    if any(stand_ins.left_in(text) for text in texts):
        raise NotSent(Message(N_("A secret can only be used whole, not cut or changed by an expression.")))
    if any(not text.isprintable() or not text.isascii() for text in (*headers, *headers.values())):
        raise NotSent(Message(N_("A header holds characters that can't be sent.")))
    if len(body or b"") > MOST_SENT or len(url) > 8000:
        raise NotSent(Message(N_("The call is larger than 1 MB.")))
