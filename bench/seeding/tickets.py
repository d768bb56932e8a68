"""Owns the rows of made-up tickets: each with its instance, tasks, timeline, field values, copies and its texts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from bench.seeding import words
from bench.seeding.bulk import Bulk, Row, Table, json, moment
from bench.seeding.kinds import WEIGHTS, Kind, filled
from bench.seeding.town import Town
from engine.database import NEVER
from tickets.field_values import written
from tickets.places import ancestors
from tickets.search.document import READER, mark
from tickets.search.tokens import tokens
from tickets.ticket import Priority, Status

YEARS = 3
OPEN_SHARE = 0.1
LONG = 1000
"""So many rows has the timeline of every `LONG_EACH`th ticket."""
LONG_EACH, LONG_AT = 4000, 999
PROMISED = timedelta(days=120)
AT_ONCE = 5000
_OPEN = (
    (Status.UNASSIGNED, 3),
    (Status.OFFERED, 12),
    (Status.IN_PROGRESS, 60),
    (Status.AWAITING_REQUESTER, 12),
    (Status.SUSPENDED, 5),
    (Status.RESOLVED, 8),
)
_OPEN_NAMES = [status.value for status, _ in _OPEN]
_OPEN_WEIGHTS = list(accumulate(weight for _, weight in _OPEN))
_PRIORITIES = ([each.value for each in Priority], list(accumulate((3, 12, 70, 15))))
_KIND_WEIGHTS = list(accumulate(WEIGHTS))
FAR = moment(NEVER)

TABLES = {
    "instance": Table(
        "process_instance",
        (
            "id public_id brand_id definition_id business_key revision codec_version state status started_at ended_at"
        ).split(),
    ),
    "ticket": Table(
        "ticket",
        (
            "id public_id number brand_id place_id type_id definition_id instance_id title requester_id filed_by_id "
            "owner_id priority status data form_digest due_at dispatch_at urges urged_at version created_at updated_at "
            "accepted_at first_reply_at resolved_at closed_at response_due_at"
        ).split(),
    ),
    "task": Table(
        "user_task",
        (
            "id public_id brand_id instance_id ref element name names form_digest settings status assignee_id "
            "queue_key offered_key due_at opened_at claimed_at closed_at closed_by_id"
        ).split(),
    ),
    "event": Table("timeline_event", "id ticket_id brand_id at kind actor_id via public params body pending".split()),
    "value": Table("field_value", "ticket_id name position text number".split()),
    "copy": Table("ticket_cc", "id brand_id ticket_id person_id at seen_at".split()),
    "notice": Table("notice", "id brand_id person_id ticket_id event_id part params at read_at".split()),
    "clock": Table(
        "service_clock",
        (
            "id brand_id place_id type_id ticket_id kind span working started_at due_at stopped_at outcome judged_at"
        ).split(),
    ),
    "document": Table("search_document", "ticket_id outside inside marks reader".split()),
}


@dataclass
class Press:
    """Makes tickets one after the other and hands their rows on, table by table."""

    bulk: Bulk
    chance: random.Random
    town: Town
    kinds: list[Kind]
    now: datetime
    count: int
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES})
    documents: list[tuple[int, list[str]]] = field(default_factory=list)
    tasks: int = 0
    events: int = 0
    copies: int = 0
    notices: int = 0
    clocks: int = 0
    open_tasks: int = 0

    def run(self, first: int, done: Callable[[int], None]) -> None:
        """Tickets from the id `first` on; `done` hears how many there are now and then."""
        for number in range(first, first + self.count):
            _Made(self, number, number - first).write()
            if len(self.rows["ticket"]) >= AT_ONCE:
                self.flush()
                done(number - first + 1)
        self.flush()

    def flush(self) -> None:
        for name, table in TABLES.items():
            if self.rows[name]:
                self.bulk.insert(table, self.rows[name])
                self.rows[name].clear()
        self.bulk.index(self.documents)
        self.documents.clear()


class _Made:
    """One ticket."""

    def __init__(self, press: Press, row_id: int, number: int) -> None:
        chance, town = press.chance, press.town
        self.press, self.id, self.chance = press, row_id, chance
        share = number / press.count
        self.kind = chance.choices(press.kinds, cum_weights=_KIND_WEIGHTS)[0]
        self.campus = town.campuses[min(int(chance.expovariate(3.0) * len(town.campuses) / 3), len(town.campuses) - 1)]
        if chance.random() < 0.7:
            self.campus = chance.choice(town.campuses)
        self.brand = town.brand_of[self.campus]
        self.at = press.now - timedelta(days=YEARS * 365) * (1 - share) - timedelta(seconds=2)
        newest = 1.5 * OPEN_SHARE
        is_open = chance.random() < (0.62 if share > 1 - newest else (OPEN_SHARE - 0.62 * newest) / (1 - newest))
        self.status = chance.choices(_OPEN_NAMES, cum_weights=_OPEN_WEIGHTS)[0] if is_open else self._ended()
        self.is_open = is_open
        self.requester = chance.choice(town.teachers[self.campus])
        waiting = self.status in (Status.UNASSIGNED, Status.OFFERED)
        self.owner = None if waiting else self._worker()
        self.stamp = moment(self.at)
        self.said = words.story(chance)
        self.title = chance.choice(words.TITLES)
        self.bodies: list[tuple[bool, str]] = []
        self.uuid = f"{int(self.at.timestamp() * 1000):012x}7000"

    def _ended(self) -> str:
        return Status.WITHDRAWN.value if self.chance.random() < 0.04 else Status.CLOSED.value

    def _worker(self) -> int:
        town, role = self.press.town, self.kind.role
        if role == "consultant":
            return self.chance.choice(town.consultants[self.campus])
        return town.heads[self.campus] if role == "campus_head" else self.chance.choice(town.by_role[role])

    def public_id(self, table: int) -> str:
        return f"{self.uuid}{0x8000000000000000 + (table << 50) + self.id:016x}"

    def write(self) -> None:
        rows, kind, chance = self.press.rows, self.kind, self.chance
        self.number = f"{kind.prefix}-{30000 + self.id}"
        data = self._data()
        end = self.at + timedelta(hours=chance.uniform(1, 200))
        self.end = moment(min(end, self.press.now))
        due = self.at + timedelta(hours=chance.choice((8, 24, 48, 72, 120, 240)))
        if self.is_open:  # most are still in time
            due = self.press.now + timedelta(hours=chance.uniform(-30, 170))
        self._task(moment(due))
        self._timeline()
        urged = self.is_open and chance.random() < 0.02
        rows["instance"].append(
            (
                self.id,
                self.public_id(1),
                self.brand,
                kind.definition_id,
                self.number,
                1,
                kind.codec,
                kind.state if self.is_open else b"",
                "active" if self.is_open else "completed",
                self.stamp,
                None if self.is_open else self.end,
            )
        )
        over = None if self.is_open else self.end
        rows["ticket"].append(
            (
                self.id,
                self.public_id(2),
                self.number,
                self.brand,
                self.campus,
                kind.type_id,
                kind.definition_id,
                self.id,
                self.title,
                self.requester,
                self.requester,
                self.owner,
                chance.choices(_PRIORITIES[0], cum_weights=_PRIORITIES[1])[0],
                self.status,
                json(data),
                kind.form_digest,
                moment(due),
                self.stamp if self.status == Status.UNASSIGNED else None,
                int(urged),
                self.stamp if urged else None,
                3,
                self.stamp,
                self.stamp if self.is_open else self.end,
                self.stamp if self.owner else None,
                self.first_reply,
                over or (self.stamp if self.status == Status.RESOLVED else None),
                over,
                moment(self.at + timedelta(hours=4)),
            )
        )
        self._values(data)
        self._clocks(moment(due))
        self._copies()
        self._document()

    def _data(self) -> dict[str, Any]:
        chance, detail = self.chance, "，".join(self.said)
        if self.kind.key != "crash_report":
            return {**filled(self.kind.key, chance.randrange(4096)), "detail": detail}
        given = {"phone_model": chance.choice(words.MODELS), "app_version": chance.choice(words.VERSIONS)}
        given |= {"os": chance.choice(("ios", "ipados", "android", "harmonyos")), "what_happened": detail}
        return {**self.kind.data, **given, "affected_students": chance.randrange(1, 30)}

    def _task(self, due: str) -> None:
        press, kind, chance = self.press, self.kind, self.chance
        task, town = kind.task, press.town
        place = self.campus if kind.role in ("consultant", "campus_head") else town.group
        offered = town.role_queue[kind.role, place]
        closed = not self.is_open
        claimed = closed or (self.owner is not None and chance.random() < 0.45)
        worker = (self.owner or self._worker()) if claimed else None
        press.tasks += 1
        press.open_tasks += not closed
        press.rows["task"].append(
            (
                press.tasks + len(press.kinds),
                self.public_id(3),
                self.brand,
                self.id,
                task["ref"],
                task["element"],
                task["name"],
                json(task["names"]),
                task["form_digest"],
                json(task["settings"]),
                "completed" if closed else "open",
                worker,
                town.own_queue[worker] if worker else offered,
                offered,
                due,
                self.stamp,
                self.stamp if claimed else None,
                self.end if closed else None,
                worker if closed else None,
            )
        )

    def _timeline(self) -> None:
        press, chance = self.press, self.chance
        asks, works = self.requester, self.owner
        self.first_reply: str | None = None
        task = json({"task": self.kind.task["name"]})
        said: list[tuple[str, bool, int | None, str, str]] = [
            ("filed", True, asks, "{}", ""),
            ("offered", False, None, task, ""),
        ]
        if works is not None:
            said += [("accepted", True, works, "{}", ""), ("claimed", False, works, task, "")]
            for _ in range(LONG // 2 if self.id % LONG_EACH == LONG_AT else chance.choice((1, 2, 2, 3))):
                said.append(("noted", False, works, "{}", words.note(chance)))
                said.append(("replied", True, works, "{}", words.reply(chance)))
            said.append(("answered", True, asks, "{}", words.answer(chance)))
            self.first_reply = self.stamp
        if not self.is_open:
            said += [("completed", False, works, task, ""), ("closed", True, None, "{}", "")]
        step = timedelta(minutes=chance.randrange(3, 90))
        for number, (kind, public, actor, params, body) in enumerate(said):
            press.events += 1
            at = self.stamp if number == 0 else moment(min(self.at + number * step, press.now))
            press.rows["event"].append(
                (press.events + 1000, self.id, self.brand, at, kind, actor, "page", int(public), params, body, 0)
            )
            if body:
                self.bodies.append((public, body))

    def _values(self, data: dict[str, Any]) -> None:
        for name in self.kind.listed:
            if (value := data.get(name)) is not None and value != "":
                self.press.rows["value"].append((self.id, name, 0, *written(value)))

    def _clocks(self, due: str) -> None:
        """What was promised of the newest tickets: a first reply, and that it is resolved."""
        press = self.press
        if self.at < press.now - PROMISED:
            return
        for kind, judged in (("response", self.first_reply), ("resolution", None if self.is_open else self.end)):
            press.clocks += 1
            outcome = None if judged is None else "missed" if self.chance.random() < 0.15 else "met"
            press.rows["clock"].append(
                (
                    *(press.clocks + 1000, self.brand, self.campus, self.kind.type_id, self.id, kind, "PT8H", 1),
                    *(self.stamp, due, judged, outcome, judged),
                )
            )

    def _copies(self) -> None:
        press, chance = self.press, self.chance
        self.copied: int | None = None
        if chance.random() < 0.2:
            press.copies += 1
            self.copied = press.town.heads[self.campus]
            seen = None if chance.random() < 0.2 else self.stamp
            press.rows["copy"].append((press.copies, self.brand, self.id, self.copied, self.stamp, seen))
        if self.owner is not None and self.id > 0.8 * press.count:
            press.notices += 1
            read = None if chance.random() < 0.1 else self.stamp
            press.rows["notice"].append(
                (press.notices, self.brand, self.owner, self.id, press.events + 1000, "", "{}", self.stamp, read)
            )

    def _document(self) -> None:
        town = self.press.town
        name, phone = town.names[self.requester], town.phones[self.requester]
        outside = [self.title, self.number, self.number.replace("-", ""), name, "，".join(self.said)]
        parts = [self.title, name, *self.said]
        for public, body in reversed(self.bodies):
            if public:
                outside.append(body)
                parts.append(body)
        inside = [phone, *(body for public, body in reversed(self.bodies) if not public)]
        marks = sorted({*self._marks()})
        found = frozenset().union(*map(words.found_by, parts)) | tokens(self.number) | tokens(outside[2])
        private = frozenset().union(*map(words.found_by, inside[1:])) | tokens(phone)
        self.press.rows["document"].append((self.id, "\n".join(outside), "\n".join(inside), " ".join(marks), READER))
        every = [*found, *("_" + each for each in private - found), *marks]
        self.press.documents.append((self.id, sorted(every)))

    def _marks(self) -> Iterator[str]:
        yield from (mark("p", place) for place in ancestors(self.press.town.paths[self.campus])[1:])
        yield mark("t", self.kind.type_id)
        yield mark("s", self.status)
        for person in (self.requester, self.owner, self.copied):
            if person is not None:
                yield mark("u", person)
        task = self.press.rows["task"][-1]
        if self.is_open:
            yield mark("q", task[12])
        if task[11] is not None:
            yield mark("u", task[11])
