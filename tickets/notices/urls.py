"""Owns what an address for messages may be: a group robot of WeCom, DingTalk or Feishu, or any webhook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, urlsplit

from engine.expressions import N_, Message
from tickets.errors import Invalid

LONGEST = 1000


class AddressKind(StrEnum):
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"


KIND_WORDS: Mapping[str, str] = {
    AddressKind.WECOM: N_("WeCom"),
    AddressKind.DINGTALK: N_("DingTalk"),
    AddressKind.FEISHU: N_("Feishu"),
    AddressKind.WEBHOOK: N_("Webhook"),
}


@dataclass(frozen=True, slots=True)
class Url:
    """An address as it is kept: `url` is apprise's for robots and the web's own for webhooks; `hint` may be shown."""

    kind: AddressKind
    url: str
    hint: str


_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,200}")
_ROBOTS: Mapping[str, tuple[AddressKind, str]] = {
    "wecombot": (AddressKind.WECOM, "wecombot"),
    "dingtalk": (AddressKind.DINGTALK, "dingtalk"),
    "feishu": (AddressKind.FEISHU, "feishu"),
}
_HOSTS = {"qyapi.weixin.qq.com": "wecombot", "oapi.dingtalk.com": "dingtalk", "open.feishu.cn": "feishu"}


def read_url(text: str) -> Url:
    """The address of a robot as its platform shows it or as apprise writes it, or a webhook's. Raises Invalid."""
    parts = _split(text.strip())
    if parts.scheme in _ROBOTS:
        return _robot(parts.scheme, parts.hostname_as_written, parts.secret)
    if parts.scheme == "https" and parts.host in _HOSTS:
        scheme = _HOSTS[parts.host]
        token, secret = _native(scheme, parts)
        return _robot(scheme, token, secret)
    if parts.scheme in ("https", "http") and parts.host and not parts.credentials:
        return Url(AddressKind.WEBHOOK, parts.whole, f"{parts.scheme}://{parts.host}/…")
    raise Invalid(Message(_WRONG))


_WRONG = N_(
    "This is no address that messages can be sent to; paste the webhook address of a group robot, or https://…."
)


@dataclass(frozen=True, slots=True)
class _Parts:
    scheme: str
    host: str
    hostname_as_written: str
    secret: str
    credentials: bool
    path: str
    query: Mapping[str, list[str]]
    whole: str


def _split(text: str) -> _Parts:
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        raise Invalid(Message(_WRONG))
    try:
        parts: SplitResult = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid(Message(_WRONG)) from None
    secret, at, rest = parts.netloc.rpartition("@")
    return _Parts(
        scheme=parts.scheme,
        host=host,
        hostname_as_written=rest,
        secret=secret,
        credentials=bool(at),
        path=parts.path,
        query=parse_qs(parts.query),
        whole=text,
    )


def _native(scheme: str, parts: _Parts) -> tuple[str, str]:
    """Token and secret as the platform's own address has them."""
    if scheme == "feishu":
        return parts.path.rstrip("/").rpartition("/")[2], ""
    name = "key" if scheme == "wecombot" else "access_token"
    return parts.query.get(name, [""])[0], parts.query.get("secret", [""])[0]


def _robot(scheme: str, token: str, secret: str) -> Url:
    if not _TOKEN.fullmatch(token) or (secret and (scheme != "dingtalk" or not _TOKEN.fullmatch(secret))):
        raise Invalid(Message(_WRONG))
    kind, name = _ROBOTS[scheme]
    whose = f"{secret}@" if secret else ""
    return Url(kind, f"{name}://{whose}{token}/", f"…{token[-4:]}")
