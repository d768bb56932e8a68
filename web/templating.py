"""Owns what templates can say: filters for messages, moments, names and files, and where icons and assets are."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, g, url_for
from markupsafe import Markup, escape

from engine.expressions import Message
from forms.views import PICTURES
from tickets.access import Permission
from tickets.evidence.wanted import WORDS as EVIDENCE
from web import states, times
from web.canned import offered
from web.context import config, is_staff, now, someone
from web.icons import TYPE_ICONS
from web.language import gettext as _
from web.language import language, listed, named, open_text, own_lines, translate, worded, worded_params
from web.navigation import address, here, navigation, organisation
from web.task_verbs import menu as task_menu
from web.verbs import menu

DIST = Path(__file__).parent / "static" / "dist"
HUES = ("t-blue", "t-violet", "t-teal", "t-green", "t-orange")
"""The tones of avatars; never red, which means late or broken."""


def setup(app: Flask) -> None:
    """Give this app's templates their filters and words."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= FILTERS
    app.jinja_env.globals |= GLOBALS
    app.context_processor(reader)


def reader() -> dict[str, Any]:
    """What every page knows of its reader."""
    actor = someone()
    return {
        "actor": actor,
        "staff": actor is not None and is_staff(actor),
        "language": language(),
        "theme": actor.theme if actor else "auto",
        "now": now,
        "config": config,
    }


def said(text: Message | str) -> str:
    """A message in the reader's language; a text that was worded before stays as it is."""
    return worded(text) if isinstance(text, Message) else text


def bold(message: Message, name: str) -> Markup:
    """What befell a ticket; its one parameter `name` stands out: who did it."""
    params = worded_params(message, times.within)
    marked = {key: Markup("<b>{}</b>").format(value) if key == name else value for key, value in params.items()}
    return escape(open_text(message, params)) % marked if marked else escape(translate(message.text))


def asset(name: str) -> str:
    """The address of a built file; its name changes with its content. Made once a request: a list has many icons."""
    made: dict[str, str] = g.setdefault("assets", {})
    if name not in made:
        made[name] = url_for("static", filename=f"dist/{manifest().get(name, name)}")
    return made[name]


@cache
def manifest() -> Mapping[str, str]:
    """Which built file stands for which name; empty before the first build."""
    path = DIST / "manifest.json"
    return orjson.loads(path.read_bytes()) if path.exists() else {}


def hue(name: str) -> str:
    """The tone of somebody's avatar, the same every time."""
    return HUES[(zlib.crc32(name.encode()) >> 8) % len(HUES)]


def initial(name: str) -> str:
    """One Chinese character, or the first letters of two Latin words."""
    return "".join(word[0] for word in name.split())[:2].upper() if name.isascii() else name[:1]


def filesize(size: int) -> str:
    """Bytes as people say them: 8.2 MB."""
    for unit, least in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= least:
            return f"{size / least:.1f} {unit}".replace(".0 ", " ")
    return _("%(size)s bytes", size=size)


def capped(count: int) -> str:
    """A badge's number: nobody counts past 99."""
    return str(count) if count < 100 else "99+"


def type_icon(name: str) -> str:
    """A ticket type's icon, if the pages have it."""
    return name if name in TYPE_ICONS else "ticket"


def role_name(names: tuple[str, str]) -> str:
    """Of a role's Chinese and English name the reader's."""
    return names[0] if language() == "zh" else names[1]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "listed": listed,
    "message": said,
    "sentence": times.sentence,
    "bold": bold,
    "translated": translate,
    "named": named,
    "when": times.when,
    "within": times.within,
    "day": times.calendar_day,
    "exact": times.exact,
    "till": times.till,
    "span": times.span,
    "hue": hue,
    "initial": initial,
    "filesize": filesize,
    "capped": capped,
    "own_lines": own_lines,
    "type_icon": type_icon,
    "role_name": role_name,
}
GLOBALS: Mapping[str, Any] = {
    "address": address,
    "asset": asset,
    "here": here,
    "navigation": navigation,
    "organisation": organisation,
    "DUE": states.DUE,
    "EVENT_ICONS": states.EVENT_ICONS,
    "EVIDENCE": EVIDENCE,
    "PICTURES": PICTURES,
    "PRIORITY": states.PRIORITY,
    "STATUS": states.STATUS,
    "Permission": Permission,
    "task_menu": task_menu,
    "verb_menu": menu,
    "canned_replies": offered,
}
