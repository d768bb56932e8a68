"""What the addresses name besides the ticket: a calendar, a policy, a view, a departure … each made by its own verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.jobs import enqueue
from engine.models import Job
from tests.cast import Cast
from tests.tickets.standards.looked_at import look_at
from tickets import copying, saved_views
from tickets.assigning import sharing
from tickets.assigning.absences import NewAbsence, set_absence
from tickets.assigning.models import Method
from tickets.assigning.rule_checks import NewRule
from tickets.assigning.rules import add_rule
from tickets.canned import keeping
from tickets.clients import managing
from tickets.clients.facts import Facts
from tickets.connectors.sealing import Keyring
from tickets.connectors.secret import Wanted
from tickets.connectors.secret import create as create_secret
from tickets.departing.begin import depart
from tickets.departing.plan import Wish
from tickets.exporting import exports
from tickets.exporting.sheet import Format
from tickets.notices.addresses import add_own
from tickets.notices.models import Delivery, DeliveryStatus, Notice
from tickets.notices.urls import AddressKind, Url
from tickets.organising import people_import
from tickets.organising.sessions import PersonSession
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership, Role
from tickets.service import drafts, editing
from tickets.service.tables import Closure, ServicePolicy
from tickets.shares import TaskShare
from tickets.standards.tables import Launch, Standard
from tickets.tokens import ApiToken

At = dict[str, Any]
Make = Callable[[Cast, At], At]


def service(cast: Cast, _at: At) -> At:
    """A calendar, a closure and a policy of 青禾英语."""
    with cast.runtime.reading() as session:
        brand = session.get_one(Place, cast.places["qinghe"]).public_id
    hours = ["09:00-18:00"] * 5 + ["", ""]
    facts = drafts.read_calendar(zh="青禾", en="Qinghe", hours=hours, holidays="", days="")
    calendar = editing.put_calendar(cast.runtime, cast.guohao, facts, owner_id=brand)
    shut = {"starts": "2026-12-01T00:00", "ends": "2026-12-02T00:00", "reason": "搬迁"}
    editing.add_closure(cast.runtime, cast.guohao, brand, **shut)
    editing.put_policy(cast.runtime, cast.guohao, brand, editing.PolicyFacts(resolution="P2D"))
    found = {"closure_id": _only(cast, Closure.public_id), "policy_id": _only(cast, ServicePolicy.public_id)}
    with cast.runtime.reading() as session:
        campus = session.get_one(Place, cast.places["sz-nanshan"]).public_id
    return {"calendar_id": calendar, "place_id": brand, "campus_id": campus, **found}


def view(cast: Cast, _at: At) -> At:
    """A view of 李娜's own."""
    return {"view_id": saved_views.keep(cast.runtime, cast.lina, saved_views.NewView("我的", "status=open"))}


def papers(cast: Cast, _at: At) -> At:
    """A canned reply of 李娜's, and an export of 陈晓's."""
    reply = keeping.create(cast.runtime, cast.lina, keeping.Wanted("谢谢", body_zh="谢谢你的反馈。"))
    export = exports.order(cast.runtime, cast.chenxiao, query="status=open", kind=Format.CSV, reader={}, total=0)
    return {"reply_id": reply, "export_id": export}


def share(cast: Cast, at: At) -> At:
    """王磊 asks 张伟 for advice; 赵敏 is in copy."""
    sharing.consult(cast.runtime, cast.wanglei, at["task_id"], [cast.people["zhangwei"]], "权限问题?")
    copying.add_copies(cast.runtime, cast.lina, at["number"], [_person(cast, "zhaomin")])
    return {"share_id": _only(cast, TaskShare.public_id), "person": _person(cast, "zhaomin")}


def client(cast: Cast, at: At) -> At:
    """A client of 青禾英语 with its token."""
    facts = Facts(name="教务系统", place=str(at["place_id"]), scopes=("subjects:write",))
    public_id, _ = managing.create(cast.runtime, cast.guohao, facts)
    with cast.runtime.reading() as session:
        token = session.scalars(sa.select(ApiToken.public_id).where(ApiToken.client_id.is_not(None))).one()
    return {"client_id": public_id, "token_id": token}


def secret(cast: Cast, at: At) -> At:
    """A secret of 青禾英语."""
    wanted = Wanted(brand=str(at["place_id"]), name="coupon_key", value="k-7f3a9c5e1b2d4f60")
    return {"secret_id": create_secret(cast.runtime, Keyring.of("x" * 40), cast.admin, wanted)}


def departure(cast: Cast, _at: At) -> At:
    """刘涛 leaves at a moment to come."""
    moment = cast.clock.now().replace(year=2027, month=1)
    who = _person(cast, "liutao")
    return {"departure_id": depart(cast.runtime, cast.guohao, who, Wish(default="superior"), at=moment)}


def notice(cast: Cast, _at: At) -> At:
    """A notice and an address of 李娜's, and a delivery that failed for good."""
    url = Url(AddressKind.WECOM, "wecombot://0123456789abcdef", "…cdef")
    with cast.runtime.writing() as session, session.begin():
        mine = session.scalars(sa.select(Notice).where(Notice.person_id == cast.people["lina"])).first()
        assert mine is not None
        delivery = _failed(session, cast, mine)
        notice_id, delivery_id = mine.id, delivery.id
    address = add_own(cast.runtime, cast.lina, "手机", url)
    return {"notice_id": notice_id, "address_id": address, "delivery_id": delivery_id}


def _failed(session: Session, cast: Cast, mine: Notice) -> Delivery:
    facts = {"channel": "mail", "part": mine.part, "key": "failed", "status": DeliveryStatus.FAILED}
    brand, at = cast.places["qinghe"], cast.clock.now()
    delivery = Delivery(brand_id=brand, event_id=mine.event_id, person_id=mine.person_id, at=at, **facts)
    session.add(delivery)
    session.flush()
    return delivery


def people(cast: Cast, _at: At) -> At:
    """An import of 郭浩's that was checked; a session and a membership of 刘涛's; a role and a place of the brand."""
    cast.sign_in("liutao")
    sheet = "login,name,place\nxuan,许安,sz-nanshan\n".encode()
    made = people_import.upload(cast.runtime, cast.guohao, sheet, file_name="people.csv")
    with cast.runtime.writing() as session, session.begin():
        who = cast.people["liutao"]
        role = Role(brand_id=cast.places["qinghe"], key="porter", name_zh="门卫", name_en="Porter", scope="own")
        session.add(role)
        session.flush()
        wanted = {
            "session_id": sa.select(PersonSession.public_id).where(PersonSession.person_id == who),
            "membership_id": sa.select(Membership.id).where(Membership.person_id == who),
        }
        found = {name: session.scalars(query).one() for name, query in wanted.items()}
        return {"import_id": made, "role_id": role.id, **found}


def rule(cast: Cast, _at: At) -> At:
    """A rule of 青禾英语, and an absence of 刘涛's."""
    brand, now = cast.places["qinghe"], cast.clock.now()
    new = NewRule(type_key="crash_report", element="", method=Method.ROLE, role="support")
    absence = NewAbsence(from_at=now + timedelta(days=5), until_at=now + timedelta(days=6))
    made = set_absence(cast.runtime, cast.actor("liutao"), cast.people["liutao"], absence)
    return {"rule_id": add_rule(cast.runtime, cast.guohao, brand, new), "absence_id": made, "brand_id": brand}


def job(cast: Cast, _at: At) -> At:
    """A job that waits until tomorrow."""
    now = cast.clock.now()
    with cast.runtime.writing() as session, session.begin():
        enqueue(session, "exports.sweep", {}, run_at=now + timedelta(days=1), key="tomorrow")
        return {"job_id": session.scalars(sa.select(Job.id).where(Job.key == "tomorrow")).one()}


def standard(cast: Cast, _at: At) -> At:
    """A standard of 青禾英语."""
    brand, now = cast.places["qinghe"], cast.clock.now()
    kept = Standard(
        brand_id=brand,
        place_id=brand,
        type_key="crash_report",
        subject_kind="class",
        trigger="created",
        begins_on=now.date(),
        created_at=now,
        updated_at=now,
    )
    with cast.runtime.writing() as session, session.begin():
        session.add(kept)
        session.flush()
        whose = {"brand_id": brand, "place_id": brand, "standard_id": kept.id, "by_id": cast.people["guohao"]}
        begun = Launch(**whose, state="done", created_at=now, updated_at=now)
        session.add(begun)
        session.flush()
        return {"standard_id": kept.public_id, "launch_id": begun.public_id}


def looked_at(cast: Cast, _at: At) -> At:
    """A spot check of 陈晓's of a standard of the group, and a waiver that 赵敏 asks for."""
    return dict(look_at(cast))


MAKERS: tuple[Make, ...] = (
    looked_at,
    service,
    view,
    papers,
    share,
    client,
    secret,
    departure,
    notice,
    people,
    rule,
    job,
    standard,
)


def make_all(cast: Cast, at: Mapping[str, Any]) -> At:
    """All of them, by the argument of an address that names each."""
    made: At = {}
    for make in MAKERS:
        made |= make(cast, {**at, **made})
    return made


def _only(cast: Cast, column: Any) -> UUID:
    with cast.runtime.reading() as session:
        found: UUID = session.scalars(sa.select(column)).one()
    return found


def _person(cast: Cast, login: str) -> UUID:
    with cast.runtime.reading() as session:
        return session.get_one(Person, cast.people[login]).public_id
