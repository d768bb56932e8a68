"""Owns how a list is written in an address: names and values ↔ a TicketQuery, the same for pages, API and exports."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import partial
from typing import Any

from engine.expressions import N_, Message
from tickets.lists.query import ME, NOBODY, FieldFilter, FieldOp, Moments, Promise, Sort, TicketQuery
from tickets.service.tables import ClockKind, Outcome
from tickets.ticket import OPEN, Priority, Status

MOST_VALUES = 60
"""Filters in one address."""
LONGEST = 200
Pair = tuple[str, str]
OPEN_WORD = "open"
"""Stands for every status in which a ticket is not over."""
EVERYTHING = TicketQuery()


@dataclass(frozen=True, slots=True)
class Misread:
    """A part of an address that can't be used, and why."""

    name: str
    value: str
    why: Message


@dataclass(frozen=True, slots=True)
class Read:
    """What an address asks for. `pairs` are the parts that were understood, as they were written.

    A moment such as `last7d` stays so in `pairs`; in the query it is counted from now.
    """

    query: TicketQuery = EVERYTHING
    pairs: tuple[Pair, ...] = ()
    misread: tuple[Misread, ...] = ()

    def without(self, *names: str) -> tuple[Pair, ...]:
        """The parts of other names."""
        return tuple(pair for pair in self.pairs if pair[0] not in names)


def read_query(pairs: Iterable[Pair], *, now: datetime, zone: tzinfo) -> Read:
    """What these parts of an address say; `zone` is where the reader's days begin. Unknown names are misread too."""
    reading, seen = _Reading(now, zone), dict.fromkeys(_asked(pairs))
    if len(seen) > MOST_VALUES:
        why = Message(N_("There are more than %(most)s filters; take some away."), {"most": MOST_VALUES})
        return Read(misread=(Misread("", "", why),))
    for name, value in seen:
        reading.take(name, value)
    return Read(reading.query, tuple(reading.pairs), tuple(reading.misread))


def write_query(query: TicketQuery, zone: tzinfo) -> list[Pair]:
    """The shortest address that says the same: `read_query` of it gives the query again."""
    pairs: list[Pair] = []
    for name, part in _SEVERAL.items():
        if values := getattr(query, part.column):
            pairs += _several(name, sorted(values))
    pairs += [(name, text) for name, column in _TEXTS.items() if (text := getattr(query, column))]
    pairs += [(name, _moments(span, zone)) for name in _MOMENTS if (span := getattr(query, name))]
    if promise := query.promise:
        pairs.append(("promise", f"{promise.kind}.{promise.outcome}.{_moments(promise.judged, zone)}"))
    pairs += [(name, "me" if name == "cc" else "1") for name, column in _FLAGS.items() if getattr(query, column)]
    pairs += [(f"f.{each.op}.{each.name}", each.value or "1") for each in query.fields]
    if query.sort is not Sort.NEWEST:
        pairs.append(("sort", f"{query.sort}.{query.sort_field}" if query.sort in _BY_FIELD else query.sort.value))
    return pairs


def _asked(pairs: Iterable[Pair]) -> Iterable[Pair]:
    """Empty values say nothing: a form sends them for what nobody filled in."""
    return ((name, value.strip()) for name, value in pairs if value.strip())


def _several(name: str, values: Sequence[str]) -> list[Pair]:
    if name == "status" and set(values) >= OPEN:
        values = [OPEN_WORD, *(value for value in values if value not in OPEN)]
    return [(name, str(value)) for value in values]


@dataclass
class _Reading:
    """An address on its way into a query."""

    now: datetime
    zone: tzinfo
    query: TicketQuery = EVERYTHING
    pairs: list[Pair] = field(default_factory=list)
    misread: list[Misread] = field(default_factory=list)

    def take(self, name: str, value: str) -> None:
        try:
            if len(value) > LONGEST or not value.isprintable():
                raise _Refused(N_("It is too long or holds characters that are no text."))
            self.query = replace(self.query, **self._change(name, value))
            self.pairs.append((name, value))
        except _Refused as refused:
            self.misread.append(Misread(name[:LONGEST], value[:LONGEST], refused.why))

    def _change(self, name: str, value: str) -> Mapping[str, Any]:
        if part := _SEVERAL.get(name):
            kept = getattr(self.query, part.column)
            more = part.read(value)
            return {part.column: kept | more if isinstance(kept, frozenset) else (*kept, *sorted(more))}
        if name in _TEXTS:
            return {_TEXTS[name]: _uuid(value) if name == "subject" else value}
        if name in _FLAGS:
            return _flag(name, value)
        if name == "promise":
            return {"promise": _read_promise(value, self.now, self.zone)}
        if name in _MOMENTS:
            return {name: _read_moments(value, self.now, self.zone)}
        if (bound := _BOUND.fullmatch(name)) and bound[1] in _MOMENTS:
            return {bound[1]: _bounded(getattr(self.query, bound[1]), bound[2], value, self.zone)}
        if name == "sort":
            return _read_sort(value)
        if name.startswith("f."):
            return {"fields": (*self.query.fields, _read_field(name, value))}
        raise _Refused(N_("There is no such filter."))


class _Refused(Exception):
    def __init__(self, text: str, **params: object) -> None:
        self.why = Message(text, params)
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class _Several:
    """A filter that may stand several times: where it is kept, and how one value of it is read."""

    column: str
    read: Callable[[str], frozenset[Any]]


def _choice(kind: type[Status | Priority], value: str) -> frozenset[Any]:
    if kind is Status and value == OPEN_WORD:
        return OPEN
    if value not in set(kind):
        raise _Refused(N_("It must be one of %(expected)s."), expected=", ".join(kind))
    return frozenset({kind(value)})


def _who(value: str) -> frozenset[str]:
    return frozenset({value if value in (ME, NOBODY) else _uuid(value)})


def _one_uuid(value: str) -> frozenset[str]:
    return frozenset({_uuid(value)})


def _plain(value: str) -> frozenset[str]:
    return frozenset({value})


def _uuid(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise _Refused(N_("It is not an id; ids look like 0192f0c1-2a7b-7c3d-8e4f-5a6b7c8d9e0f.")) from None


_SEVERAL: Mapping[str, _Several] = {
    "status": _Several("statuses", partial(_choice, Status)),
    "type": _Several("types", _plain),
    "priority": _Several("priorities", partial(_choice, Priority)),
    "owner": _Several("owners", _who),
    "assignee": _Several("assignees", _who),
    "requester": _Several("requesters", _who),
    "place": _Several("places", _one_uuid),
    "tag": _Several("tags", _plain),
}
_TEXTS = {"q": "text", "subject": "subject"}
_FLAGS = {"overdue": "overdue", "urged": "urged", "unreplied": "unreplied", "dispatch": "dispatch", "cc": "cc_me"}
_MOMENTS = ("created", "due", "resolved", "closed")
_BOUND = re.compile(r"([a-z]+)_(from|until)")
_BY_FIELD = frozenset({Sort.FIELD, Sort.FIELD_DOWN})


def _flag(name: str, value: str) -> Mapping[str, bool]:
    wanted = "me" if name == "cc" else "1"
    if value != wanted:
        raise _Refused(N_("It must be one of %(expected)s."), expected=wanted)
    return {_FLAGS[name]: True}


def _read_sort(value: str) -> Mapping[str, Any]:
    name, _, of = value.partition(".")
    if name not in set(Sort) or (Sort(name) in _BY_FIELD) != bool(of):
        expected = ", ".join(f"{each}.<field>" if each in _BY_FIELD else each for each in Sort)
        raise _Refused(N_("It must be one of %(expected)s."), expected=expected)
    return {"sort": Sort(name), "sort_field": of}


def _read_promise(value: str, now: datetime, zone: tzinfo) -> Promise:
    kind, _, rest = value.partition(".")
    outcome, _, judged = rest.partition(".")
    if kind not in set(ClockKind) or outcome not in set(Outcome):
        expected = ", ".join(f"{each}.{end}.<days>" for each in ClockKind for end in Outcome)
        raise _Refused(N_("It must be one of %(expected)s."), expected=expected)
    return Promise(kind, outcome, _read_moments(judged, now, zone))


def _read_field(name: str, value: str) -> FieldFilter:
    _, op, of = (*name.split(".", 2), "", "")[:3]
    if op not in set(FieldOp) or not of:
        expected = ", ".join(f"f.{each}.<field>" for each in FieldOp)
        raise _Refused(N_("It must be one of %(expected)s."), expected=expected)
    return FieldFilter(of, FieldOp(op), "" if op == FieldOp.FILLED else value)


# Moments: last7d, next24h, today, 2026-11-01..2026-11-22 (days, both included), or moments in full with their zone.

_SPAN = re.compile(r"(last|next)(\d{1,3})(d|h)")
_NAMED_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


def _read_moments(value: str, now: datetime, zone: tzinfo) -> Moments:
    today = _midnight(now.astimezone(zone), zone)
    if value in _NAMED_DAYS:
        first = _days_on(today, _NAMED_DAYS[value], zone)
        return Moments(first, _days_on(first, 1, zone))
    if span := _SPAN.fullmatch(value):
        count = int(span[2])
        if span[3] == "h":
            far = now + timedelta(hours=count if span[1] == "next" else -count)
            return Moments(min(now, far), max(now, far))
        first = _days_on(today, 1 - count if span[1] == "last" else 0, zone)
        return Moments(first, _days_on(first, count, zone))
    if ".." not in value:
        value = f"{value}..{value}"
    start, _, end = value.partition("..")
    if not start and not end:
        raise _no_moment()
    return Moments(_edge(start, zone, end=False), _edge(end, zone, end=True))


def _bounded(now: Moments, side: str, value: str, zone: tzinfo) -> Moments:
    """One side of a span, as a form with two dates sends it."""
    if side == "from":
        return replace(now, start=_edge(value, zone, end=False))
    return replace(now, end=_edge(value, zone, end=True))


def _edge(text: str, zone: tzinfo, *, end: bool) -> datetime | None:
    """A day's begin (as an end: the next day's), or a moment in full."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if len(text) == 10:
            day = moment.replace(tzinfo=zone)
            return (_days_on(day, 1, zone) if end else day).astimezone(UTC)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _no_moment()


def _no_moment() -> _Refused:
    return _Refused(N_("Write days as 2026-11-01..2026-11-22, or today, last7d, next24h."))


def _midnight(local: datetime, zone: tzinfo) -> datetime:
    return datetime.combine(local.date(), time(), zone).astimezone(UTC)


def _days_on(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """The beginning of a day some days away: a day is not always 24 hours long."""
    return datetime.combine(moment.astimezone(zone).date() + timedelta(days=days), time(), zone).astimezone(UTC)


def _moments(span: Moments, zone: tzinfo) -> str:
    start, end = _written(span.start, zone), _written(span.end, zone, end=True)
    return start if start == end and len(start) == 10 else f"{start}..{end}"


def _written(moment: datetime | None, zone: tzinfo, *, end: bool = False) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    if local.time() == time():
        return (local.date() - timedelta(days=1 if end else 0)).isoformat()
    return moment.astimezone(UTC).isoformat()
