"""Owns the reasons people give: one line or a few, with a limit."""

from __future__ import annotations

from engine.expressions import N_, Message
from tickets.conversation import checked_body
from tickets.errors import Invalid

LONGEST = 500


def checked_reason(text: str, *, needed: bool = True) -> str:
    """The reason trimmed. Raises Invalid when it is missing though needed, too long or not text."""
    if not text.strip():
        if needed:
            raise Invalid(Message(N_("Say why in a few words: whoever takes it on reads this first.")))
        return ""
    checked = checked_body(text)
    if len(checked) > LONGEST:
        params = {"length": len(checked), "limit": LONGEST}
        raise Invalid(Message(N_("The reason has %(length)s characters; shorten it to %(limit)s."), params))
    return checked
