"""Owns which fields of ticket types a list may show and filter by: their labels and the words of their choices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import load
from engine.expressions import N_
from engine.models import ProcessDefinition
from forms import Form
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
    """The fields of these types' start forms and those that their tasks' forms mark as `listed`, by name; none when no
    type is said, or too many are.

    Whose values one reads, filters and sorts by is for `tickets.lists.criteria` to say: those of tickets whose inside
    one sees.
    """
    if not 0 < len(types) <= MOST_TYPES:
        return {}
    query = sa.select(TicketType.start_form_digest, TicketType.definition_id).where(
        TicketType.key.in_([key for key in types if key.isprintable()]), visible_types(actor)
    )
    found: dict[str, OwnField] = {}
    for form, start in _forms(session, session.execute(query.order_by(TicketType.id)).all()):
        for each in listed_fields(form, start=start):
            found.setdefault(each.key, _own(each, language))
    return found


def _forms(session: Session, types: Sequence[sa.Row[str | None, int]]) -> Iterator[tuple[Form, bool]]:
    """Every start form (True), then every other form of their definitions."""
    shown = _digests(session, [definition_id for _, definition_id in types])
    for start, _ in types:
        if start is not None:
            yield form_of(session, start), True
    for start, definition_id in types:
        for digest in shown[definition_id]:
            if digest != start:
                yield form_of(session, digest), False


def _digests(session: Session, definition_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The forms that each definition shows; a version never changes, so it is read once a process."""
    wanted = {each: _DIGESTS[each] for each in definition_ids if each in _DIGESTS}
    if unknown := [each for each in definition_ids if each not in wanted]:
        query = sa.select(ProcessDefinition.id, ProcessDefinition.compiled).where(ProcessDefinition.id.in_(unknown))
        read = {row.id: tuple(dict.fromkeys(load(row.compiled).forms.values())) for row in session.execute(query)}
        if len(_DIGESTS) + len(read) > MOST_DEFINITIONS:
            _DIGESTS.clear()
        _DIGESTS.update(read)
        wanted |= read
    return wanted


MOST_DEFINITIONS = 500
_DIGESTS: dict[int, tuple[str, ...]] = {}


def _own(each: InputField, language: str) -> OwnField:
    choices = {}
    if isinstance(each, ChoiceField):
        choices = {str(option.value): option.others.get(language, option.label) for option in each.options}
    label = each.label.pick(language).render(Scope({})) or each.key
    return OwnField(each.key, label, choices, each.kind is Kind.CHECKBOX, each.kind is Kind.NUMBER)
