"""Owns how a sentence takes in words of its own language, which stand no further apart than its own do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from engine.expressions import Message

_CHINESE: Final = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"


def closed_up(text: str, message: Message, worded: Mapping[str, object]) -> str:
    """The translated text of a message, its `%(name)s` still open, fit for its parameters as they were worded.

    In Chinese, names stand apart from the words beside them, as they may be Latin ones. A parameter that is a message
    (“you”) or a moment (“today 18:00”) is no name but words of the language, and joins on to those beside it.
    """
    for name in (name for name, value in message.params.items() if isinstance(value, Message | datetime)):
        value, mark = str(worded[name]), re.escape(f"%({name})s")
        if re.match(_CHINESE, value):
            text = re.sub(f"(?<={_CHINESE}) (?={mark})", "", text)
        if re.search(f"{_CHINESE}$", value):
            text = re.sub(f"(?<={mark}) (?={_CHINESE})", "", text)
    return text
