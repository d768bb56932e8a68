"""A database in which every page has something to show: tickets in each state, long names, subjects, files, a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from PIL import Image

from tests.browser.desk import CRASH
from tests.browser.family_scene import relate
from tests.browser.leavers import leave
from tests.browser.variants_scene import vary
from tests.cast import Cast
from tests.engine import build
from tests.tickets import play
from tests.tickets.organising.people import person_id, place_id
from tests.tickets.play import Play
from tests.tickets.standards.looked_at import look_at
from tickets import tasks
from tickets.assigning import sharing
from tickets.assigning.absences import NewAbsence, set_absence
from tickets.assigning.rule_checks import NewRule
from tickets.assigning.rules import add_rule
from tickets.clients import managing
from tickets.clients.facts import Facts
from tickets.clients.webhooks import add_webhook
from tickets.connectors.sealing import Keyring
from tickets.connectors.secret import Wanted
from tickets.connectors.secret import create as create_secret
from tickets.conversation import note, reply
from tickets.copying import add_copies
from tickets.errors import InstanceStuck
from tickets.files import store_upload
from tickets.notices.urls import read_url
from tickets.organising.people_import import upload
from tickets.organising.securing import reset_password
from tickets.organising.skills import set_skills
from tickets.people import Person
from tickets.places import Place
from tickets.service import editing, holidays
from tickets.service.drafts import read_calendar
from tickets.service.editing import PolicyFacts
from tickets.staff import NewPerson, add_person, grant_role
from tickets.standards.checking.judging import judge
from tickets.subjects import Subject
from tickets.types import TicketType
from tickets.urging import urge

PEOPLE_SHEET = (
    "工号,姓名,手机,place,roles\n"
    "20001,许安,13800000001,sz-nanshan,requester\n"
    "20002,顾言,call me,nowhere,\n"
    ",林,,sz-nanshan,administrator\n"
)
"""Of three rows the first is right."""
LONG = "从广州天河校区转来的一批华为平板（型号DBY2-W09，系统升级后无法进入课堂）" * 2
UNBROKEN = "https://example.com/" + "very-long-address-without-a-space" * 4
CHOICES = [
    {"value": f"v{number}", "label": label} for number, label in enumerate(("平板", "手机", "电脑", UNBROKEN[:60]))
]
EVERY_FIELD: tuple[Mapping[str, Any], ...] = (
    {"type": "text", "text": "# 先看这里\n写清楚**哪一台**，见[说明](https://example.com)。\n\n- 其一\n- 其二"},
    {"type": "textfield", "key": "line", "label": "一行", "validate": {"required": True}, "description": LONG},
    {"type": "textfield", "key": "money", "label": "金额", "appearance": {"prefixAdorner": "¥", "suffixAdorner": "元"}},
    {"type": "textarea", "key": "area", "label": "多行"},
    {"type": "number", "key": "count", "label": "数量", "validate": {"min": 1, "max": 9}},
    {"type": "datetime", "subtype": "date", "key": "day", "dateLabel": "哪天"},
    {"type": "datetime", "subtype": "time", "key": "hour", "timeLabel": "时刻"},
    {"type": "datetime", "subtype": "datetime", "key": "moment", "dateLabel": "日子", "timeLabel": "几点"},
    {"type": "checkbox", "key": "tick", "label": "我已核对"},
    {"type": "checklist", "key": "several", "label": "几样", "values": CHOICES},
    {"type": "radio", "key": "one", "label": "哪一样", "values": CHOICES, "validate": {"required": True}},
    {"type": "select", "key": "pick", "label": "选择", "values": CHOICES},
    {"type": "taglist", "key": "tags", "label": "贴几个签", "values": CHOICES[:3]},
    {"type": "filepicker", "key": "proof", "label": "图片材料", "multiple": True},
    {"type": "separator"},
    {"type": "spacer", "height": 24},
    {
        "type": "group",
        "label": "一组",
        "showOutline": True,
        "components": [{"type": "textfield", "key": "inside", "label": "组内", "id": "inside"}],
    },
    {
        "type": "dynamiclist",
        "path": "devices",
        "label": "设备",
        "isRepeating": True,
        "allowAddRemove": True,
        "defaultRepetitions": 2,
        "components": [{"type": "textfield", "key": "model", "label": "机型", "id": "model"}],
    },
    {"type": "textfield", "key": "fixed", "label": "不能改", "readonly": True, "defaultValue": "固定"},
)


@dataclass
class Scene:
    """Who plays, and where things are: addresses by what they show, such as `at["in development"]`."""

    cast: Cast
    at: dict[str, str] = field(default_factory=dict)

    @property
    def play(self) -> Play:
        return Play(self.cast)

    def set(self) -> None:
        """Put everything in its place."""
        for key in ("crash_report", "renewal_reminder"):
            self.play.ship(key)
        for files in (every_field(), stopping()):
            made = self.play.upload(files)
            assert made.report.accepted, [str(problem.problem) for problem in made.report.problems]
        self.cast.add_subjects()
        self.play.settle()
        self._tell_of_subjects()
        self._organise()
        self._file_many()
        self._work()
        self._talk()
        self._leave_to_dispatchers()
        self.at["do assign"] = f"{self.at['offered']}/do/assign"
        relate(self, LONG)
        self._press()
        self._promise()
        self._let_in()
        vary(self)
        with self.cast.runtime.writing() as session, session.begin():
            for login in ("zhangwei", "wanglei"):
                person = session.get_one(Person, self.cast.people[login])
                grant_role(session, person, role_id=self.cast.roles["support"], place_id=self.cast.places["qiming"])
            home = session.get_one(Place, self.cast.places["sz-nanshan"])
            new = add_person(
                session, home, NewPerson(login="new", name="新同事"), password_hash="", at=self.cast.clock.now()
            )
            self.cast.people["new"] = new.id
            for kind in session.scalars(sa.select(TicketType)):
                self.at[f"type {kind.key}"] = f"/types/{kind.public_id}"
        self._look_at()
        leave(self)
        reset_password(self.cast.runtime, self.cast.admin, person_id(self.cast, "returner"))

    def _look_at(self) -> None:
        """A standard with a spot check, one of whose steps failed, and a waiver to be decided."""
        found = look_at(self.cast)
        judge(self.cast.runtime, self.cast.guohao, UUID(str(found["checked_id"])), "failed", "照片里看不到签到表")
        self.at |= {
            "check": f"/standards/checks/{found['check_id']}",
            "matrix": f"/standards/{found['checked_standard']}/matrix",
            "set up": f"/standards/{found['checked_standard']}",
            "matrix past": f"/standards/{found['checked_standard']}/matrix?as_of=2026-11-01&by=campus",
            "matrix misread": f"/standards/{found['checked_standard']}/matrix?from=soon&state=overdue",
            "steps": f"/standards/{found['checked_standard']}/records",
            "steps none": f"/standards/{found['checked_standard']}/records?state=late&q=nobody",
            "waiver": f"/standards/waivers/{found['waiver_id']}",
        }

    def _let_in(self) -> None:
        """Another system as a client, and somebody who may be erased."""
        with self.cast.runtime.reading() as session:
            brand = session.get_one(Place, self.cast.places["qinghe"]).public_id
            person = session.get_one(Person, self.cast.people["wufang"]).public_id
        facts = Facts(name="教务系统", place=str(brand), scopes=("subjects:write",))
        client, _ = managing.create(self.cast.runtime, self.cast.guohao, facts)
        url = read_url("https://school.qiming.example/hook")
        add_webhook(self.cast.runtime, self.cast.guohao, client, "教务回调", url, ["outcome", "letters"])
        wanted = Wanted(brand=str(brand), name="coupon_key", value="k-7f3a9c5e1b2d4f60", about="问陈晓")
        secret = create_secret(self.cast.runtime, Keyring.of("x" * 40), self.cast.admin, wanted)
        self.at["secret"] = f"/system/secrets/{secret}"
        self.at |= {"client": f"/system/access/{client}", "erasure": f"/erasures/person/{person}"}

    def crash(self, name: str, login: str = "zhoulan", **values: Any) -> str:
        """A new crash report, whose page is `at[name]`; its number."""
        number = self.play.file(login, "crash_report", **{**CRASH, **values})
        self.at[name] = f"/tickets/{number}"
        return number

    def _promise(self) -> None:
        """A calendar that a campus keeps, a closure there, and a policy, whose pages are `at` by their names."""
        holidays.seed(self.cast.runtime)
        with self.cast.runtime.reading() as session:
            places = {key: session.get_one(Place, number).public_id for key, number in self.cast.places.items()}
        week, days = ["09:00-12:00, 13:30-18:00"] * 5 + ["", ""], "2026-10-09 休 校庆\n2026-10-16 09:00-12:00 半天"
        facts = read_calendar(zh="校区日历", en="Campuses", hours=week, holidays="china", days=days)
        act = (self.cast.runtime, self.cast.chenxiao)
        made = editing.put_calendar(*act, facts, owner_id=places["qinghe"])
        editing.choose_calendar(*act, places["sz-nanshan"], made)
        starts, ends = "2026-10-13T14:00", "2026-10-14T12:00"
        editing.add_closure(*act, places["sz-nanshan"], starts=starts, ends=ends, reason=LONG)
        promise = PolicyFacts(response="PT30M", resolution="P2D", warn_before="20%")
        editing.put_policy(*act, places["qinghe"], promise)
        self.at["calendar"] = f"/service/calendars/{made}"
        self.at["month"] = f"/service/calendars/{made}?month=2026-10&place={places['sz-nanshan']}"
        self.at["policy"] = f"/service/policies/form?brand={places['qinghe']}"
        self.at["due"] = f"/service/due?place={places['sz-nanshan']}&moment=2026-09-30T16:00&number=8&unit=h"

    def _organise(self) -> None:
        """People at work, a file that was checked, and a login that is locked."""
        for login in ("zhoulan", "wufang", "guohao"):
            self.at[f"person {login}"] = f"/system/people/{person_id(self.cast, login)}"
        for key in ("qinghe", "sz-nanshan"):
            self.at[f"place {key}"] = f"/system/places/{place_id(self.cast, key)}"
        for key in ("consultant", "administrator"):
            self.at[f"role {key}"] = f"/system/roles/{self.cast.roles[key]}"
        made = upload(self.cast.runtime, self.cast.guohao, PEOPLE_SHEET.encode(), file_name="新学期人员.csv")
        self.at["import wrong"] = f"/system/people/imports/{made}"
        right = upload(
            self.cast.runtime,
            self.cast.guohao,
            "\n".join(PEOPLE_SHEET.splitlines()[:2]).encode(),
            file_name="一个人.csv",
        )
        self.at["import right"] = f"/system/people/imports/{right}"
        self.cast.sign_in("zhoulan")
        set_skills(self.cast.runtime, self.cast.guohao, person_id(self.cast, "zhoulan"), "english, 自然拼读")

    def _tell_of_subjects(self) -> None:
        with self.cast.runtime.writing() as session, session.begin():
            for subject in session.scalars(sa.select(Subject)):
                self.at[f"subject {subject.external_id}"] = f"/subjects/{subject.public_id}"
                if subject.external_id == "QH-S-1004":
                    subject.attributes = {"附注": LONG, UNBROKEN[:60]: UNBROKEN, "年级": 6, "兄弟姐妹": ["何雨欣"]}

    def _press(self) -> None:
        """zhoulan urges the claimed ticket, of which liutao is in copy; whoever is to know is told."""
        runtime, number = self.cast.runtime, self.at["claimed"].rpartition("/")[2]
        with runtime.reading() as session:
            liutao = session.get_one(Person, self.cast.people["liutao"]).public_id
        add_copies(runtime, self.cast.lina, number, [liutao])
        urge(runtime, self.cast.zhoulan, number, "明天上午开课，" + LONG[:200])
        self.play.settle()

    def _file_many(self) -> None:
        self.crash("offered")
        self.crash("late")
        self.play.pass_time(minutes=45)
        for _ in range(51):  # more than one page of the inbox
            self.crash("one of many", "sunyue")
        self.crash("long", phone_model=UNBROKEN[:80], what_happened=LONG * 10)

    def _work(self) -> None:
        self.play.claim("lina", "Task_Triage", self.crash("claimed"))
        self.crash("in development")
        self.play.complete("lina", "Task_Triage", finding="defect", severity="major", triage_note=LONG)
        self.crash("asked")
        self.play.complete("lina", "Task_Triage", finding="need_info", question="重装以后还会吗？" + UNBROKEN)
        for name in ("answered", "closed"):
            self.crash(name)
            self.play.complete("lina", "Task_Triage", finding="usage", severity="minor")
            self.play.complete("lina", "Task_Reply", outcome="usage", reply="在系统设置里重新允许麦克风。" + LONG)
        self.play.complete("zhoulan", "Task_Confirm", solved="yes")
        self.play.pass_time(minutes=5)
        number = self.play.file("sunyue", "stopping")
        self.at["stopped"] = f"/tickets/{number}"
        stuck = self.play.task("work", number).public_id
        with pytest.raises(InstanceStuck):
            tasks.complete(self.cast.runtime, self.cast.lina, stuck, self.play.answer({}))
        self.at["renewal"] = f"/tickets/{next(n for n in self.play.tickets() if n.startswith('RN'))}"

    def _leave_to_dispatchers(self) -> None:
        """Tasks that name nobody; rules; somebody away; advice asked for."""
        runtime, now = self.cast.runtime, self.cast.clock.now()
        assert self.play.upload(nameless()).report.accepted
        for login in ("zhoulan", "sunyue", "zhoulan"):
            self.play.file(login, "nameless")
        for method, args in (("round_robin", {"role": "developer"}), ("person", {"who": "lina"})):
            new = NewRule("nameless", "look", method, **args)
            add_rule(runtime, self.cast.admin, self.cast.places["qiming"], new)
        away = NewAbsence(now, now + timedelta(days=3), self.cast.people["lina"], LONG[:60], pass_on=True)
        set_absence(runtime, self.cast.zhangwei, self.cast.people["wanglei"], away)
        number = self.at["claimed"].rsplit("/", 1)[1]
        task = self.play.task("Task_Triage", number).public_id
        self.at["claimed task"] = f"/tasks/{task}"
        sharing.consult(runtime, self.cast.lina, task, [self.cast.people["chenxiao"]], f"见过吗？{UNBROKEN}")
        sharing.add_helpers(runtime, self.cast.lina, task, [self.cast.people["zhangwei"]])

    def _talk(self) -> None:
        runtime, lina = self.cast.runtime, self.cast.lina
        number = self.at["claimed"].rsplit("/", 1)[1]
        drawn = BytesIO()
        Image.new("RGB", (640, 360), "#2e7d5b").save(drawn, "PNG")
        stored = store_upload(runtime, lina, f"{LONG[:60]}.png", BytesIO(drawn.getvalue()))
        self.at["file"] = f"/files/{stored['id']}"
        reply(runtime, lina, number, f"先按图里的步骤试一下。\n\n{LONG}\n{UNBROKEN}", [str(stored["id"])])
        note(runtime, lina, number, f"同机型今天第三起：{UNBROKEN}")
        draft = {"finding": "need_info", "question": LONG}
        tasks.save_draft(runtime, lina, self.play.task("Task_Triage", number).public_id, draft)


def every_field() -> dict[str, bytes]:
    """A type whose start form has a field of every kind."""
    return play.files(
        build.start(camunda__formRef="every"),
        play.staff("look", name="核对"),
        build.end(),
        build.chain("begin", "look", "done"),
        key="every_field",
        forms={"every": EVERY_FIELD},
        name__zh="样样都有的一个名字很长的工单类型",
        name__en="A type with every kind of field and a long name",
        standard="student",
    )


def nameless() -> dict[str, bytes]:
    """A type whose task waits for nobody."""
    return play.files(
        build.start(),
        build.user("look", camunda__candidateGroups="nobody", name="看一看这个名字很长的待办"),
        build.end(),
        build.chain("begin", "look", "done"),
        key="nameless",
    )


def stopping() -> dict[str, bytes]:
    """A type whose script fails."""
    return play.files(
        build.start(),
        play.staff("work", name="核对"),
        build.script("work_it_out", "share = 1 / 0"),
        build.end(),
        build.chain("begin", "work", "work_it_out", "done"),
        key="stopping",
    )
