"""What a brand has besides tickets: a calendar, a policy, a view, a client, a departure … each made by its own verb."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.cast import Cast
from tickets import copying, saved_views
from tickets.assigning import absences, rule_checks, rules, sharing
from tickets.canned import keeping
from tickets.clients import managing
from tickets.clients.facts import Facts
from tickets.connectors.tables import ConnectorSecret
from tickets.departing.begin import depart
from tickets.departing.plan import Wish
from tickets.exporting import exports
from tickets.exporting.sheet import Format
from tickets.notices.addresses import add_channel
from tickets.notices.models import Delivery, DeliveryStatus, Notice
from tickets.notices.urls import AddressKind, Url
from tickets.organising import people_import
from tickets.organising.role_changes import RoleFacts, create_role
from tickets.organising.sessions import PersonSession
from tickets.places import Place
from tickets.roles import Membership
from tickets.service import drafts, editing
from tickets.service.tables import Closure, ServicePolicy
from tickets.shares import TaskShare
from tickets.staff import NewPerson, add_person, grant_role
from tickets.standards.tables import (
    CheckedStep,
    Launch,
    Occurrence,
    SpotCheck,
    Standard,
    StandardStep,
    StepRecord,
    Waiver,
)
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent
from tickets.tokens import ApiToken

ADMINISTRATORS = {"qinghe": "guohao", "kapok": "yuxin"}
WORKERS = {"qinghe": "duxin", "kapok": "heyu"}
CAMPUSES = {"qinghe": "sz-nanshan", "kapok": "cd-gaoxin"}


def add_people(cast: Cast) -> None:
    """An administrator of 木棉科学, and a consultant of each brand."""
    wanted = [("yuxin", "kapok", "brand_administrator")]
    wanted += [(login, CAMPUSES[brand], "consultant") for brand, login in WORKERS.items()]
    with cast.runtime.writing() as session, session.begin():
        for login, place, role in wanted:
            home = session.get_one(Place, cast.places[place])
            new = NewPerson(login=login, name=f"{login}的姓名")
            person = add_person(session, home, new, password_hash="", at=cast.clock.now())
            grant_role(session, person, role_id=cast.roles[role], place_id=home.id)
            cast.people[login] = person.id


def belongings(cast: Cast, brand: str, secret: str, number: str, task_id: UUID) -> dict[str, str]:
    """Made by the brand's administrator, all called `secret`: their ids by the argument of an address."""
    actor, worker, campus = cast.actor(ADMINISTRATORS[brand]), cast.actor(WORKERS[brand]), CAMPUSES[brand]
    make, now = partial(_one, cast), cast.clock.now()
    with cast.runtime.reading() as session:
        place = session.get_one(Place, cast.places[brand]).public_id
    hours = ["09:00-18:00"] * 5 + ["", ""]
    calendar = drafts.read_calendar(zh=secret, en=secret, hours=hours, holidays="", days="")
    made: dict[str, Any] = {
        "calendar_id": editing.put_calendar(cast.runtime, actor, calendar, owner_id=place),
        "place_id": place,
        "brand_id": cast.places[brand],
        "login": worker.login,
        "person_id": worker.public_id,
        "person": worker.public_id,
        "to": worker.public_id,
        "view_id": saved_views.keep(cast.runtime, actor, saved_views.NewView(secret, "status=open", shared=True)),
        "reply_id": keeping.create(cast.runtime, actor, keeping.Wanted(secret, body_zh=secret, shared=True)),
        "export_id": exports.order(cast.runtime, actor, query="q=x", kind=Format.CSV, reader={}, total=0),
        "client_id": managing.create(cast.runtime, actor, Facts(secret, str(place), ("tickets:read",)))[0],
    }
    made["token_id"] = make(ApiToken.public_id, ApiToken.client_id.is_not(None))
    shut = {"starts": "2026-12-01T00:00", "ends": "2026-12-02T00:00", "reason": secret}
    editing.add_closure(cast.runtime, actor, place, **shut)
    editing.put_policy(cast.runtime, actor, place, editing.PolicyFacts(resolution="P2D"))
    made |= {"closure_id": make(Closure.public_id), "policy_id": make(ServicePolicy.public_id)}
    rule = rule_checks.NewRule("secret_type", "look", "person", who=worker.login)
    made["rule_id"] = rules.add_rule(cast.runtime, actor, cast.places[brand], rule)
    away = absences.NewAbsence(now + timedelta(days=1), now + timedelta(days=2), reason=secret)
    made["absence_id"] = absences.set_absence(cast.runtime, actor, worker.person_id, away)
    facts = RoleFacts(secret, secret, ("ticket.file",), "own", key="secret_role")
    made["role_id"] = create_role(cast.runtime, actor, facts, brand_id=cast.places[brand])
    sheet = f"login,name,place\nxuan,{secret},{campus}\n".encode()
    made["import_id"] = people_import.upload(cast.runtime, actor, sheet, file_name=f"{secret}.csv")
    url = Url(AddressKind.WECOM, "wecombot://0123456789abcdef", secret)
    made["address_id"] = add_channel(cast.runtime, actor, secret, url, ["urges"])
    cast.sign_in(worker.login)
    made["session_id"] = make(PersonSession.public_id, PersonSession.person_id == worker.person_id)
    made["membership_id"] = make(Membership.id, Membership.person_id == worker.person_id)
    made["departure_id"] = depart(
        cast.runtime, actor, worker.public_id, Wish(default="superior"), at=now + timedelta(days=9)
    )
    made |= _standard(cast, brand, secret)
    made["secret_id"] = _kept_secret(cast, brand)
    _on_the_ticket(cast, brand, number, task_id)
    made["share_id"] = make(TaskShare.public_id)
    made |= _told(cast, brand, number)
    return {name: str(value) for name, value in made.items()}


def _standard(cast: Cast, brand: str, secret: str) -> dict[str, UUID]:
    """A standard of the brand, and a launch of it that is under way."""
    home, now = cast.places[brand], cast.clock.now()
    whose: dict[str, Any] = {"brand_id": home, "place_id": home, "created_at": now, "updated_at": now}
    facts = {"type_key": secret, "subject_kind": "class", "trigger": "created", "begins_on": now.date()}
    kept = Standard(**whose, **facts)
    with cast.runtime.writing() as session, session.begin():
        session.add(kept)
        session.flush()
        boss = cast.people[ADMINISTRATORS[brand]]
        launch = Launch(**whose, standard_id=kept.id, by_id=boss, state="running")
        here = {"brand_id": home, "place_id": home, "standard_id": kept.id, "starts_on": now.date()}
        waiver = Waiver(
            **here, ends_on=now.date(), reason=secret, asked_at=now, asked_by_id=cast.people[WORKERS[brand]]
        )
        session.add_all([launch, waiver])
        session.flush()
        looked = _looked_at(session, kept, {**here, "ends_on": now.date(), "drawn_at": now, "drawn_by_id": boss})
        return {**looked, "standard_id": kept.public_id, "launch_id": launch.public_id, "waiver_id": waiver.public_id}


def _looked_at(session: Session, standard: Standard, drawn: dict[str, Any]) -> dict[str, UUID]:
    """A spot check of the standard, with one step of its sample."""
    whose, now = {"brand_id": drawn["brand_id"], "place_id": drawn["place_id"]}, drawn["drawn_at"]
    facts = {"kind": "class", "external_id": "looked-at", "name": standard.type_key, "created_at": now}
    subject = Subject(**whose, **facts, updated_at=now)
    step = StandardStep(standard_id=standard.id, key="hold", name=standard.type_key, position=1)
    check = SpotCheck(**drawn, size=1, seed="s33d")
    session.add_all([subject, step, check])
    session.flush()
    about = {"standard_id": standard.id, "subject_id": subject.id}
    occurrence = Occurrence(**whose, **about, period="once", starts_at=now, created_at=now)
    session.add(occurrence)
    session.flush()
    done = StepRecord(**whose, **about, step_id=step.id, occurrence_id=occurrence.id, due_at=now, valid_from=now)
    session.add(done)
    session.flush()
    checked = CheckedStep(**whose, check_id=check.id, record_id=done.id)
    session.add(checked)
    session.flush()
    return {"check_id": check.public_id, "checked_id": checked.public_id}


def _kept_secret(cast: Cast, brand: str) -> UUID:
    """A secret of the brand's connectors."""
    kept = ConnectorSecret(brand_id=cast.places[brand], name="coupon_key", sealed=b"sealed")
    kept.created_at = kept.updated_at = cast.clock.now()
    with cast.runtime.writing() as session, session.begin():
        session.add(kept)
        session.flush()
        return kept.public_id


def _on_the_ticket(cast: Cast, brand: str, number: str, task_id: UUID) -> None:
    """Somebody in copy, and a question to a worker of the brand by 李娜, who works on it."""
    who = cast.actor(WORKERS[brand])
    sharing.consult(cast.runtime, cast.lina, task_id, [who.person_id], "为什么?")
    copying.add_copies(cast.runtime, cast.actor("chenxiao"), number, [who.public_id])


def _told(cast: Cast, brand: str, number: str) -> dict[str, int]:
    """A notice, and a message that could not be sent."""
    with cast.runtime.writing() as session, session.begin():
        ticket = session.scalars(sa.select(Ticket).where(Ticket.number == number)).one()
        event = session.scalars(sa.select(TimelineEvent.id).where(TimelineEvent.ticket_id == ticket.id)).first()
        whose = {"brand_id": cast.places[brand], "person_id": cast.people[WORKERS[brand]], "at": cast.clock.now()}
        notice = Notice(ticket_id=ticket.id, event_id=event, part="cc", params={}, **whose)
        facts = {"channel": "mail", "part": "cc", "key": "failed", "status": DeliveryStatus.FAILED}
        delivery = Delivery(event_id=event, **facts, **whose)
        session.add_all([notice, delivery])
        session.flush()
        return {"notice_id": notice.id, "delivery_id": delivery.id}


def _one(cast: Cast, column: Any, *criteria: sa.ColumnElement[bool]) -> Any:
    with cast.runtime.reading() as session:
        return session.scalars(sa.select(column).where(*criteria)).one()
