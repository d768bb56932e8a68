"""Owns how CloudEvents 1.0 come by HTTP: structured JSON, batches of it, or the attributes as headers (binary)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from flask import request

from engine.expressions import N_, Message
from tickets.incoming import Incoming
from web.api import problems
from web.api.event_errors import EventInvalid

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MOST = 100
"""Events in one batch."""


def events_sent() -> list[dict[str, Any]]:
    """The attributes of each event of this request, with `data`. Raises Malformed, Refused, EventInvalid."""
    if request.mimetype == BATCH:
        return _batch(request.get_json())
    if request.mimetype == STRUCTURED:
        return [_object(request.get_json())]
    if "ce-specversion" not in request.headers:
        text = N_("Send “Content-Type: %(kind)s”, or the event's attributes as headers (ce-id, ce-source, ce-type …).")
        raise problems.Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text, kind=STRUCTURED)
    named = {name.lower().removeprefix("ce-"): unquote(text) for name, text in request.headers if _is_ours(name)}
    return [{**named, "data": request.get_json() if request.get_data() else None}]


def read_event(sent: Mapping[str, Any]) -> Incoming:
    """One event. Raises EventInvalid."""
    wrong = {name: problem for name, value in sent.items() if (problem := _problem(name, value))}
    wrong |= {name: Message(N_("It is missing; add it.")) for name in _NEEDED if name not in sent}
    if wrong:
        raise EventInvalid(wrong)
    return Incoming(sent["id"], sent["source"], sent["type"], sent.get("subject") or "", sent.get("data") or {})


_NEEDED = ("specversion", "id", "source", "type")
_NAME = re.compile(r"[a-z0-9]{1,40}")
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json(?:\s*;.*)?", re.IGNORECASE)


def _is_ours(header: str) -> bool:
    return header.lower().startswith("ce-")


def _batch(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value:
        raise EventInvalid({"": Message(N_("A batch is a list of events, at least one."))})
    if len(value) > MOST:
        raise EventInvalid({"": Message(N_("A batch has at most %(limit)s events; send several."), {"limit": MOST})})
    return [_object(each) for each in value]


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EventInvalid({"": Message(N_("An event is a JSON object."))})
    return value


def _problem(name: str, value: Any) -> Message | None:
    """What is wrong with one attribute (CloudEvents 1.0, 3); one that we don't know is an extension."""
    if name == "data":
        return None if value is None or isinstance(value, dict) else Message(N_("It must be an object."))
    if name == "data_base64":
        return Message(N_("Only JSON is understood; send “data” instead."))
    if not _NAME.fullmatch(name):
        return Message(N_("An attribute's name has lower-case letters and digits only."))
    if name not in _TEXTS:
        return None if isinstance(value, str | int | bool) or value is None else Message(N_("It must be a text."))
    if not isinstance(value, str):
        return None if value is None and name not in _NEEDED else Message(N_("It must be a text."))
    if not value:
        return Message(N_("It is empty; fill it in."))
    return _CHECKS[name](value) if name in _CHECKS else None


_TEXTS: Sequence[str] = (*_NEEDED, "subject", "time", "datacontenttype", "dataschema")


def _version(text: str) -> Message | None:
    return None if text == "1.0" else Message(N_("It must be 1.0."))


def _content(text: str) -> Message | None:
    return None if _JSON.fullmatch(text) else Message(N_("Only JSON is understood; send “data” instead."))


def _time(text: str) -> Message | None:
    try:
        zone = datetime.fromisoformat(text).tzinfo
    except ValueError:
        zone = None
    return None if zone else Message(N_("It is a moment with its zone, like 2026-11-30T18:00:00+08:00."))


_CHECKS = {"specversion": _version, "datacontenttype": _content, "time": _time}
