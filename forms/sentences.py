"""Owns how a sentence takes in words of its own language, which stand no further apart than its own do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from engine.expressions import Message

_CHINESE: Final = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"


class Words(str):
    """Words of the language that a sentence takes in, such as a moment (“today 18:00”): no name."""

    __slots__ = ()


def closed_up(text: str, params: Mapping[str, object], own: Iterable[str] = ()) -> str:
    """A translated text, its `%(name)s` still open, fit for what it is to be filled with.

    In Chinese, names stand apart from the words beside them, as they may be Latin ones. Parameters that are Words, or
    named in `own`, are words of the language, and join on to those beside them.
    """
    for name in {*own, *(name for name, value in params.items() if isinstance(value, Words))}:
        value, mark = str(params[name]), re.escape(f"%({name})s")
        if re.match(_CHINESE, value):
            text = re.sub(f"(?<={_CHINESE}) (?={mark})", "", text)
        if re.search(f"{_CHINESE}$", value):
            text = re.sub(f"(?<={mark}) (?={_CHINESE})", "", text)
    return text


def own_words(message: Message) -> list[str]:
    """The names of a message's parameters that are words of the language: messages (“you”) and moments."""
    return [name for name, value in message.params.items() if isinstance(value, Message | datetime)]
