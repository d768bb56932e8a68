"""Owns the demo's many tickets: told from tables of sentences over 90 days, the same for the same day."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tickets.demo.organisation import ALL_PEOPLE, ALL_PLACES
from tickets.demo.past import HOME, at_work, is_worked
from tickets.demo.promises import CRASH, INQUIRY
from tickets.demo.story import Act, Did, Settled, Story
from tickets.demo.subjects import COURSES
from tickets.demo.texts import crashes, inquiries
from tickets.demo.texts.crashes import HUAWEI, Device
from tickets.demo.texts.inquiries import ASKED, Asked
from tickets.places import PlaceKind

CRASHES, INQUIRIES, JUMP = 206, 340, 36
"""How many crash reports and inquiries, and how many more crashes of one model since its version came out."""
DAYS = 90
AT_DESK = 0.93
"""How many of those that come up out of hours are filed when support is there again."""
AT_ONCE = 0.9
"""How many of the older ones were settled by one call, and closed with what was said."""
LATELY, YESTERDAY = timedelta(days=5), timedelta(days=2)
"""Those since then are settled step by step; of the crashes that jumped, known by now, those since yesterday."""
SUPPORT, DEVELOPERS = ("lina", "lina", "zhouting", "fengyu"), ("wanglei", "xuhao")
VERSIONS = ((60, "3.0.4"), (32, "3.1.2"), (9, "3.1.9"), (0, "3.2.0"))
"""Which version was the newest so many days ago and earlier ones up to the next."""
NEXT = {"3.0.4": "3.1.2", "3.1.2": "3.1.9", "3.1.9": "3.2.0", "3.2.0": "3.2.1"}
HELPERS = {"hq_operations": ("chenxiao", "yangfan")}
Minutes = tuple[int, int]
QUICK: Minutes = (3, 26)
SLOW: Minutes = (70, 260)


def crowd(now: datetime, share: float = 1) -> Iterator[Story]:
    """The tickets of everybody besides those that are told one by one; `share` tells a part of them."""
    teller = _Teller(random.Random(42), now)  # noqa: S311 - nothing is kept secret with it
    for _ in range(int(CRASHES * share)):
        yield teller.crash(teller.some_time(DAYS), teller.device())
    for _ in range(int(JUMP * share)):
        yield teller.crash(teller.some_time(6), HUAWEI, symptom=("quit", "class"), version="3.2.0")
    for _ in range(int(INQUIRIES * share)):
        yield teller.inquiry(teller.some_time(DAYS))


@dataclass
class _Teller:
    """Draws in one fixed order; `now` decides which of what is told has happened by now."""

    chance: random.Random
    now: datetime

    def some_time(self, days: int) -> datetime:
        """A moment of the last days: campuses ask mostly while they teach, a little more from week to week."""
        back = days * (1 - self.chance.random() ** 0.85)
        day = (self.now - timedelta(days=back)).astimezone(HOME).date()
        if not is_worked(day) and self.chance.random() < 0.75:
            day -= timedelta(days=2)
        hour = self.chance.choices(range(9, 21), (9, 10, 8, 1, 5, 9, 10, 8, 4, 1, 1, 1))[0]
        clock = time(hour, self.chance.randrange(60), self.chance.randrange(60))
        moment = datetime.combine(day, clock, HOME).astimezone(UTC)
        moment = moment if moment < self.now else moment - timedelta(days=1)
        if self.chance.random() < AT_DESK and (open_at := at_work(moment)) != moment:
            moment = open_at + timedelta(minutes=self.chance.randrange(1, 90))
        return min(moment, self.now - timedelta(minutes=self.chance.randrange(4, 50)))

    def device(self) -> Device:
        """The Huawei is common; phones and computers are rare."""
        return self.chance.choices(crashes.DEVICES, (4, 4, 3, 3, 3, 2, 2, 1, 1, 1, 2, 1))[0]

    def crash(
        self, at: datetime, device: Device, *, symptom: tuple[str, str] | None = None, version: str = ""
    ) -> Story:
        symptom_known = symptom is not None
        symptom = symptom or self.chance.choice(tuple(crashes.HAPPENED))
        version = version or self._version(at, device)
        how_often = self.chance.choice(("always", "always", "sometimes", "once"))
        text, affected = self._happened(device, symptom, how_often)
        report = {
            "phone_model": device.model,
            "os": device.os,
            "os_version": device.version,
            "app_version": version,
            "symptom": symptom[0],
            "scene": symptom[1],
            "how_often": how_often,
            "what_happened": text,
            "affected_students": affected,
        }
        asks = self._asks()
        if self._at_once(at, YESTERDAY if symptom_known else LATELY):
            said = self.chance.choice((*crashes.USAGE[symptom[0]], *crashes.KNOWN))
            said = device.worded(said.format(version=NEXT.get(version, "7.4.2")))
            return self._settled(at, asks, report, CRASH, said)
        shown = {"quit": "crash", "black": "black"}.get(symptom[0], "error")
        shots = (shown,) if self.chance.random() < 0.16 else ()
        return Story(at, asks, report, tuple(self._crash_acts(at, asks, report, device)), pictures=shots)

    def _happened(self, device: Device, symptom: tuple[str, str], how_often: str) -> tuple[str, int]:
        """What is told of a crash, and how many students it affects."""
        who, affected = self.chance.choice(crashes.WHO)
        told = [each for each in crashes.HAPPENED[symptom] if device.fits(each)]
        happened = self.chance.choice(told)
        tried = (*crashes.TRIED, *(crashes.TRIED_IN_CLASS if symptom[1] == "class" else ()))
        besides = self.chance.choice(crashes.JUST_NOW if how_often == "once" else tried)
        affected = affected if "{who}" in happened else self.chance.choice((1, 1, 1, 2))
        return device.worded(happened.format(who=who) + besides), affected

    def inquiry(self, at: datetime) -> Story:
        asked = self.chance.choice(ASKED)
        asks = self.chance.choice([login for login in ASKING if not asked.brands or BRANDS[login] in asked.brands])
        words = self._words(at, BRANDS[asks])
        by = "" if asked.own else self.chance.choice(inquiries.PASSED_ON)
        report: dict[str, Any] = {
            "topic": asked.topic,
            "asker": "teacher" if ROLES[asks] == "requester" else "campus",
            "summary": asked.summary.format(**words)[:80],
            "details": by + asked.details.format(**words) + self.chance.choice(inquiries.DETAILS),
            "lesson_affected": "no",
        }
        if "{student}" in asked.summary:
            report["student_name"] = words["student"]
        if self.chance.random() < 0.4:
            report["contact"] = f"1380013{self.chance.randrange(8200, 8999)}"
        if self._at_once(at):
            return self._settled(at, asks, report, INQUIRY, asked.reply.format(**words))
        shots = (asked.picture,) if asked.picture and self.chance.random() < 0.6 else ()
        acts = tuple(self._inquiry_acts(at, asks, asked, words))
        return Story(at, asks, report, acts, type_key=INQUIRY, pictures=shots)

    def _crash_acts(self, at: datetime, asks: str, report: Mapping[str, Any], device: Device) -> Iterator[Act]:
        support = self.chance.choice(SUPPORT)
        seen = self._later(at, QUICK if self.chance.random() < 0.86 else SLOW)
        if self.chance.random() < 0.04:
            yield Act(self._plain(at, (20, 300)), asks, Did.WITHDRAW, "重启以后好了，不用处理。")
            return
        if self.chance.random() < 0.12:
            yield Act(seen, support, Did.CLAIM, "Task_Triage")
            yield Act(seen, support, Did.NOTE, self._note(report["symptom"]))
            seen = self._later(seen, (2, 12))
        if self.chance.random() < 0.14:
            question, answer = self.chance.choice(crashes.ASKED_BACK)
            yield self._done(seen, support, "Task_Triage", finding="need_info", question=question)
            if self.chance.random() < 0.3:  # never answered: it closes after a week, or still waits
                return
            answered = self._plain(seen, (40, 2000))
            yield self._done(answered, asks, "Task_Supply", more_info=answer)
            seen = self._later(answered, QUICK)
        yield from self._solved(seen, support, asks, report, device)

    def _note(self, symptom: str) -> str:
        return self.chance.choice((*crashes.NOTES, *crashes.NOTES_ON.get(symptom, ())))

    def _solved(
        self, at: datetime, support: str, asks: str, report: Mapping[str, Any], device: Device
    ) -> Iterator[Act]:
        symptom, fix = report["symptom"], NEXT.get(report["app_version"], "7.4.2")
        finding = self.chance.choices(("defect", "known", "usage"), (4, 3, 4))[0]
        severity = self.chance.choice(("blocker", "major", "major", "minor"))
        known = {"duplicate_of": ""} if finding == "known" else {}
        said = {"triage_note": self._note(symptom)} if self.chance.random() < 0.8 else {}
        yield self._done(at, support, "Task_Triage", finding=finding, severity=severity, **known, **said)
        if finding == "defect":
            yield Act(at + timedelta(minutes=2), support, Did.REPLY, self.chance.choice(crashes.HELD_UP))
            developer = self.chance.choice(DEVELOPERS)
            at = self._later(at, (90, 1400) if self.chance.random() < 0.8 else (3000, 5600))
            cause, detail = self.chance.choice(crashes.CAUSES[symptom])
            yield self._done(
                at,
                developer,
                "Task_Develop",
                development_result="fixed",
                cause=cause,
                cause_detail=detail,
                fix_version=fix,
                release_on="",
            )
        texts, outcome = {
            "defect": (crashes.FIXED, "fixed"),
            "known": (crashes.KNOWN, "planned"),
            "usage": (crashes.USAGE[symptom], "usage"),
        }[finding]
        at = self._later(at, (4, 30) if self.chance.random() < 0.88 else (100, 900))
        version = {} if finding == "usage" else {"fix_version": fix}
        reply = device.worded(self.chance.choice(texts).format(version=fix))
        yield self._done(at, support, "Task_Reply", outcome=outcome, reply=reply, **version)
        yield from self._confirmed(at, asks, crashes.COMMENTS)

    def _inquiry_acts(self, at: datetime, asks: str, asked: Asked, words: dict[str, str]) -> Iterator[Act]:
        support = self.chance.choice(SUPPORT)
        seen = self._later(at, (5, 90) if self.chance.random() < 0.9 else (130, 500))
        if self.chance.random() < 0.03:
            yield Act(self._plain(at, (20, 300)), asks, Did.WITHDRAW, "已经和校区说好了。")
            return
        if self.chance.random() < 0.15:
            note = self.chance.choice(inquiries.NOTES[:-1])
            yield Act(seen, support, Did.NOTE, note)
        if self.chance.random() < 0.1:
            seen = self._later(seen, (1, 20))
            question, answer = self.chance.choice(inquiries.ASKED_BACK)
            yield self._done(seen, support, "Task_Handle", next="ask", question=question)
            if self.chance.random() < 0.25:
                return
            answered = self._plain(seen, (30, 1500))
            yield self._done(answered, asks, "Task_Supply", more_info=answer)
            seen = self._later(answered, (5, 60))
        if asked.role in HELPERS and self.chance.random() < 0.5:
            question = asked.help_question.format(**words)
            yield self._done(seen, support, "Task_Handle", next="help", help_role=asked.role, help_question=question)
            seen = self._later(seen, (40, 700))
            helper = self.chance.choice(HELPERS[asked.role])
            answer = asked.help_answer.format(**words)
            yield self._done(seen, helper, "Task_Help", help_result="done", help_answer=answer)
            seen = self._later(seen, (5, 90))
        seen += timedelta(minutes=self.chance.randint(1, 4))
        yield self._done(seen, support, "Task_Handle", next="answer")
        seen += timedelta(minutes=self.chance.randint(2, 9))
        reply = asked.reply.format(**words)
        yield self._done(seen, support, "Task_Reply", outcome=asked.outcome, reply=reply)
        yield from self._confirmed(seen, asks, inquiries.COMMENTS)

    def _at_once(self, at: datetime, lately: timedelta = LATELY) -> bool:
        return self.now - at > lately and self.chance.random() < AT_ONCE

    def _settled(self, at: datetime, asks: str, report: Mapping[str, Any], type_key: str, text: str) -> Story:
        """What one call settles: support takes it up at once, rings back, and closes it with what was said."""
        open_at = at_work(at)
        at = at if open_at == at else open_at + timedelta(minutes=self.chance.randint(1, 40))
        taken = at + timedelta(minutes=self.chance.randint(2, 12), seconds=self.chance.randrange(60))
        closed = taken + timedelta(minutes=self.chance.randint(3, 14), seconds=self.chance.randrange(60))
        said = text + self.chance.choice(("", "", "已电话告知。", "电话里确认过。"))
        return Story(
            at, asks, report, type_key=type_key, settled=Settled(self.chance.choice(SUPPORT), taken, closed, said)
        )

    def _confirmed(self, at: datetime, asks: str, comments: tuple[str, ...]) -> Iterator[Act]:
        """Half of them say so; the others leave it to the clock."""
        if self.chance.random() < 0.5:
            at = self._plain(at, (20, 2600))
            yield self._done(at, asks, "Task_Confirm", solved="yes")
            if self.chance.random() < 0.4:
                stars = self.chance.choices((5, 4, 3, 2), (8, 5, 2, 1))[0]
                text = self.chance.choice(comments) if stars > 2 else "等得有点久。"
                yield Act(at + timedelta(minutes=1), asks, Did.RATE, text, {"stars": stars})

    def _asks(self) -> str:
        return self.chance.choice(ASKING)

    def _version(self, at: datetime, device: Device) -> str:
        if device.os in crashes.COMPUTERS:
            return "7.4.1" if self.now - at < timedelta(days=30) else "7.3.2"
        newest = next(version for days, version in VERSIONS if self.now - at >= timedelta(days=days))
        return newest if self.chance.random() < 0.8 else "3.1.2"

    def _words(self, at: datetime, brand: str) -> dict[str, str]:
        def day(days: int) -> str:
            moment = (at + timedelta(days=days)).astimezone(HOME)
            return f"{moment.month} 月 {moment.day} 日"

        return {
            "student": self.chance.choice(NAMES),
            "course": self.chance.choice(COURSES[brand].classes),
            "day": day(self.chance.randint(1, 9)),
            "tomorrow": day(1),
            "past": day(-self.chance.randint(1, 3)),
            "number": str(self.chance.randint(4, 18)),
            "few": str(self.chance.randint(2, 4)),
        }

    def _done(self, at: datetime, login: str, element: str, **values: Any) -> Act:
        return Act(at, login, Did.COMPLETE, element, values)

    def _later(self, at: datetime, minutes: Minutes) -> datetime:
        """So many minutes of support's working time, roughly: never outside of it."""
        return at_work(at_work(at) + timedelta(minutes=self.chance.randint(*minutes)))

    def _plain(self, at: datetime, minutes: Minutes) -> datetime:
        return at + timedelta(minutes=self.chance.randint(*minutes))


ROLES = {one.login: one.role for one in ALL_PEOPLE}
_ABOVE = {place.key: place.above for place in ALL_PLACES if place.kind is PlaceKind.CAMPUS}
BRANDS = {one.login: _ABOVE[one.place] for one in ALL_PEOPLE if one.place in _ABOVE}
"""The brand of everybody at a campus."""
ASKING = tuple(
    login for login in BRANDS if ROLES[login] in ("requester", "campus_head", "consultant") and login != "wufang"
)
NAMES = ("小满", "一诺", "梓涵", "雨桐", "嘉怡", "子轩", "沐阳", "乐童", "书瑶", "泽宇", "知夏", "辰逸", "可欣", "明远")
