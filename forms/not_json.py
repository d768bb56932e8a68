"""Owns saying in our own words why a form's file is no JSON: what is wrong at which line and column, how to mend it."""

from __future__ import annotations

import json
from typing import Final

from engine.expressions import N_, Level, Message, Problem

_AGAIN: Final = N_("Mend it in a text editor, or save the form again from its editor.")
_EMPTY: Final = (N_("the file is empty."), N_("Save the form again from its editor."))
_OVER: Final = (
    N_("the file is over before every text and bracket is closed."),
    N_("The file is cut off: save the form again from its editor and upload all of it."),
)
_FOREIGN: Final = (
    N_("the file does not begin with a curly bracket."),
    N_("Save the form as JSON from a form-js editor: one object with “components”."),
)
_COMMA: Final = (N_("a comma stands before a closing bracket."), N_("Delete that comma."))
_VALUE: Final = (
    N_("there is no value here that JSON knows."),
    N_("Write a text in double quotation marks, a number, true, false or null."),
)
_REASONS: Final = {
    "Expecting property name": (N_("a name in double quotation marks should stand here."), _AGAIN),
    "Expecting ':'": (N_("there is no colon between a name and its value."), _AGAIN),
    "Expecting ','": (N_("there is no comma or closing bracket after a value."), _AGAIN),
    "Invalid control": (
        N_("a line break, a tab or a character that cannot be seen stands within a text."),
        N_("Delete it, or write it as JSON does, with a backslash."),
    ),
    "Invalid \\": (
        N_("what follows a backslash here is none of what JSON knows."),
        N_("Write two backslashes where one is meant."),
    ),
    "Extra data": (N_("something follows after the last bracket."), N_("Delete all that follows after it.")),
    "Unterminated string": _OVER,
}
"""By how the parser's own words begin, which are English."""


class Unfit(ValueError):
    """JSON as such, but not to be relied on; `reason` says why."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.reason = Message(text, {"name": name[:80]})


def not_json(fault: json.JSONDecodeError, text: str, file: str) -> Problem:
    """The parser's error in that text as a line of a report, whose line is told by its place."""
    why, remedy = _reason(fault, text)
    problem = Message(
        N_("This is not JSON at column %(column)s: %(why)s"), {"column": fault.colno, "why": Message(why)}
    )
    return Problem(Level.ERROR, "not-json", problem, Message(remedy), line=fault.lineno, file=file)


def unfit(fault: ValueError, file: str) -> Problem:
    """What the parser lets pass or counts too long, and a form may not hold."""
    reason = fault.reason if isinstance(fault, Unfit) else Message(N_("a number has too many digits."))
    problem = Message(N_("This form can't be read: %(reason)s"), {"reason": reason})
    return Problem(Level.ERROR, "not-json", problem, Message(_AGAIN), file=file)


def _reason(fault: json.JSONDecodeError, text: str) -> tuple[str, str]:
    before, rest = text[: fault.pos].rstrip(), text[fault.pos :].lstrip()
    if not text.strip():
        return _EMPTY
    if not text.lstrip().startswith("{"):
        return _FOREIGN
    if not rest:
        return _OVER
    if before.endswith(",") and rest[0] in "]}":
        return _COMMA
    return next((reason for words, reason in _REASONS.items() if fault.msg.startswith(words)), _VALUE)
