"""Owns the reasons that people give with a verb: one paragraph of plain text."""

from __future__ import annotations

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.texts import is_hidden

LIMIT = 2000


def checked_reason(text: str, *, needed: bool = True) -> str:
    """The reason on one line; raises Invalid when it is missing, too long or not text."""
    reason = " ".join(text.split())
    if needed and not reason:
        raise Invalid(Message(N_("Say why: the reason is empty.")))
    if len(reason) > LIMIT:
        params = {"length": len(reason), "limit": LIMIT}
        raise Invalid(Message(N_("The reason has %(length)s characters; shorten it to %(limit)s."), params))
    if any(is_hidden(character) for character in reason):
        raise Invalid(Message(N_("The reason holds characters that are not text; type it anew.")))
    return reason
