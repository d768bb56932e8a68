"""Owns the wide demo's students, classes and products: made from lists of names, the same at every start."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tickets.demo.cast import SUBJECTS, DemoSubject
from tickets.demo.organisation import ALL_PEOPLE, ALL_PLACES
from tickets.places import PlaceKind

STUDENTS, CLASSES = 150, 48
FAMILY = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马苗方"
GIVEN = (
    *("安然", "伯言", "辰逸", "楚涵", "丹妮", "方圆", "皓轩", "嘉禾", "景行", "可欣", "乐童", "梦溪", "明远", "沐晴"),
    *("念初", "诺言", "芊羽", "清扬", "若溪", "书瑶", "思齐", "天佑", "婉清", "宛白", "文博", "希言", "晓彤", "星辰"),
    *("雅琪", "言蹊", "一鸣", "依诺", "宇航", "语桐", "云舒", "泽宇", "知夏", "致远", "子墨", "梓晴", "佳音", "小禾"),
)
GRADES = ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级")
HOURS = ("周六 09:00–10:30", "周六 14:00–15:30", "周日 10:00–11:30", "周三 18:30–20:00", "周五 18:30–20:00")
WEEKS = 16
"""A term."""
NEAR: Mapping[str, int] = {"QH-C-301": 9, "QH-C-525": -14}
"""In how many days classes begin at the campus where a reader of the demo looks first: one soon, one just did."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a brand teaches; `code` begins the numbers of its students and classes."""

    code: str
    classes: tuple[str, ...]
    room: str


COURSES: Mapping[str, Course] = {
    "qinghe": Course("QH", ("自然拼读", "剑桥少儿一级", "剑桥少儿二级", "小升初衔接", "外教口语"), "教室"),
    "kapok": Course("MM", ("机器人入门", "Scratch 编程", "Python 编程", "科学实验", "无人机"), "实验室"),
    "shanhai": Course("SH", ("创意绘画", "国画启蒙", "素描基础", "陶艺", "动漫设计"), "画室"),
}

PRODUCTS: tuple[tuple[str, str, str, int | None, Mapping[str, Any]], ...] = (
    ("kapok-lab", "木棉实验盒", "kapok", 12, {"版本": "2026 秋"}),
    ("shanhai-studio", "山海画板 App", "shanhai", 45, {"最新版本": "1.6.2"}),
    ("qinghe-summer", "青禾暑期营", "qinghe", 5, {"名额": "300"}),
    ("group-coupon-autumn", "秋季家庭礼包", "qiming", 20, {"面额": "200 元"}),
)
"""External id, name, place, in how many days it matures, attributes."""


def all_subjects(today: date) -> tuple[DemoSubject, ...]:
    """The cast's subjects and those around them, seen from that day."""
    made = _Maker(random.Random(20261123), today)  # noqa: S311 - nothing is kept secret with it
    products = (
        (
            "product",
            key,
            name,
            place,
            "",
            None,
            {**attributes, "mature_date": (today + timedelta(days=days or 0)).isoformat()},
        )
        for key, name, place, days, attributes in PRODUCTS
    )
    students = tuple(made.students())
    return (*made.cast(), *students, *made.classes(students), *products)


class _Maker:
    """Draws in one fixed order."""

    def __init__(self, chance: random.Random, today: date) -> None:
        self.chance, self.today = chance, today
        campuses = [place for place in ALL_PLACES if place.kind == PlaceKind.CAMPUS]
        self.campuses = [(place.key, COURSES[place.above]) for place in campuses]

    def cast(self) -> Iterator[DemoSubject]:
        for number, subject in enumerate(SUBJECTS):
            kind, key, name, place, login, days, attributes = subject
            term = self._term(key, number * 3, name) if kind == "class" else {}
            yield (kind, key, name, place, login, days, {**attributes, **term})

    def students(self) -> Iterator[DemoSubject]:
        own = sum(subject[0] == "student" for subject in SUBJECTS)
        for number in range(STUDENTS - own):
            place, course = self.campuses[number % len(self.campuses)]
            name = self.chance.choice(FAMILY) + GIVEN[(number * 5) % len(GIVEN)]
            facts = {"年级": self.chance.choice(GRADES), "课程": self.chance.choice(course.classes)}
            days = self.chance.randint(-25, 200) if number % 7 == 0 else None
            counsel = _responsible(place, "consultant")
            yield ("student", f"{course.code}-S-{3001 + number}", name, place, counsel, days, facts)

    def classes(self, students: tuple[DemoSubject, ...]) -> Iterator[DemoSubject]:
        own = sum(subject[0] == "class" for subject in SUBJECTS)
        for number in range(CLASSES - own):
            place, course = self.campuses[number % len(self.campuses)]
            hours, what = HOURS[number % len(HOURS)], course.classes[number % len(course.classes)]
            names = [name for _, _, name, home, *_ in students if home == place]
            key = f"{course.code}-C-{501 + number}"
            facts = {
                "教室": f"{course.room} {self.chance.randint(1, 4)}0{self.chance.randint(1, 8)}",
                "timetable": hours,
                "students": names,
                **self._term(key, number, hours),
            }
            teacher = _responsible(place, "requester")
            yield (
                "class",
                key,
                f"{hours.split()[0]} {what}",
                place,
                teacher,
                None,
                facts,
            )

    def _term(self, key: str, number: int, hours: str) -> Mapping[str, Any]:
        """Some classes end soon, most are under way, some begin in the next weeks; on the weekday of their `hours`."""
        start = self.today + timedelta(days=NEAR.get(key, (number * 13) % 125 - 100))
        start -= timedelta(days=(start.weekday() - "一二三四五六日".index(hours[1])) % 7)
        stages = [
            {"name": name, "date": (start + timedelta(weeks=weeks)).isoformat()}
            for name, weeks in (("第一阶段", WEEKS // 3), ("第二阶段", 2 * WEEKS // 3), ("结业", WEEKS))
        ]
        end = start + timedelta(weeks=WEEKS)
        return {"start_date": start.isoformat(), "end_date": end.isoformat(), "stages": stages}


def _responsible(place: str, role: str) -> str:
    """Who holds the role at the campus, else its head."""
    here = [one for one in ALL_PEOPLE if one.place == place and not one.departed]
    return next((one.login for one in here if one.role == role), next(one.login for one in here))
