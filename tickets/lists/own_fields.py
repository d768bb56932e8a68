"""Owns which fields of ticket types a list may show and filter by: their labels and the words of their choices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from forms.fields import ChoiceField, InputField, Kind
from forms.scope import Scope
from tickets.access import Actor, visible_types
from tickets.field_values import listed_fields
from tickets.types import TicketType, form_of

MOST_TYPES = 5
"""Of how many types at once; more have hardly a field in common."""
YES, NO = N_("Yes"), N_("No")


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field; `choices` are the words of its stored values, `yes_or_no` a box that is ticked or not."""

    name: str
    label: str
    choices: Mapping[str, str] = field(default_factory=dict)
    yes_or_no: bool = False
    number: bool = False

    def word(self, value: str) -> str:
        """A stored value as people say it; YES and NO are still to be translated."""
        if self.yes_or_no:
            return YES if value == "true" else NO
        return self.choices.get(value, value)


def own_fields(session: Session, actor: Actor, types: Collection[str], language: str) -> dict[str, OwnField]:
    """The fields of these types' start forms, by name; none when no type is said, or too many are."""
    if not 0 < len(types) <= MOST_TYPES:
        return {}
    query = sa.select(TicketType.start_form_digest).where(
        TicketType.key.in_([key for key in types if key.isprintable()]),
        TicketType.start_form_digest.is_not(None),
        visible_types(actor),
    )
    found: dict[str, OwnField] = {}
    for digest in session.scalars(query.order_by(TicketType.id)):
        for each in listed_fields(form_of(session, digest or "")):
            found.setdefault(each.key, _own(each, language))
    return found


def _own(each: InputField, language: str) -> OwnField:
    choices = {}
    if isinstance(each, ChoiceField):
        choices = {str(option.value): option.others.get(language, option.label) for option in each.options}
    label = each.label.pick(language).render(Scope({})) or each.key
    return OwnField(each.key, label, choices, each.kind is Kind.CHECKBOX, each.kind is Kind.NUMBER)
