"""Owns the form of a standard: what stands in it, what was sent, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat
from typing import Any
from uuid import UUID

from flask import request

from engine.expressions import N_, Message
from tickets.errors import Invalid, NotFound
from tickets.places import Place
from tickets.standards.conditions import MOST
from tickets.standards.setting_up import Wanted, start_of
from tickets.standards.tables import Standard, Trigger
from web.standards.cycles import CycleAsked, cycle_of, cycle_sent

SPARE = 3
ANOTHER = "?"
"""What a choice of facts sends for one that is written beside it."""
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form, as text."""

    type: str
    place: UUID | None
    subject_kind: str
    conditions: Sequence[Mapping[str, str]]
    trigger: str
    attribute: str
    days: str
    side: str
    cycle: CycleAsked
    since: str
    until: str
    begins_on: str
    alongside: bool = False

    @property
    def facts(self) -> set[str]:
        """The names of facts that stand in it."""
        return {self.attribute, self.since, self.until, *(line["attribute"] for line in self.conditions)} - {""}

    @property
    def lines(self) -> list[Mapping[str, str]]:
        """The conditions with empty lines to fill in."""
        empty = {"attribute": "", "is": "equals", "value": ""}
        return [*self.conditions, *([empty] * SPARE)][:MOST]

    def wanted(self, *, place: UUID | None = None) -> Wanted:
        """What it asks for. Raises Invalid."""
        where = place or self.place
        if where is None:
            raise Invalid(Message(N_("Choose the place for which it is set up.")))
        return Wanted(
            self.type,
            where,
            subject_kind=self.subject_kind,
            conditions=self.conditions,
            trigger=self.trigger,
            timing=self._timing(),
            begins_on=_day(self.begins_on),
            alongside=self.alongside,
        )

    def _timing(self) -> dict[str, Any]:
        if self.trigger == Trigger.DATE:
            return {"attribute": self.attribute, "days": _days(self.days, self.side)}
        if self.trigger == Trigger.CYCLE:
            if not self.cycle.is_whole:
                raise Invalid(Message(N_("Say at what time it begins and, of each month, on which day (1 to 31).")))
            return {"cycle": self.cycle.text, "from": self.since, "until": self.until}
        return {}


def draft_sent() -> Draft:
    """The form as it was sent."""
    form = request.form
    texts = {name: form.get(name, "").strip()[:LONGEST] for name in _TEXTS}
    texts |= {name: _named(texts[name], form.get(f"{name}_other", "")) for name in _FACTS}
    columns = [[text[: LONGEST + 1] for text in form.getlist(name)] for name in ("attribute_name", "is", "value")]
    columns[0] = list(map(_named, columns[0], chain(form.getlist("attribute_name_other"), repeat(""))))
    lines = [dict(zip(("attribute", "is", "value"), line, strict=True)) for line in zip(*columns, strict=False)]
    filled = [line for line in lines[: 2 * MOST] if line["attribute"].strip() or line["value"].strip()]
    alongside = form.get("alongside") == "1"
    return Draft(place=id_in("place"), conditions=filled, alongside=alongside, cycle=cycle_sent(form), **texts)


_FACTS = ("attribute", "since", "until")
_TEXTS = (*_FACTS, "type", "subject_kind", "trigger", "days", "side", "begins_on")


def _named(chosen: str, written: str) -> str:
    """The fact that was chosen, or another one's name."""
    return written.strip()[:LONGEST] if chosen == ANOTHER else chosen


def draft_for(type_key: str, subject_kind: str, settings: Mapping[str, str]) -> Draft:
    """A new one, as the type's file says."""
    start = start_of(settings)
    return _draft(type_key, None, subject_kind, (), start.trigger, start.timing, "")


def draft_of(standard: Standard, place: Place) -> Draft:
    """One that is there."""
    return _draft(
        standard.type_key,
        place.public_id,
        standard.subject_kind,
        standard.conditions,
        standard.trigger,
        standard.timing,
        standard.begins_on.isoformat(),
    )


def id_in(name: str) -> UUID | None:
    """The id that was sent under this name; None for none. Raises NotFound for what is no id."""
    text = request.form.get(name, "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound(N_("This place")) from None


def _draft(
    type_key: str,
    place: UUID | None,
    subject_kind: str,
    conditions: Sequence[Mapping[str, str]],
    trigger: str,
    timing: Mapping[str, Any],
    begins_on: str,
) -> Draft:
    days = int(timing.get("days", 0))
    return Draft(
        type=type_key,
        place=place,
        subject_kind=subject_kind,
        conditions=conditions,
        trigger=trigger,
        attribute=str(timing.get("attribute", "start_date")),
        days=str(abs(days)),
        side="after" if days > 0 else "before",
        cycle=cycle_of(str(timing.get("cycle", ""))),
        since=str(timing.get("from", "start_date")),
        until=str(timing.get("until", "end_date")),
        begins_on=begins_on,
    )


def _days(text: str, side: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4) and text:
        raise Invalid(Message(N_("Write the days as a whole number, at most %(limit)s."), {"limit": 366}))
    return int(text or 0) * (1 if side == "after" else -1)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(Message(N_("Write the day as 2026-12-01."))) from None
