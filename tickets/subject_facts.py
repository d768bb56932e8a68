"""Owns what may be said of a subject: it reads the values of a request or a row and says of each what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import orjson

from engine.expressions import N_, Message
from engine.expressions.problems import clip
from forms.plain import is_plain
from tickets.errors import Invalid
from tickets.subjects import SubjectKind
from tickets.texts import line_problem

FIELDS = ("name", "brand", "place", "responsible", "contract_end", "attributes")
ATTRIBUTES_LIMIT = 16 * 1024
ATTRIBUTES_DEPTH = 5
ATTRIBUTES_PARTS = 1000
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


class SubjectInvalid(Invalid):
    """The values don't make a subject; `errors` says why of each field."""

    def __init__(self, errors: Mapping[str, Message]) -> None:
        name, problem = next(iter(errors.items()))
        super().__init__(Message(N_("%(field)s: %(problem)s"), {"field": name, "problem": problem}))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """What is said of a subject. Only the fields named in `given` count: what is not said stays as it was."""

    kind: SubjectKind | Literal[""]
    external_id: str
    given: frozenset[str]
    name: str = ""
    brand: str = ""
    place: str = ""
    responsible: str = ""
    contract_end: date | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def read_facts(kind: str, external_id: str, values: Mapping[str, object]) -> SubjectFacts:
    """Read the values as `read_readable` does. Raises SubjectInvalid."""
    facts, unread = read_readable(kind, external_id, values)
    if unread:
        raise SubjectInvalid(unread)
    return facts


def read_readable(kind: str, external_id: str, values: Mapping[str, object]) -> tuple[SubjectFacts, dict[str, Message]]:
    """What can be read, and by field what is wrong with the rest; a kind or id that can't be read is empty.

    The values are FIELDS as JSON, `contract_end` as YYYY-MM-DD, null or "" to clear; `place` and `brand` are external
    ids of places, `responsible` is a login.
    """
    errors: dict[str, Message] = {}
    if kind not in set(SubjectKind):
        kinds = {"kinds": ", ".join(SubjectKind)}
        errors["kind"] = Message(N_("There is no such kind; the kinds are %(kinds)s."), kinds)
    if problem := _external_id_problem(external_id):
        errors["external_id"] = problem
    for name in values.keys() - set(FIELDS):
        fields = {"fields": ", ".join(FIELDS)}
        errors[clip(name)] = Message(N_("There is no such field; the fields are %(fields)s."), fields)
    read = {name: _READERS[name](values[name]) for name in FIELDS if name in values}
    errors |= {name: found for name, found in read.items() if isinstance(found, Message)}
    given = {name: found for name, found in read.items() if name not in errors}
    known = None if "kind" in errors else SubjectKind(kind)
    return SubjectFacts(known or "", "" if "external_id" in errors else external_id, frozenset(given), **given), errors


def _external_id_problem(text: str) -> Message | None:
    if problem := line_problem(text, 128):
        return problem
    if text != text.strip() or "/" in text:
        return Message(N_("It starts or ends with a space or holds a slash; leave those out."))
    return None


def _line(value: object, longest: int) -> str | Message:
    if not isinstance(value, str):
        return Message(N_("It must be text."))
    return line_problem(value, longest) or value.strip()


def _name(value: object) -> str | Message:
    return _line(value, 200)


def _reference(value: object) -> str | Message:
    return _line(value, 128)


def _optional_reference(value: object) -> str | Message:
    return "" if value is None or value == "" else _reference(value)


def _contract_end(value: object) -> date | Message | None:
    if value is None or value == "":
        return None
    found = _date(value) if isinstance(value, str) else None
    if found is None:
        return Message(N_("It is not a date; write it as 2027-08-31."))
    if not EARLIEST <= found <= LATEST:
        years = {"earliest": EARLIEST.year, "latest": LATEST.year}
        return Message(N_("The year must be between %(earliest)s and %(latest)s."), years)
    return found


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def _attributes(value: object) -> Mapping[str, Any] | Message:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        return Message(N_('It must be an object, such as {"grade": "3"}.'))
    if not is_plain(value, depth=ATTRIBUTES_DEPTH, parts=ATTRIBUTES_PARTS):
        limits = {"depth": ATTRIBUTES_DEPTH, "parts": ATTRIBUTES_PARTS}
        text = N_("It holds values that can't be kept, more than %(parts)s of them, or deeper than %(depth)s levels.")
        return Message(text, limits)
    if (size := len(orjson.dumps(value))) > ATTRIBUTES_LIMIT:
        sizes = {"size": size, "limit": ATTRIBUTES_LIMIT}
        return Message(N_("It takes %(size)s bytes as JSON; at most %(limit)s are kept."), sizes)
    return dict(value)


_READERS: Mapping[str, Any] = {
    "name": _name,
    "brand": _reference,
    "place": _reference,
    "responsible": _optional_reference,
    "contract_end": _contract_end,
    "attributes": _attributes,
}
