"""Owns the filters of a list as its reader sees them: a chip for each that is set, a menu for each of the usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.expressions import N_
from tickets.access import visible_types
from tickets.event_words import PRIORITY_WORDS, STATUS_WORDS
from tickets.lists.address import OPEN_WORD, Misread, Pair
from tickets.lists.naming import PEOPLE, names_in
from tickets.lists.own_fields import OwnField
from tickets.lists.query import ME, NOBODY, FieldOp
from tickets.ticket import Priority, Status
from tickets.types import TicketType
from web.context import me, reading
from web.language import gettext as _
from web.language import named, translate, worded
from web.lists.asked import Asked
from web.times import exact

LABELS: Mapping[str, str] = {
    "q": N_("Words"),
    "status": N_("Status"),
    "type": N_("Type"),
    "priority": N_("Priority"),
    "owner": N_("Owner"),
    "assignee": N_("Assignee"),
    "requester": N_("Requester"),
    "place": N_("Place"),
    "tag": N_("Tag"),
    "subject": N_("Subject"),
    "created": N_("Filed"),
    "due": N_("Due"),
    "resolved": N_("Resolved on"),
    "closed": N_("Closed on"),
    "overdue": N_("Overdue"),
    "urged": N_("Urged, not answered"),
    "unreplied": N_("No reply yet"),
    "dispatch": N_("In the dispatch queue"),
    "cc": N_("In copy to me"),
}
FLAGS = ("overdue", "urged", "unreplied", "dispatch", "cc")
"""Filters that are either set or not."""
MOMENT_WORDS: Mapping[str, str] = {
    "today": N_("today"),
    "yesterday": N_("yesterday"),
    "tomorrow": N_("tomorrow"),
    "next24h": N_("in the next 24 hours"),
    "next7d": N_("in the next 7 days"),
    "last7d": N_("in the last 7 days"),
    "last14d": N_("in the last 14 days"),
    "last30d": N_("in the last 30 days"),
    "last90d": N_("in the last 90 days"),
}
PROMISE_WORDS: Mapping[tuple[str, str], str] = {
    ("response", "met"): N_("First reply in time"),
    ("response", "missed"): N_("First reply late"),
    ("response", "void"): N_("Withdrawn before the first reply"),
    ("resolution", "met"): N_("Resolved in time"),
    ("resolution", "missed"): N_("Resolved late"),
    ("resolution", "void"): N_("Withdrawn before it was resolved"),
}
FIELD_WORDS: Mapping[FieldOp, str] = {
    FieldOp.IS: N_("%(field)s: %(value)s"),
    FieldOp.HAS: N_("%(field)s has “%(value)s”"),
    FieldOp.FROM: N_("%(field)s from %(value)s"),
    FieldOp.UNTIL: N_("%(field)s until %(value)s"),
    FieldOp.FILLED: N_("%(field)s filled in"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words; `without` is the list without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a menu, and the list with that filter."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Menu:
    text: str
    choices: Sequence[Choice]


def types_to_choose() -> dict[str, str]:
    """The names of the types that the reader may see tickets of, by key; of brands' own types of one key the first."""
    rows = sa.select(TicketType).where(visible_types(me()), TicketType.active).order_by(TicketType.name, TicketType.id)
    names: dict[str, str] = {}
    for kind in reading().scalars(rows):
        names.setdefault(kind.key, named(kind.names, kind.name))
    return names


def chips(asked: Asked, types: Mapping[str, str], fields: Mapping[str, OwnField]) -> list[Chip]:
    """The filters that are set, in the order of the address."""
    known = names_in(reading(), me(), asked.filters)
    names = {pair: named(other, name) for pair, (name, other) in known.items()}
    shown = (pair for pair in asked.filters if pair[0] != "q")
    return [Chip(chip_words(pair, names, types, fields), asked.dropping(pair)) for pair in shown]


def menus(asked: Asked, types: Mapping[str, str]) -> list[Menu]:
    """The usual filters that are not set yet, each a menu."""
    statuses = {OPEN_WORD: _("Not closed")} | {each.value: translate(STATUS_WORDS[each]) for each in Status}
    priorities = {each.value: translate(PRIORITY_WORDS[each]) for each in Priority}
    people = {ME: _("me"), NOBODY: _("nobody")}
    due = {value: translate(MOMENT_WORDS[value]) for value in ("today", "next24h", "next7d")}
    offered = {
        "status": _menu(asked, "status", statuses),
        "type": _menu(asked, "type", types),
        "priority": _menu(asked, "priority", priorities),
        "owner": _menu(asked, "owner", people),
        "due": _due(asked, due),
    }
    have = {name for name, _value in asked.filters}
    return [menu for name, menu in offered.items() if name not in have]


def said(own: OwnField, value: str) -> str:
    """A stored value of a field in the reader's words."""
    return translate(own.word(value)) if own.yes_or_no else own.word(value)


def complaints(misread: Sequence[Misread]) -> list[str]:
    """What of the address could not be used, in words."""
    text = N_("“%(name)s=%(value)s” was left out. %(why)s")
    return [
        _(text, name=each.name, value=each.value, why=worded(each.why)) if each.name else worded(each.why)
        for each in misread
    ]


def _menu(asked: Asked, name: str, options: Mapping[str, str]) -> Menu:
    choices = [Choice(words, asked.adding(name, value)) for value, words in options.items()]
    return Menu(translate(LABELS[name]), choices)


def _due(asked: Asked, options: Mapping[str, str]) -> Menu:
    over = Choice(_("Overdue"), asked.adding("overdue", "1"))
    spans = [Choice(words, asked.setting("due", value)) for value, words in options.items()]
    return Menu(translate(LABELS["due"]), [over, *spans])


def chip_words(pair: Pair, names: Mapping[Pair, str], types: Mapping[str, str], fields: Mapping[str, OwnField]) -> str:
    name, value = pair
    if name.startswith("f."):
        _f, op, field = name.split(".", 2)
        own = fields.get(field, OwnField(field, field))
        return _(FIELD_WORDS[FieldOp(op)], field=own.label, value=said(own, value))
    if name in FLAGS:
        return translate(LABELS[name])
    base, _sep, side = name.partition("_")
    label = translate(LABELS.get(base, base))
    match name:
        case "promise":
            kind, outcome, judged = value.split(".", 2)
            return f"{translate(PROMISE_WORDS[kind, outcome])}: {_span(judged)}"
        case "status":
            words = _("Not closed") if value == OPEN_WORD else translate(STATUS_WORDS[value])
        case "priority":
            words = translate(PRIORITY_WORDS[value])
        case "type":
            words = types.get(value, value)
        case _ if name in PEOPLE and value in (ME, NOBODY):
            words = _("me") if value == ME else _("nobody")
        case _ if name in PEOPLE or name in ("place", "subject"):
            words = names.get(pair, _("not known to you"))
        case "created" | "due" | "resolved" | "closed":
            words = _span(value)
        case _:
            words = {"from": f"{value} –", "until": f"– {value}"}.get(side, value)
    return f"{label}: {words}"


def _span(value: str) -> str:
    """A span of days in words; moments in full are said on the reader's clock."""
    if value in MOMENT_WORDS:
        return translate(MOMENT_WORDS[value])
    return " – ".join(_edge(edge) for edge in value.split(".."))


def _edge(text: str) -> str:
    return exact(datetime.fromisoformat(text)) if "T" in text else text
