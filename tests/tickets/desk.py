"""A ticket type and tickets made row by row: what the engine would have written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import ManualClock
from engine.definitions import kinds, model, stored
from engine.models import (
    Deployment,
    ElementVisit,
    Incident,
    MessageSubscription,
    ProcessDefinition,
    ProcessInstance,
    TaskCandidate,
    Timer,
    UserTask,
)
from forms import read_form
from tests.cast import Cast, lasting_cast
from tests.databases import Databases, Kind
from tickets.access import Actor
from tickets.people import Person
from tickets.permissions import Permission, Scope
from tickets.places import Place
from tickets.roles import Role, queue_of_person, queue_of_role
from tickets.runtime import Runtime
from tickets.staff import NewPerson, add_person, grant_role
from tickets.ticket import Ticket
from tickets.timeline import EventKind, TimelineEvent, event_row
from tickets.types import StoredForm, TicketType

FORM, _PROBLEMS = read_form(
    {"type": "default", "components": [{"type": "textfield", "id": "f1", "key": "model", "label": "机型"}]}
)
"""What a crash is filed with."""

MORNING = ManualClock().now()
"""When the cast's clock stands still."""


@dataclass
class Desk:
    """The cast with a ticket type. Everything it makes is committed at once."""

    cast: Cast
    definition: ProcessDefinition
    type: TicketType
    numbers: int = 20400

    @property
    def runtime(self) -> Runtime:
        return self.cast.runtime

    @property
    def clock(self) -> ManualClock:
        return self.cast.clock

    @property
    def people(self) -> dict[str, int]:
        return self.cast.people

    def actor(self, login: str) -> Actor:
        return self.cast.actor(login)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.runtime.writing() as session, session.begin():
            yield session

    def ticket(self, requester: str | None = "zhoulan", owner: str | None = None, **columns: Any) -> Ticket:
        self.numbers += 1
        now = self.clock.now()
        with self.writing() as session:
            home = self.cast.places["sz-nanshan"]
            place = session.get_one(Person, self.people[requester]).place_id if requester else home
            brand = session.get_one(Place, place).brand_id
            instance = ProcessInstance(
                brand_id=brand, definition_id=self.definition.id, revision=1, codec_version=1, state=b"", started_at=now
            )
            session.add(instance)
            session.flush()
            values: dict[str, Any] = {
                "number": f"CR-{self.numbers}",
                "brand_id": brand,
                "place_id": place,
                "type_id": self.type.id,
                "definition_id": self.definition.id,
                "instance_id": instance.id,
                "title": "App 上课时闪退",
                "requester_id": self.people[requester] if requester else None,
                "filed_by_id": self.people[requester] if requester else None,
                "owner_id": self.people[owner] if owner else None,
                "created_at": now,
                "updated_at": now,
            }
            ticket = Ticket(**(values | columns))
            session.add(ticket)
        return ticket

    def task(self, ticket: Ticket, *, claimed: str | None = None, queue: int | None = None, **columns: Any) -> UserTask:
        """Offered to the queue, or claimed by a person, or for nobody."""
        now = self.clock.now()
        with self.writing() as session:
            if claimed:
                columns = {"assignee_id": self.people[claimed], "claimed_at": now} | columns
                queue = queue_of_person(session, self.people[claimed])
            values: dict[str, Any] = {
                "brand_id": ticket.brand_id,
                "instance_id": ticket.instance_id,
                "ref": "0",
                "element": "triage",
                "name": "分诊",
                "names": {"zh": "分诊", "en": "Triage"},
                "queue_key": queue,
                "opened_at": now,
            }
            task = UserTask(**(values | columns))
            session.add(task)
        return task

    def queue(self, role: str, place: str = "qiming") -> int:
        with self.writing() as session:
            return queue_of_role(session, self.cast.roles[role], self.cast.places[place])

    def own_queue(self, login: str) -> int:
        with self.writing() as session:
            return queue_of_person(session, self.people[login])

    def also_offer(self, task: UserTask, *queues: int) -> None:
        with self.writing() as session:
            session.add_all(TaskCandidate(task_id=task.id, queue_key=queue) for queue in queues)

    def event(self, ticket: Ticket, kind: EventKind, actor: str | None = None, **given: Any) -> None:
        values: dict[str, Any] = {"at": self.clock.now(), "public": True, "via": "page", "params": {}} | given
        actor_id = self.people[actor] if actor else None
        with self.writing() as session:
            row = event_row(ticket.id, ticket.brand_id, kind, actor_id=actor_id, **values)
            session.execute(sa.insert(TimelineEvent), [row])

    def visit(self, ticket: Ticket, *elements: str, outcome: str = "completed") -> None:
        now = self.clock.now()
        with self.writing() as session:
            session.add_all(
                ElementVisit(
                    instance_id=ticket.instance_id, element=element, entered_at=now, left_at=now, outcome=outcome
                )
                for element in elements
            )

    def timer(self, ticket: Ticket, element: str) -> None:
        due = self.clock.now() + timedelta(hours=1)
        with self.writing() as session:
            session.add(
                Timer(brand_id=ticket.brand_id, instance_id=ticket.instance_id, ref="1", element=element, due_at=due)
            )

    def awaited(self, ticket: Ticket, element: str) -> None:
        with self.writing() as session:
            session.add(
                MessageSubscription(
                    brand_id=ticket.brand_id, instance_id=ticket.instance_id, name="confirmed", ref="2", element=element
                )
            )

    def incident(self, ticket: Ticket, element: str) -> None:
        with self.writing() as session:
            session.add(
                Incident(
                    brand_id=ticket.brand_id,
                    instance_id=ticket.instance_id,
                    element=element,
                    reason="“%(name)s” is not known.",
                    params={"name": "amount"},
                    kind="complete",
                    payload={},
                    opened_at=self.clock.now(),
                )
            )

    def reload(self, ticket: Ticket) -> Ticket:
        with self.runtime.reading() as session:
            return session.get_one(Ticket, ticket.id)

    def events(self, ticket: Ticket) -> list[TimelineEvent]:
        query = sa.select(TimelineEvent).where(TimelineEvent.ticket_id == ticket.id).order_by(TimelineEvent.id)
        with self.runtime.reading() as session:
            return list(session.scalars(query))


@pytest.fixture
def desk(cast: Cast) -> Desk:
    """The cast, and an auditor who sees the whole group and may say nothing."""
    return open_desk(cast)


@pytest.fixture(scope="module", params=list(Kind))
def lasting_desk(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """One desk on each kind of database for tests that look only at tickets of their own: it is quicker."""
    with lasting_cast(databases, request.param, tmp_path_factory.mktemp("desk")) as cast:
        yield open_desk(cast)


def open_desk(cast: Cast) -> Desk:
    group = cast.places["qiming"]
    with cast.runtime.writing() as session, session.begin():
        _add_auditor(session, cast, group)
        definition = _add_definition(session, group)
        ticket_type = TicketType(
            brand_id=group,
            key="crash_report",
            name="崩溃上报",
            names={"zh": "崩溃上报", "en": "Crash report"},
            prefix="CR",
            fileable=True,
            definition_id=definition.id,
            updated_at=MORNING,
        )
        session.add(ticket_type)
        session.add(StoredForm(digest=FORM.digest, content=dict(FORM.source)))
    return Desk(cast, definition, ticket_type)


def _add_auditor(session: Session, cast: Cast, group: int) -> None:
    permissions = [Permission.SEE.value]
    role = Role(
        brand_id=group, key="auditor", name_zh="审计", name_en="Auditor", permissions=permissions, scope=Scope.GROUP
    )
    place = session.get_one(Place, group)
    person = add_person(session, place, NewPerson(login="auditor", name="审计组"), password_hash="", at=MORNING)
    session.add(role)
    session.flush()
    grant_role(session, person, role_id=role.id, place_id=group)
    cast.people["auditor"] = person.id


COMPILED = stored.Compiled(
    model.Process(
        id="crash_report",
        scope=model.Scope(
            nodes=(
                model.Node(id="develop", kind=kinds.Kind.USER, name="研发处理", names={"en": "Development"}),
                model.Node(id="deadline", kind=kinds.Kind.BOUNDARY, attached_to="develop"),
                model.Node(id="answer", kind=kinds.Kind.CATCH),
            )
        ),
    )
)
"""As much of a process as the reading of a ticket needs."""


def _add_definition(session: Session, group: int) -> ProcessDefinition:
    deployment = Deployment(brand_id=group, created_at=MORNING)
    session.add(deployment)
    session.flush()
    definition = ProcessDefinition(
        brand_id=group,
        key="crash_report",
        version=4,
        name="崩溃上报",
        deployment_id=deployment.id,
        path="crash_report.bpmn",
        digest="0" * 64,
        reader_version=1,
        compiled=stored.dump(COMPILED),
        created_at=MORNING,
    )
    session.add(definition)
    session.flush()
    return definition
