"""What somebody's departure would do, counted by hand."""

from __future__ import annotations

from datetime import timedelta

from tests.engine.build import chain, end, start, user
from tests.tickets.play import Play
from tickets.assigning.models import Absence
from tickets.departing.preview import Preview, preview
from tickets.people import Person
from tickets.service.tables import ServicePolicy
from tickets.settings import TypeSetting
from tickets.tokens import issue_token


def look(play: Play, login: str) -> Preview:
    with play.runtime.reading() as session:
        return preview(session, play.cast.admin, login, now=play.cast.clock.now())


def test_everything_of_theirs_is_counted(play: Play) -> None:
    play.cast.add_subjects()
    tasks = (user("mine", camunda__assignee="liutao"), user("other", camunda__candidateUsers="zhoulan,liutao"))
    play.define(start(), *tasks, end(), chain("begin", "mine", "other", "done"), owner="liutao")
    for _ in range(2):
        play.file("zhoulan")
    play.complete("liutao", "mine")
    play.claim("liutao", "other")
    now = play.cast.clock.now()
    with play.writing() as session, session.begin():
        liutao = session.get_one(Person, play.cast.people["liutao"])
        session.get_one(Person, play.cast.people["zhoulan"]).superior_id = liutao.id
        issue_token(session, liutao, "script", now=now)
        away = {"from_at": now, "until_at": now + timedelta(days=3), "at": now, "brand_id": liutao.brand_id}
        session.add(Absence(person_id=play.cast.people["zhaomin"], substitute_id=liutao.id, **away))
        setting = {"brand_id": liutao.brand_id, "type_key": "errand", "updated_at": now}
        session.add(TypeSetting(name="cc", value=["liutao", "lina"], **setting))
        told = {"brand_id": liutao.brand_id, "response": "PT1H", "escalate_to": "person:liutao"}
        session.add_all(ServicePolicy(priority=level, type_key="errand", **told) for level in ("high", "urgent"))
    seen = look(play, "liutao")
    assert [(each.key, each.count) for each in seen.types] == [("errand", 2)]
    assert (seen.ticket_count, len(seen.tickets)) == (2, 2)
    assert (seen.tasks_back, seen.tasks_alone) == (1, 1), "zhoulan was offered one as well"
    assert (seen.subjects, seen.contracts_soon) == ({"student": 3}, 2)
    assert (seen.superior.login if seen.superior else "", seen.superior_load) == ("zhaomin", 0)
    assert seen.reports == ["周岚"]
    assert [(role.role_key, role.place.external_id) for role in seen.emptied] == [("consultant", "sz-nanshan")]
    assert [(each.element, each.what) for each in seen.definitions] == [
        ("", "Owner"),
        ("mine", "Assignee"),
        ("other", "Candidates"),
    ]
    assert [(each.type_key, each.what) for each in seen.settings] == [
        ("errand", "In copy"),
        ("errand", "Service level: told when overdue"),
    ]
    assert [(each.whose, each.substitute) for each in seen.absences] == [("赵敏", "刘涛")]
    assert seen.tokens == 1


def test_nothing_of_theirs_is_nothing(play: Play) -> None:
    seen = look(play, "tangyan")
    assert (seen.ticket_count, seen.task_count, seen.subject_count, seen.definitions) == (0, 0, 0, [])
