"""Owns finding who is named where: in the live versions of ticket types, in their settings, rules and policies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.definitions import model, stored
from engine.expressions import N_
from engine.models import ProcessDefinition
from tickets.assigning.models import AssignmentRule
from tickets.people import Person
from tickets.service.tables import ServicePolicy
from tickets.settings import SETTINGS, TypeSetting
from tickets.types import TicketType

MOST_TEXTS = 20_000


@dataclass(frozen=True, slots=True)
class Named:
    """One place that names the person: a type's version with an element and what of it, or a setting or rule.

    `what` is an English msgid (Assignee, Candidates, Lane, a setting's label); `type_key` "" is every type.
    """

    type_key: str
    type_name: str
    type_names: Mapping[str, str]
    type_id: Any
    version: int | None
    element: str
    element_names: Mapping[str, str]
    what: str


def named_in_definitions(session: Session, person: Person, brands: Sequence[int]) -> list[Named]:
    """Where the live version of an active type names their login, or their name in a lane."""
    query = (
        sa.select(TicketType, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.id == TicketType.definition_id)
        .where(TicketType.active, TicketType.brand_id.in_(brands))
        .order_by(TicketType.name, TicketType.id)
        .options(undefer(ProcessDefinition.compiled))
    )
    texts = (person.login, person.name)
    found = []
    for kind, definition in session.execute(query):
        for element, names, what in _mentions(definition.id, definition.compiled, texts):
            found.append(_of_type(kind, definition.version, element, names, what))
    return found


def named_in_settings(session: Session, person: Person, brands: Sequence[int]) -> list[Named]:
    """The settings of types, the assignment rules and the service levels that name their login."""
    types = {kind.key: kind for kind in session.scalars(sa.select(TicketType).where(TicketType.brand_id.in_(brands)))}
    settings = session.scalars(sa.select(TypeSetting).where(TypeSetting.brand_id.in_(brands)).order_by(TypeSetting.id))
    rules = session.scalars(
        sa.select(AssignmentRule).where(AssignmentRule.brand_id.in_(brands)).order_by(AssignmentRule.id)
    )
    found = [
        _of_key(types, row.type_key, "", SETTINGS[row.name].label)
        for row in settings
        if row.name in SETTINGS and _says(row.value, person.login)
    ]
    found += [
        _of_key(types, row.type_key, row.element, N_("Assignment rule"))
        for row in rules
        if _says(list(row.args.values()), person.login)
    ]
    told = sa.select(ServicePolicy.type_key).where(
        ServicePolicy.brand_id.in_(brands), ServicePolicy.escalate_to == f"person:{person.login}"
    )
    keys = session.scalars(told.order_by(ServicePolicy.id))
    return found + [_of_key(types, key, "", N_("Service level: told when overdue")) for key in dict.fromkeys(keys)]


ASSIGNEE, CANDIDATES, LANE = N_("Assignee"), N_("Candidates"), N_("Lane")


def _texts_of(compiled: bytes) -> tuple[tuple[str, str, Mapping[str, str], str], ...]:
    """Everything in a version that may name a person: the text, the element with its names, and what of it it is."""
    loaded = stored.load(compiled)
    found: list[tuple[str, str, Mapping[str, str], str]] = []
    for process in (loaded.process, *loaded.called.values()):
        for name, text in process.settings.items():
            if name in SETTINGS:
                found.append((text, "", {}, SETTINGS[name].label))
        for node in process.scope.walk():
            found += ((text, node.name or node.id, node.names, what) for text, what in _of_node(node))
    return tuple(found[:MOST_TEXTS])


def _of_node(node: model.Node) -> Iterator[tuple[str, str]]:
    if node.work is not None:
        if node.work.assignee is not None:
            yield node.work.assignee.text, ASSIGNEE
        for expr in (*node.work.users, *node.work.groups):
            yield expr.text, CANDIDATES
        if node.lane:
            yield node.lane, LANE


def _mentions(
    definition_id: int, compiled: bytes, texts: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, str], str]]:
    if not compiled:
        return
    pattern = _pattern(texts)
    if definition_id not in _TEXTS:
        if len(_TEXTS) >= MOST_KEPT:
            _TEXTS.clear()
        _TEXTS[definition_id] = _texts_of(compiled)
    for text, element, names, what in _TEXTS[definition_id]:
        if pattern.search(text):
            yield element, names, what


MOST_KEPT = 300
_TEXTS: dict[int, tuple[tuple[str, str, Mapping[str, str], str], ...]] = {}
"""By the id of a version, which never changes."""


def _pattern(texts: Sequence[str]) -> re.Pattern[str]:
    """One of them as a word of its own: a login may be the beginning of another."""
    return re.compile("|".join(rf"(?<![\w.@+-]){re.escape(text)}(?![\w@+-])" for text in texts), re.IGNORECASE)


def _says(value: Any, login: str) -> bool:
    if isinstance(value, str):
        return bool(_pattern([login]).search(value))
    return isinstance(value, list) and any(_says(each, login) for each in value)


def _of_type(kind: TicketType, version: int | None, element: str, names: Mapping[str, str], what: str) -> Named:
    return Named(kind.key, kind.name, kind.names, kind.public_id, version, element, names, what)


def _of_key(types: Mapping[str, TicketType], key: str, element: str, what: str) -> Named:
    if key in types:
        return _of_type(types[key], None, element if element != "*" else "", {}, what)
    return Named(key, key, {}, None, None, element, {}, what)
