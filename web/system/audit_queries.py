"""Owns the words for the filters that an entry of the audit log keeps as an address has them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from flask import g

from tickets.lists.address import Pair
from tickets.lists.naming import names_in
from tickets.organising.audit_log import AuditRow
from tickets.organising.audit_words import FIELDS
from tickets.standards.matrix.asked import read_asked
from tickets.standards.matrix.states import WORDS
from web.context import me, now, reading
from web.ids import uuid_or_none
from web.language import gettext as _
from web.language import listed, named, time_zone, translate
from web.lists.asked import asked_by
from web.lists.filters import LABELS, chip_words, types_to_choose
from web.matrix.looks import period_words


def look_up(rows: Iterable[AuditRow]) -> None:
    """Read the names that these entries' filters speak of all at once, for `query_words`."""
    sides = (side for row in rows for side in (row.entry.before, row.entry.after))
    _learn(pair for side in sides for pair in _pairs(str(side.get("query", ""))))


def query_words(query: str, *, of_standards: bool = False) -> str:
    """The filters as the list they are of says them."""
    pairs = _pairs(query)
    _learn(pairs)
    return "; ".join(_of_matrix(pairs) if of_standards else _of_list(pairs))


def _of_list(pairs: list[Pair]) -> Iterable[str]:
    names = {pair: named(other, name) for pair, (name, other) in g.audit_names.items()}
    types = types_to_choose() if any(name == "type" for name, _value in pairs) else {}
    for name, value in asked_by(pairs).filters:
        if name == "q":
            yield f"{translate(LABELS['q'])}: {value}"
        else:
            yield chip_words((name, value), names, types, {})


def _of_matrix(pairs: list[Pair]) -> Iterable[str]:
    asked = read_asked(pairs, now=now(), zone=time_zone()).asked
    yield period_words(asked.period)
    for name, public_id in (("place", asked.place), ("subject", asked.subject)):
        found = g.audit_names.get((name, str(public_id)))
        if public_id is not None:
            yield named(found[1], found[0]) if found else f"{translate(LABELS[name])}: {_('not known to you')}"
    if asked.states:
        yield listed(translate(WORDS[state]) for state in WORDS if state in asked.states)
    if asked.steps:
        yield f"{translate(FIELDS['steps'])}: {len(asked.steps)}"
    if asked.text:
        yield f"{translate(LABELS['q'])}: {asked.text}"
    if asked.failed:
        yield _("Failed a check")
    if asked.day:
        yield _("as of %(day)s", day=asked.day.isoformat())


def _learn(pairs: Iterable[Pair]) -> None:
    known: dict[Pair, object] = g.setdefault("audit_names", {})
    asked: set[Pair] = g.setdefault("audit_asked", set())
    new = set(pairs) - asked
    if new:
        asked |= new
        known |= names_in(reading(), me(), [pair for pair in sorted(new) if uuid_or_none(pair[1])])


def _pairs(query: str) -> list[Pair]:
    return parse_qsl(query, max_num_fields=200) if query else []
