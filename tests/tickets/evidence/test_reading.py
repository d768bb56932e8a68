"""The evidence of what was done, as the matrix and spot checks show it; sign-in lists that open with the students."""

from __future__ import annotations

import pytest

from engine.models import TaskStatus
from tests.tickets.evidence.scene import Scene, field, photos
from tickets.evidence import confirming
from tickets.evidence.reading import evidence_of
from tickets.subject_register import put_subject
from tickets.tasks import task_form


@pytest.fixture
def done(scene: Scene) -> Scene:
    signed = {**field("dynamiclist", "", evidence="signin"), "path": "signed"}
    signed["components"] = [field("textfield", "name"), field("checkbox", "there")]
    place = field("textfield", "here", evidence="location")
    scene.define(photos(), signed, place, evidence="photo confirmation signin location")
    scene.play.file("zhoulan", "proof")
    task = scene.play.task("prepare").public_id
    confirming.confirm(scene.play.runtime, scene.play.cast.zhangwei, task, "在场")
    scene.complete(
        board=[scene.shot(taken="2026:11:20 09:00:00")],
        signed=[{"name": "张三", "there": True}, {"name": "李四", "there": True}],
        here={"lat": 22.5, "lon": 114.0, "accuracy": 8, "at": scene.play.cast.clock.now().isoformat()},
    )
    return scene


def test_all_of_it_is_listed(done: Scene) -> None:
    task = done.play.task("prepare", status=TaskStatus.COMPLETED)
    with done.play.runtime.reading() as session:
        found = evidence_of(session, done.play.cast.chenxiao, [task.id, 10**9])[task.id]
        assert evidence_of(session, done.play.cast.huangyi, [task.id]) == {}
        assert evidence_of(session, done.play.cast.zhoulan, [task.id]) == {}
        assert evidence_of(session, done.play.cast.chenxiao, []) == {}
    photo, signed, place, word = found
    assert [each.kind for each in found] == ["photo", "signin", "location", "confirmation"]
    assert photo.thumbnail
    assert photo.at is not None
    assert photo.at.isoformat() == "2026-11-20T01:00:00+00:00"
    assert signed.text == "张三、李四"
    assert [(each.name, each.present) for each in signed.people] == [("张三", True), ("李四", True)]
    assert place.link.startswith("https://")
    assert (word.text, word.note) == ("张伟", "在场")


def test_an_open_task_has_none_yet(scene: Scene) -> None:
    scene.define(photos(), evidence="photo")
    scene.play.file("zhoulan", "proof")
    with scene.play.runtime.reading() as session:
        assert evidence_of(session, scene.play.cast.chenxiao, [scene.play.task("prepare").id]) == {}


@pytest.mark.parametrize(
    ("students", "names"),
    [(["张三", {"name": "李四"}, "", 5], ["张三", "李四"]), (24, []), (None, []), ({"a": 1}, [])],
)
def test_a_sign_in_list_opens_with_the_students(scene: Scene, students: object, names: list[str]) -> None:
    signed = {**field("dynamiclist", "", evidence="signin"), "path": "signed"}
    scene.define({**signed, "components": [field("textfield", "name")]}, evidence="signin")
    runtime, cast = scene.play.runtime, scene.play.cast
    values = {"name": "三班", "place": "sz-nanshan", "attributes": {"students": students}}
    saved = put_subject(runtime, cast.chenxiao, "class", f"SIGN-{len(names)}-{students is None}", values)
    scene.play.file("chenxiao", "proof", subject_id=saved.public_id)
    scene.play.claim("lina", "prepare")
    with runtime.reading() as session:
        opened = task_form(runtime, session, cast.lina, scene.play.task("prepare").public_id).data
    assert [row["name"] for row in opened.get("signed", [])] == names
