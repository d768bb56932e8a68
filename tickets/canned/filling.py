"""Owns filling a canned reply's placeholders with what is known of a ticket: plain texts, and nothing is run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.expressions import N_
from tickets.canned.models import CannedReply

PLACEHOLDERS: Mapping[str, str] = {
    "requester": N_("The requester's name"),
    "number": N_("The ticket's number"),
    "title": N_("The ticket's title"),
    "owner": N_("The owner's name"),
    "place": N_("The place's name"),
    "me": N_("Your own name"),
}
_PLACEHOLDER = re.compile(r"\{(\w{1,32})\}")


def filled(body: str, facts: Mapping[str, str]) -> str:
    """The text with what is known; any other braces stay as they are. Values are not looked into again."""
    return _PLACEHOLDER.sub(lambda found: facts.get(found[1], found[0]), body)


def body_in(reply: CannedReply, language: str) -> str:
    """In the language wanted, else in the other."""
    chinese = language.startswith("zh")
    first, second = (reply.body_zh, reply.body_en) if chinese else (reply.body_en, reply.body_zh)
    return first or second
