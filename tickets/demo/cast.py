"""Owns the demo's cast: a group with two brands, its people and subjects; tests and trials play with just these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.organising.founding import add_shipped_roles
from tickets.passwords import hash_password
from tickets.people import Person
from tickets.places import Place, PlaceKind, add_place
from tickets.roles import queue_of_role
from tickets.runtime import Runtime
from tickets.staff import NewPerson, add_person, grant_role
from tickets.subject_directory import Directory
from tickets.subject_facts import read_facts
from tickets.subject_register import save

PASSWORD = "gongdan-demo"  # noqa: S105 - printed at start for whoever tries the demo


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """A place by its external id, below the one before it that is named by `above`."""

    key: str
    kind: PlaceKind
    zh: str
    en: str
    above: str = ""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody at a place; `role`, and those of `also`, are held at `at`, by default the same place."""

    login: str
    name: str
    title: str
    place: str
    role: str
    at: str = ""
    superior: str = ""
    departed: bool = False
    also: tuple[str, ...] = ()


PLACES = (
    DemoPlace("qiming", PlaceKind.GROUP, "启明教育集团", "Qiming Education"),
    DemoPlace("support-centre", PlaceKind.DEPARTMENT, "技术支持中心", "Support centre", "qiming"),
    DemoPlace("qinghe", PlaceKind.BRAND, "青禾英语", "Qinghe English", "qiming"),
    DemoPlace("sz-nanshan", PlaceKind.CAMPUS, "深圳南山校区", "Shenzhen Nanshan", "qinghe"),
    DemoPlace("gz-tianhe", PlaceKind.CAMPUS, "广州天河校区", "Guangzhou Tianhe", "qinghe"),
    DemoPlace("kapok", PlaceKind.BRAND, "木棉科学", "Kapok Science", "qiming"),
    DemoPlace("cd-gaoxin", PlaceKind.CAMPUS, "成都高新校区", "Chengdu Gaoxin", "kapok"),
)

PEOPLE = (
    DemoPerson("admin", "管理员", "系统管理员", "qiming", "administrator"),
    DemoPerson("chenxiao", "陈晓", "总部运营", "qiming", "hq_operations"),
    DemoPerson("hejing", "何静", "流程设计师", "qiming", "designer"),
    DemoPerson("zhangwei", "张伟", "技术支持主管", "support-centre", "support_lead", at="qiming", superior="chenxiao"),
    DemoPerson("lina", "李娜", "技术支持", "support-centre", "support", at="qiming", superior="zhangwei"),
    DemoPerson("wanglei", "王磊", "研发工程师", "support-centre", "developer", at="qiming", superior="zhangwei"),
    DemoPerson("guohao", "郭浩", "品牌管理员", "qinghe", "brand_administrator", superior="chenxiao"),
    DemoPerson("tangyan", "唐燕", "客服分派", "qinghe", "dispatcher", superior="guohao"),
    DemoPerson("zhaomin", "赵敏", "校长", "sz-nanshan", "campus_head", superior="chenxiao"),
    DemoPerson("liutao", "刘涛", "课程顾问", "sz-nanshan", "consultant", superior="zhaomin"),
    DemoPerson("wufang", "吴芳", "课程顾问", "sz-nanshan", "consultant", superior="zhaomin", departed=True),
    DemoPerson("zhoulan", "周岚", "英语老师", "sz-nanshan", "requester", superior="zhaomin"),
    DemoPerson("sunyue", "孙悦", "英语老师", "gz-tianhe", "requester"),
    DemoPerson("huangyi", "黄毅", "科学老师", "cd-gaoxin", "requester"),
)

DemoSubject = tuple[str, str, str, str, str, int | None, Mapping[str, Any]]
"""Kind, external id, name, place, who is responsible, in how many days the contract ends, attributes."""

SUBJECTS: tuple[DemoSubject, ...] = (
    ("student", "QH-S-1001", "林小满", "sz-nanshan", "liutao", 12, {"年级": "三年级", "课程": "自然拼读"}),
    ("student", "QH-S-1002", "陈一诺", "sz-nanshan", "liutao", 33, {"年级": "五年级", "课程": "剑桥少儿"}),
    ("student", "QH-S-1003", "黄梓涵", "sz-nanshan", "wufang", 25, {"年级": "二年级", "课程": "自然拼读"}),
    ("student", "QH-S-1004", "何雨桐", "sz-nanshan", "liutao", 180, {"年级": "六年级", "课程": "小升初衔接"}),
    ("student", "QH-S-2001", "梁嘉怡", "gz-tianhe", "sunyue", 45, {"年级": "四年级", "课程": "剑桥少儿"}),
    ("student", "QH-S-2002", "邓子轩", "gz-tianhe", "sunyue", None, {"年级": "一年级", "课程": "试听"}),
    ("student", "MM-S-0001", "蒋沐阳", "cd-gaoxin", "huangyi", 28, {"年级": "四年级", "课程": "机器人"}),
    ("class", "QH-C-301", "周六上午 剑桥少儿三级", "sz-nanshan", "zhoulan", None, {"教室": "302", "人数": "12"}),
    ("class", "QH-C-415", "周日下午 自然拼读", "gz-tianhe", "sunyue", None, {"教室": "B08", "人数": "9"}),
    ("class", "MM-C-102", "周六下午 机器人入门", "cd-gaoxin", "huangyi", None, {"教室": "实验室 2", "人数": "8"}),
    ("product", "qinghe-app", "青禾学习 App", "qinghe", "", None, {"最新版本": "3.2.0"}),
    ("product", "classroom", "启明课堂", "qiming", "wanglei", None, {"最新版本": "7.4.1"}),
)


def load_demo(runtime: Runtime) -> bool:
    """Fill an empty installation with the demo, in one transaction; False, and nothing is done, when it has places.

    The contracts' ends count from today. It deploys no ticket types.
    """
    with runtime.writing() as session, session.begin():
        if session.scalar(sa.select(Place.id).limit(1)) is not None:
            return False
        load_organisation(session, runtime.clock.now())
        load_subjects(session, runtime.clock.now())
        give_phones(session, PEOPLE)
        return True


def load_organisation(
    session: Session, now: datetime, places: Sequence[DemoPlace] = PLACES, people: Sequence[DemoPerson] = PEOPLE
) -> None:
    """Places, roles and people, in the caller's transaction; whatever is above comes before what is below."""
    at: dict[str, Place] = {}
    for each in places:
        names = {"zh": each.zh, "en": each.en}
        at[each.key] = add_place(session, each.kind, names, above=at.get(each.above), external_id=each.key)
    roles = add_shipped_roles(session, at["qiming"])
    known: dict[str, Person] = {}
    for one in people:
        superior = known[one.superior].id if one.superior else None
        new = NewPerson(login=one.login, name=one.name, superior_id=superior, title=one.title)
        person = add_person(session, at[one.place], new, password_hash=_password_hash(), at=now)
        person.departed_at = now if one.departed else None
        held_at = at[one.at or one.place]
        for key in (one.role, *one.also):
            grant_role(session, person, role_id=roles[key].id, place_id=held_at.id)
            queue_of_role(session, roles[key].id, held_at.id)
        known[one.login] = person
    session.flush()


def load_subjects(
    session: Session, now: datetime, subjects: Sequence[DemoSubject] = SUBJECTS, *, today: date | None = None
) -> None:
    """Students, classes and products, in the caller's transaction; contracts end so many days from `today`."""
    today = today or now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    batch = []
    for kind, external_id, name, place, responsible, days, attributes in subjects:
        end = (today + timedelta(days=days)).isoformat() if days is not None else None
        values = {
            "name": name,
            "place": place,
            "responsible": responsible,
            "contract_end": end,
            "attributes": attributes,
        }
        batch.append(read_facts(kind, external_id, values))
    directory = Directory(session, None, batch)
    save(session, None, [directory.resolve(facts) for facts in batch], now)


def give_phones(session: Session, people: Sequence[DemoPerson]) -> None:
    """A number for each, so that who calls is found by it; of a range that no operator gives out."""
    for place, one in enumerate(people, start=1):
        session.execute(sa.update(Person).where(Person.login == one.login).values(phone=f"138001380{place:02}"))


@cache
def _password_hash() -> str:
    return hash_password(PASSWORD)
