"""Owns the rows of made-up tickets: each with its instance, task, timeline, field values, promises, copies, texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bench.seeding.bulk import Bulk, Row, json, moment
from bench.seeding.documents import Seers, document
from bench.seeding.facts import Facts, Lot
from bench.seeding.tables import FIRST, TABLES
from bench.seeding.timeline import Event, events
from engine.models import TaskStatus
from tickets.field_values import written
from tickets.ticket import Status

PROMISED = timedelta(days=120)
"""Of tickets no older than this it is known whether promises were kept."""
AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket's task: whom it was offered to first, where it waits now, and who holds or held it."""

    offered: int
    queue: int
    holder: int | None


@dataclass
class Press:
    """Makes tickets one after the other and hands their rows on, table by table."""

    bulk: Bulk
    lot: Lot
    count: int
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES})
    documents: list[tuple[int, list[str]]] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("task", "event", "copy", "notice", "clock"), 0))
    """How many rows there are so far of what one ticket has several of, or none."""
    open_tasks: int = 0

    def run(self, first: int, done: Callable[[int], None]) -> None:
        """Tickets from the id `first` on; `done` hears how many there are now and then."""
        for number in range(self.count):
            self._make(self.lot.draw(first + number, number / self.count))
            if len(self.rows["ticket"]) >= AT_ONCE:
                self._flush()
                done(number + 1)
        self._flush()

    def _flush(self) -> None:
        for name, table in TABLES.items():
            if self.rows[name]:
                self.bulk.insert(table, self.rows[name])
                self.rows[name] = []
        self.bulk.index(self.documents)
        self.documents = []

    def _make(self, facts: Facts) -> None:
        waiting = self._task(facts)
        story = events(facts, self.lot.chance)
        self._timeline(facts, story)
        self._instance(facts)
        self._ticket(facts)
        self._values(facts)
        self._clocks(facts)
        copied = self._copy(facts)
        self._notice(facts)
        seers = Seers(copied, waiting.holder, waiting.queue if facts.is_open else None)
        row, words = document(facts, story, seers, self.lot.town)
        self.rows["document"].append(row)
        self.documents.append((facts.id, words))

    def _next(self, table: str) -> int:
        self.made[table] += 1
        return self.made[table]

    def _task(self, facts: Facts) -> Waiting:
        waiting, kind = self._waiting(facts), facts.kind
        task = kind.task
        self.open_tasks += facts.is_open
        status = TaskStatus.OPEN if facts.is_open else TaskStatus.COMPLETED
        model = (task["ref"], task["element"], task["name"], json(task["names"]), task["form_digest"])
        whose = (waiting.holder, waiting.queue, waiting.offered)
        claimed = facts.stamp if waiting.holder else None
        self.rows["task"].append(
            (
                *(self._next("task") + len(self.lot.kinds), facts.public_id(3), facts.brand, facts.id, *model),
                *(json(task["settings"]), status.value, *whose, facts.due, facts.stamp, claimed),
                *(facts.ended, None if facts.is_open else waiting.holder),
            )
        )
        return waiting

    def _waiting(self, facts: Facts) -> Waiting:
        lot, role = self.lot, facts.kind.role
        town = lot.town
        offered = town.role_queue[role, facts.campus if role in ("consultant", "campus_head") else town.group]
        claimed = not facts.is_open or (facts.owner is not None and lot.chance.random() < 0.45)
        holder = (facts.owner or lot.worker(facts.kind, facts.campus)) if claimed else None
        return Waiting(offered, town.own_queue[holder] if holder else offered, holder)

    def _timeline(self, facts: Facts, story: Sequence[Event]) -> None:
        step = timedelta(minutes=self.lot.chance.randrange(3, 90))
        for number, event in enumerate(story):
            at = facts.stamp if number == 0 else moment(min(facts.at + number * step, self.lot.now))
            self.rows["event"].append(
                (
                    *(self._next("event") + FIRST, facts.id, facts.brand, at, event.kind, event.actor, "page"),
                    *(int(event.public), event.params, event.body, 0),
                )
            )

    def _instance(self, facts: Facts) -> None:
        kind = facts.kind
        running = (kind.state, "active") if facts.is_open else (b"", "completed")
        self.rows["instance"].append(
            (
                *(facts.id, facts.public_id(1), facts.brand, kind.definition_id, facts.number, 1, kind.codec),
                *(*running, facts.stamp, facts.ended),
            )
        )

    def _ticket(self, facts: Facts) -> None:
        kind, stamp = facts.kind, facts.stamp
        urged = facts.is_open and self.lot.chance.random() < 0.02
        self.rows["ticket"].append(
            (
                *(facts.id, facts.public_id(2), facts.number, facts.brand, facts.campus),
                *(kind.type_id, kind.definition_id, facts.id, facts.title),
                *(facts.requester, facts.requester, facts.owner, self.lot.priority(), facts.status),
                *(json(facts.data), kind.form_digest, facts.due),
                *(stamp if facts.status == Status.UNASSIGNED else None, int(urged), stamp if urged else None),
                *(3, stamp, facts.end if facts.ended else stamp, stamp if facts.owner else None, _first_reply(facts)),
                *(facts.ended or (stamp if facts.status == Status.RESOLVED else None), facts.ended),
                moment(facts.at + timedelta(hours=4)),
            )
        )

    def _values(self, facts: Facts) -> None:
        for name in facts.kind.listed:
            if (value := facts.data.get(name)) is not None and value != "":
                self.rows["value"].append((facts.id, name, 0, *written(value)))

    def _clocks(self, facts: Facts) -> None:
        """What was promised of the newest tickets: a first reply, and that it is resolved."""
        if facts.at < self.lot.now - PROMISED:
            return
        for kind, judged in (("response", _first_reply(facts)), ("resolution", facts.ended)):
            outcome = None if judged is None else "missed" if self.lot.chance.random() < 0.15 else "met"
            at = (facts.brand, facts.campus, facts.kind.type_id, facts.id)
            self.rows["clock"].append(
                (
                    *(self._next("clock") + FIRST, *at, kind, "PT8H", 1),
                    *(facts.stamp, facts.due, judged, outcome, judged),
                )
            )

    def _copy(self, facts: Facts) -> int | None:
        """The head of the campus hears of some."""
        chance = self.lot.chance
        if chance.random() >= 0.2:
            return None
        head = self.lot.town.heads[facts.campus]
        seen = None if chance.random() < 0.2 else facts.stamp
        self.rows["copy"].append((self._next("copy"), facts.brand, facts.id, head, facts.stamp, seen))
        return head

    def _notice(self, facts: Facts) -> None:
        """The owner was told of the newest."""
        if facts.owner is None or facts.id <= 0.8 * self.count:
            return
        read = None if self.lot.chance.random() < 0.1 else facts.stamp
        event = self.made["event"] + FIRST
        self.rows["notice"].append(
            (self._next("notice"), facts.brand, facts.owner, facts.id, event, "", "{}", facts.stamp, read)
        )


def _first_reply(facts: Facts) -> str | None:
    return facts.stamp if facts.owner is not None else None
