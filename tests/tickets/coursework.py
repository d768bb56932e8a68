"""What the walks of the shipped standards share: a class and a student at 深圳南山, evidence, and days to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.tickets.play import Play
from tickets.evidence import confirming
from tickets.subject_register import put_subject

_numbers = count(1)
PARENTS = [{"student": name, "family": "妈妈", "signed": True} for name in ("林小满", "陈一诺", "何雨桐")]


def class_of(play: Play, **attributes: Any) -> UUID:
    """A class that zhoulan teaches; zhaomin is her superior, chenxiao is hers."""
    return _subject(play, "class", "周六上午 剑桥少儿三级", "zhoulan", attributes)


def student_of(play: Play) -> UUID:
    """A student whose consultant is liutao; zhaomin is his superior."""
    return _subject(play, "student", "林小满", "liutao", {})


def _subject(play: Play, kind: str, name: str, responsible: str, attributes: dict[str, Any]) -> UUID:
    values = {"name": name, "place": "sz-nanshan", "responsible": responsible, "attributes": attributes}
    saved = put_subject(play.runtime, play.cast.admin, kind, f"T-{next(_numbers)}", values)
    play.settle()
    return saved.public_id


def local(play: Play, **later: float) -> datetime:
    """So much later, in Shenzhen."""
    return play.cast.clock.now().astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(**later)


def at(play: Play, **later: float) -> str:
    """The same as a form takes it: a date with a time."""
    return local(play, **later).isoformat(timespec="minutes")[:16]


def photos(play: Play, login: str, number: int = 2) -> list[str]:
    return [play.photo(login) for _ in range(number)]


def confirm(play: Play, login: str, element: str, number: str, *, asked_by: str = "") -> None:
    """Somebody says that the step was done; asked to, where they don't see it otherwise."""
    task_id = play.task(element, number).public_id
    if asked_by:
        confirming.ask(play.runtime, play.cast.actor(asked_by), task_id, [play.cast.people[login]])
    confirming.confirm(play.runtime, play.cast.actor(login), task_id)


def assignee(play: Play, element: str, number: str) -> str:
    """The login of whoever the open task is given to."""
    return login_of(play, play.task(element, number).assignee_id)


def login_of(play: Play, person_id: int | None) -> str:
    return next((login for login, known in play.cast.people.items() if known == person_id), "")


def chased(play: Play, number: str, chase: str, by: str) -> None:
    """The superior looks into a step that is late; that step goes on."""
    assert assignee(play, chase, number) == by
    before = play.open_tasks(number)
    play.complete(by, chase, number, chase_action="settled", chase_note="今天补上")
    before.remove(chase)
    assert play.open_tasks(number) == before


def late(play: Play, number: str, chase: str, by: str) -> None:
    """The superior is told of a step that is late, and of nothing else."""
    assert [element for element in play.open_tasks(number) if element.startswith("Task_Chase")] == [chase]
    assert assignee(play, chase, number) == by


def opened(play: Play, number: str) -> list[str]:
    """The open tasks, without those that chase."""
    return sorted(element for element in play.open_tasks(number) if not element.startswith("Task_Chase"))
