"""Owns which language and clock a reader gets: by account, else as chosen at the sign-in page, else by browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, g, request
from flask import session as cookie
from flask_babel import Babel, get_locale, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from engine.expressions import Message
from forms.plain import joined
from forms.sentences import closed_up, own_words
from web.context import someone

LANGUAGES = ("zh", "en")
"""What the pages speak; the first is for those who say nothing."""


def setup(app: Flask) -> None:
    """Translate this app's pages."""
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    Babel(app, locale_selector=chosen_language)
    app.jinja_env.install_gettext_callables(translate, ngettext, newstyle=True)  # type: ignore[attr-defined]  # i18n's
    app.jinja_env.globals["gettext"] = _in_templates


def chosen_language() -> str:
    """`zh` or `en` for whoever asks."""
    actor = someone()
    for wanted in (actor.language if actor else "", cookie.get("language", "")):
        if wanted and (known := _known(wanted)):
            return known
    if not request.accept_languages:
        return LANGUAGES[0]
    return request.accept_languages.best_match(LANGUAGES) or "en"


def language() -> str:
    """The language of this request, `zh` or `en`."""
    if "language" not in g:
        g.language = str(get_locale().language)
    return cast(str, g.language)


def time_zone() -> ZoneInfo:
    """The clock on the reader's wall: their place's."""
    actor = someone()
    try:
        return ZoneInfo(actor.time_zone if actor else "Asia/Shanghai")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("Asia/Shanghai")


def translate(text: str) -> str:
    """An English msgid in the reader's language, its `%(name)s` still open."""
    if not text:
        return ""
    if not g:  # there is no request, so no reader
        return text
    if "words" not in g:
        g.words = get_translations().ugettext  # a list asks a thousand times
    return str(cast(Callable[[str], str], g.words)(text))


def ngettext(one: str, many: str, number: int) -> str:
    """One text for one and another for many in the reader's language; templates' `ngettext`."""
    return str(get_translations().ungettext(one, many, number))


def gettext(text: str, **params: object) -> str:
    """A text of a page in the reader's language; `text` is an English msgid that extractors find."""
    return closed_up(translate(text), params) % params if params else translate(text)


@pass_context
def _in_templates(context: Context, text: str, **params: object) -> str:
    """What templates' `_` says: always a format string, as jinja2.ext has it with `newstyle`."""
    said = closed_up(translate(text), params)
    safe = context.eval_ctx.autoescape  # the catalogue's text is ours; what it is filled with is escaped
    return (Markup(said) if safe else said) % params  # noqa: S704


def in_full(moment: datetime) -> str:
    """A moment on the reader's clock: 2026-11-21 09:47."""
    return moment.astimezone(time_zone()).strftime("%Y-%m-%d %H:%M")


def worded(message: Message, moment: Callable[[datetime], str] = in_full) -> str:
    """A message in the reader's language; messages and moments among its parameters are worded too."""
    params = worded_params(message, moment)
    return open_text(message, params) % params if params else translate(message.text)


def open_text(message: Message, params: Mapping[str, object]) -> str:
    """A message's text in the reader's language, fit for `params` (as worded), which are still to be put in."""
    return closed_up(translate(message.text), params, own_words(message))


def worded_params(message: Message, moment: Callable[[datetime], str] = in_full) -> dict[str, object]:
    """What a message's text is filled with, in the reader's language and on their clock."""
    return {key: _worded(value, moment) for key, value in message.params.items()}


def _worded(value: object, moment: Callable[[datetime], str]) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, tuple):
        return listed(str(_worded(each, moment)) for each in value)
    if isinstance(value, Mapping):
        return named(value, value.get("", ""))
    return worded(value, moment) if isinstance(value, Message) else value


def listed(words: Iterable[str]) -> str:
    """Several words as a list within a sentence."""
    return joined(words, language())


def named(names: Mapping[str, str] | None, name: str) -> str:
    """Of a thing's names (`{"zh": …, "en": …}`) the reader's; without it, its one name."""
    return (names or {}).get(language()) or name


def own_lines(text: str) -> str:
    """Of a text that says the same in Chinese and English, line by line, the reader's lines; all if it doesn't.

    A Chinese name within an English sentence leaves it English.
    """
    chinese = language() == "zh"
    mine = [line for line in text.splitlines() if _is_chinese(line) is chinese]
    return "\n".join(mine) or text


def _is_chinese(line: str) -> bool:
    characters = len(_CHINESE.findall(line))
    return characters > 0 and (_STOP.search(line) is not None or characters >= len(_WORD.findall(line)))


_CHINESE, _WORD, _STOP = re.compile("[\u3400-\u9fff]"), re.compile("[A-Za-z]+"), re.compile("[，。；：、？！]")


def _known(wanted: str) -> str | None:
    primary = str(wanted).lower().replace("_", "-").split("-")[0]
    return primary if primary in LANGUAGES else None
