"""Owns the words of what is sent out: in the reader's language and zone, without any request around."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from engine.expressions import Message
from forms.plain import joined
from forms.sentences import closed_up, own_words
from tickets.notices.deliveries import Letter

HERE = Path(__file__).parents[1]


def render(template: str, letter: Letter, **given: Any) -> str:
    """A template of `templates/mail` about this letter."""
    return _environment(letter.language).get_template(template).render(letter=letter, said=said(letter), **given)


def said(letter: Letter) -> str:
    """What happened, in one line."""
    return worded(letter.words, letter.language, letter.time_zone)


def subject(letter: Letter) -> str:
    """[CR-1024] what happened · the ticket's title, or what else it is about."""
    number = f"[{letter.number}] " if letter.number else ""
    return " ".join(f"{number}{said(letter)} · {letter.title}".split())


def worded(message: Message, language: str, zone: str) -> str:
    """A message in that language; moments among its parameters in that zone."""
    params = {name: _part(value, language, zone) for name, value in message.params.items()}
    text = str(_catalogue(language).ugettext(message.text))
    return closed_up(text, params, own_words(message)) % params if params else text


def _part(value: object, language: str, zone: str) -> object:
    if isinstance(value, datetime):
        return value.astimezone(_zone(zone)).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, tuple):
        return joined((str(_part(each, language, zone)) for each in value), language)
    return worded(value, language, zone) if isinstance(value, Message) else value


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("Asia/Shanghai")


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(HERE / "translations", [language])


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates/mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = _catalogue(language)
    environment.install_gettext_callables(catalogue.ugettext, catalogue.ungettext, newstyle=True)  # type: ignore[attr-defined]  # of the extension
    return environment
