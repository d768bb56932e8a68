"""Owns the made-up group: its brands and campuses, its people with their roles, and the queues they look into."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from bench.seeding.words import CITIES, STREETS, name
from tickets.demo import PASSWORD
from tickets.organising.founding import add_shipped_roles
from tickets.people import Person
from tickets.places import Place, PlaceKind, add_place
from tickets.roles import Membership, Queue, Role

BRANDS = (
    ("qinghe", "青禾英语", "Qinghe English"),
    ("kapok", "木棉科学", "Kapok Science"),
    ("moyun", "墨韵书画", "Moyun Arts"),
)
TEAM = 30
"""A regional manager looks into as many queues."""


@dataclass
class Town:
    """Ids, by what they are for."""

    group: int = 0
    brands: list[int] = field(default_factory=list)
    campuses: list[int] = field(default_factory=list)
    brand_of: dict[int, int] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    teachers: dict[int, list[int]] = field(default_factory=dict)
    consultants: dict[int, list[int]] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    by_role: dict[str, list[int]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    phones: dict[int, str] = field(default_factory=dict)
    own_queue: dict[int, int] = field(default_factory=dict)
    role_queue: dict[tuple[str, int], int] = field(default_factory=dict)
    """By role and place."""


@dataclass
class _Builder:
    session: Session
    chance: random.Random
    now: datetime
    town: Town
    roles: dict[str, Role]
    password: str
    people: list[dict[str, object]] = field(default_factory=list)
    held: list[dict[str, object]] = field(default_factory=list)

    def person(self, login: str, place: int, brand: int, title: str, superior: int | None = None) -> int:
        person_id = len(self.people) + 1
        self.town.names[person_id] = name(self.chance)
        self.town.phones[person_id] = f"138{self.chance.randrange(10**8):08d}"
        self.people.append(
            {
                "id": person_id,
                "brand_id": brand,
                "place_id": place,
                "superior_id": superior,
                "login": login,
                "name": self.town.names[person_id],
                "phone": self.town.phones[person_id],
                "email": f"{login}@example.com",
                "title": title,
                "password_hash": self.password,
                "created_at": self.now,
            }
        )
        return person_id

    def grant(self, person_id: int, role: str, place: int) -> None:
        self.held.append({"person_id": person_id, "role_id": self.roles[role].id, "place_id": place})
        self.town.by_role.setdefault(role, []).append(person_id)


def build(session: Session, chance: random.Random, now: datetime, *, campuses: int, people: int) -> Town:
    """The whole organisation, in the caller's transaction."""
    town = Town()
    group = add_place(
        session, PlaceKind.GROUP, {"zh": "启明教育集团", "en": "Qiming Education"}, above=None, external_id="qiming"
    )
    town.group = group.id
    town.paths[group.id] = group.path
    builder = _Builder(session, chance, now, town, add_shipped_roles(session, group), _quick_hash())
    centre = add_place(session, PlaceKind.DEPARTMENT, {"zh": "技术支持中心", "en": "Support centre"}, above=group)
    _places(builder, group, campuses)
    _headquarters(builder, centre.id, people)
    _campuses(builder, people)
    _teams(builder)
    session.execute(sa.insert(Person), builder.people)
    session.execute(sa.insert(Membership), builder.held)
    _queues(builder)
    return town


def _quick_hash() -> str:
    """Of the demo's password, checked in no time: a bench signs in by the hundred."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def _places(builder: _Builder, group: Place, campuses: int) -> None:
    town, names = builder.town, [f"{city}{street}" for city in CITIES for street in STREETS]
    for key, zh, en in BRANDS:
        brand = add_place(builder.session, PlaceKind.BRAND, {"zh": zh, "en": en}, above=group, external_id=key)
        town.brands.append(brand.id)
        town.paths[brand.id] = brand.path
        for number in range(campuses // len(BRANDS)):
            called = names[number % len(names)] + ("" if number < len(names) else f"{number // len(names) + 1} ")
            label = {"zh": f"{called}校区", "en": f"Campus {key} {number + 1}"}
            code = f"{key}-{number + 1:03d}"
            campus = add_place(builder.session, PlaceKind.CAMPUS, label, above=brand, external_id=code)
            town.campuses.append(campus.id)
            town.brand_of[campus.id] = brand.id
            town.paths[campus.id] = campus.path


def _headquarters(builder: _Builder, centre: int, people: int) -> None:
    group = builder.town.group
    plan = (
        ("administrator", "系统管理员", 2),
        ("hq_operations", "总部运营", 8),
        ("designer", "流程设计师", 4),
        ("support_lead", "技术支持主管", 8),
        ("support", "技术支持", max(4, people // 25)),
        ("developer", "研发工程师", max(4, people // 50)),
    )
    for role, title, count in plan:
        for number in range(count):
            person = builder.person(f"{role}{number + 1}".replace("_", "-"), centre, group, title)
            builder.grant(person, role, group)
    for brand in builder.town.brands:
        for role, title in (("brand_administrator", "品牌管理员"), ("dispatcher", "分派员"), ("dispatcher", "分派员")):
            person = builder.person(f"{role.replace('_', '-')}-{brand}-{len(builder.people)}", brand, brand, title)
            builder.grant(person, role, brand)


def _campuses(builder: _Builder, people: int) -> None:
    town = builder.town
    each = max(3, (people - len(builder.people)) // max(1, len(town.campuses)))
    for campus in town.campuses:
        brand = town.brand_of[campus]
        head = builder.person(f"head-{campus}", campus, brand, "校长")
        builder.grant(head, "campus_head", campus)
        town.heads[campus] = head
        for number in range(1, each):
            role, title = ("consultant", "课程顾问") if number <= max(1, each // 5) else ("requester", "老师")
            person = builder.person(f"{role}-{campus}-{number}", campus, brand, title, head)
            builder.grant(person, role, campus)
            (town.consultants if role == "consultant" else town.teachers).setdefault(campus, []).append(person)
    for number in range(people - len(builder.people)):
        campus = town.campuses[number % len(town.campuses)]
        person = builder.person(f"teacher-{number}", campus, town.brand_of[campus], "老师", town.heads[campus])
        builder.grant(person, "requester", campus)
        town.teachers[campus].append(person)


def _teams(builder: _Builder) -> None:
    """Some consultants look into the queues of many campuses of their brand."""
    town = builder.town
    for brand in town.brands:
        own = [campus for campus in town.campuses if town.brand_of[campus] == brand]
        for person in [town.consultants[campus][0] for campus in own[:3]]:
            for campus in own[3 : 2 + TEAM]:
                builder.grant(person, "consultant", campus)
            town.by_role.setdefault("team", []).append(person)


def _queues(builder: _Builder) -> None:
    town, rows = builder.town, list(_queue_rows(builder))
    builder.session.execute(sa.insert(Queue), [{"id": number, **row} for number, row in enumerate(rows, 1)])
    roles = {role.id: key for key, role in builder.roles.items()}
    for number, row in enumerate(rows, 1):
        if row["person_id"] is not None:
            town.own_queue[row["person_id"]] = number
        elif row["role_id"] is not None and row["place_id"] is not None:
            town.role_queue[roles[row["role_id"]], row["place_id"]] = number


def _queue_rows(builder: _Builder) -> Iterator[dict[str, int | None]]:
    town, roles = builder.town, builder.roles
    for person_id in town.names:
        yield {"person_id": person_id, "role_id": None, "place_id": None}
    for role in ("support", "support_lead", "developer", "hq_operations"):
        yield {"person_id": None, "role_id": roles[role].id, "place_id": town.group}
    for campus in town.campuses:
        for role in ("consultant", "campus_head"):
            yield {"person_id": None, "role_id": roles[role].id, "place_id": campus}
