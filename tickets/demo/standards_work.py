"""Owns what the demo's people answer in the steps of standards: by type and element, what each form is sent with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from tickets.access import Actor
from tickets.demo.history import History
from tickets.demo.past import HOME
from tickets.demo.pictures import picture

KICKOFF, MEETING, ASSESSMENT, TRIAL = "class_kickoff", "parent_meeting", "stage_assessment", "trial_preparation"
NAMES = ("林小满", "陈一诺", "何雨桐", "梁嘉怡", "旁听学员一", "旁听学员二", "旁听学员三")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open step of a standard, and whom or what it is about."""

    task_id: UUID
    type_key: str
    element: str
    opened_at: datetime
    assignee_id: int
    external_id: str
    attributes: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Who is in the class: some of those who have no list are made up."""
        here = tuple(self.attributes.get("students", ())) or NAMES[:4]
        return (*here, *NAMES[4:])[: max(4, len(here))]

    @property
    def room(self) -> str:
        """Where the class is taught."""
        room = str(self.attributes["教室"])
        return f"{room} 教室" if room.isdigit() else room

    @property
    def begins(self) -> time:
        """At what time its lessons begin, so far as its timetable says."""
        _, _, hours = str(self.attributes.get("timetable", "")).partition(" ")
        return time.fromisoformat(hours.split("–")[0]) if hours else time(9, 30)


Answering = Callable[[History, Waiting, Actor], dict[str, Any]]


def _confirmed(history: History, waiting: Waiting, _actor: Actor) -> dict[str, Any]:
    begins = datetime.combine(date.fromisoformat(waiting.attributes["start_date"]), waiting.begins, HOME)
    at = _quarter(max(begins, history.clock.now() + timedelta(hours=3)))
    return {"going_ahead": "yes", "kickoff_at": at, "room": waiting.room, "host": "校区负责人", "families": 8}


def _invited(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    shots = _pictures(history, waiting, actor, "chat")
    return {"invite_ways": ["group", "private"], "invited": 8, "coming": 6, "invitation": shots}


def _checked(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    shots = _pictures(history, waiting, actor, "classroom", "device")
    return {"checked": ["projector", "sound", "network", "seats"], "room_ok": "ok", "room_photos": shots}


def _held(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    return {
        "attendance": [{"student": name, "signed": True} for name in waiting.names],
        "kickoff_photos": _pictures(history, waiting, actor, "parents", "sign-in", of="h"),
        "kickoff_note": "老师介绍了课程和作业要求，家长提了接送的问题。",
    }


def _heard(_history: History, _waiting: Waiting, _actor: Actor) -> dict[str, Any]:
    return {"satisfied": 5, "asked": 6, "feedback": "都觉得老师介绍得清楚，有一家希望周末能补课。"}


def _meeting_set(history: History, waiting: Waiting, _actor: Actor) -> dict[str, Any]:
    at = _quarter(history.clock.now() + timedelta(days=2))
    return {"going_ahead": "yes", "meeting_at": at, "way": "campus", "room": waiting.room, "families": 8}


def _agenda_sent(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    agenda = "一、本月的学习重点；二、每位学员的进步；三、在家怎么练；四、家长提问。"
    shots = _pictures(history, waiting, actor, "chat", of="agenda")
    return {"agenda": agenda, "notice_ways": ["group"], "agenda_files": shots}


def _meeting_held(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    return {
        "parents": [{"student": name, "family": "家长", "signed": True} for name in waiting.names],
        "meeting_photos": _pictures(history, waiting, actor, "parents", "sign-in", of="meeting"),
        "absent": 0,
    }


def _summed_up(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    return {
        "summary": "讲了这个月的重点和下个月的安排，家长都同意周中加一次口语打卡。",
        "summary_ways": ["group"],
        "summary_files": _pictures(history, waiting, actor, "chat", of="summary"),
        "has_follow_up": "no",
    }


def _test_set(history: History, waiting: Waiting, _actor: Actor) -> dict[str, Any]:
    at = _quarter(history.clock.now() + timedelta(days=1))
    many = len(waiting.names)
    return {"going_ahead": "yes", "test_at": at, "stage": "本阶段", "paper": "阶段卷 A", "students": many}


def _tested(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    shots = _pictures(history, waiting, actor, "classroom", of="test")
    return {"tested": len(waiting.names), "absent": 0, "test_photos": shots}


def _scored(_history: History, waiting: Waiting, _actor: Actor) -> dict[str, Any]:
    points = [78 + (place * 7) % 20 for place in range(len(waiting.names))]
    scores = [
        {"student": name, "score": score, "level": "a" if score > 89 else "b"}
        for name, score in zip(waiting.names, points, strict=True)
    ]
    average = round(sum(points) / len(points))
    weak = "长对话听得不稳，步骤写得太省。"
    return {"score_way": "list", "scores": scores, "average": average, "passed": len(points), "weak_points": weak}


def _reported(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    shots = _pictures(history, waiting, actor, "report")
    return {"reports_sent": len(waiting.names), "report_ways": ["private"], "report_files": shots}


def _planned(_history: History, _waiting: Waiting, _actor: Actor) -> dict[str, Any]:
    return {"plan": "下个阶段每节课前十分钟复习，月底再测一次。", "tutored": []}


def _approved(_history: History, _waiting: Waiting, _actor: Actor) -> dict[str, Any]:
    return {"approved": "yes"}


def _agreed(history: History, _waiting: Waiting, _actor: Actor) -> dict[str, Any]:
    at = _quarter(history.clock.now() + timedelta(days=4))
    wishes = "想先看看孩子能不能坐得住。"
    return {"going_ahead": "yes", "lesson_at": at, "lesson_way": "online", "device": "tablet", "wishes": wishes}


def _device_fine(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    shots = _pictures(history, waiting, actor, "device")
    checked = ["camera", "microphone", "sound", "network", "app"]
    return {"device_model": "iPad 9", "device_checked": checked, "device_ok": "yes", "device_shots": shots}


def _assessed(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    shots = _pictures(history, waiting, actor, "report")
    return {"assess_way": "online", "level": "one", "assess_note": "听得不错，开口少。", "assess_files": shots}


def _teacher_found(history: History, _waiting: Waiting, _actor: Actor) -> dict[str, Any]:
    at = _quarter(history.clock.now() + timedelta(days=2))
    return {"lesson_teacher": "周岚", "lesson_at": at, "material": "自然拼读 第 1 课 试听版"}


def _family_told(history: History, waiting: Waiting, actor: Actor) -> dict[str, Any]:
    shots = _pictures(history, waiting, actor, "chat")
    return {"told_ways": ["private"], "family_confirmed": "yes", "told_files": shots}


ANSWERS: Mapping[tuple[str, str], Answering] = {
    (KICKOFF, "Task_Confirm"): _confirmed,
    (KICKOFF, "Task_Invite"): _invited,
    (KICKOFF, "Task_Check"): _checked,
    (KICKOFF, "Task_Hold"): _held,
    (KICKOFF, "Task_Feedback"): _heard,
    (MEETING, "Task_Schedule"): _meeting_set,
    (MEETING, "Task_Agenda"): _agenda_sent,
    (MEETING, "Task_Hold"): _meeting_held,
    (MEETING, "Task_Summary"): _summed_up,
    (ASSESSMENT, "Task_Schedule"): _test_set,
    (ASSESSMENT, "Task_Test"): _tested,
    (ASSESSMENT, "Task_Score"): _scored,
    (ASSESSMENT, "Task_Report"): _reported,
    (ASSESSMENT, "Task_Plan"): _planned,
    (ASSESSMENT, "Task_Approve"): _approved,
    (TRIAL, "Task_Contact"): _agreed,
    (TRIAL, "Task_Device"): _device_fine,
    (TRIAL, "Task_Assess"): _assessed,
    (TRIAL, "Task_Assign"): _teacher_found,
    (TRIAL, "Task_Tell"): _family_told,
}


def _pictures(history: History, waiting: Waiting, actor: Actor, *names: str, of: str = "") -> list[dict[str, Any]]:
    return [picture(history.runtime, actor, name, waiting.external_id + of) for name in names]


def _quarter(moment: datetime) -> str:
    """As forms ask for a moment: at a full quarter of an hour."""
    here = moment.astimezone(HOME)
    return here.replace(minute=here.minute // 15 * 15, second=0, microsecond=0).isoformat(timespec="minutes")
