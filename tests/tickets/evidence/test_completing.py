"""No mandatory step is completed without its evidence, whichever way somebody tries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from engine.models import TaskStatus
from tests.engine import build
from tests.tickets.evidence.scene import ZONE, Scene, field, photos
from tests.tickets.evidence.shots import photo
from tickets.assigning import passing
from tickets.errors import Conflict, Forbidden, NotFound, TaskClosed
from tickets.evidence import confirming
from tickets.evidence.leaving import left_undone
from tickets.evidence.proof import EvidenceMissing
from tickets.files import readable_file
from tickets.life import ending, returning
from tickets.standards.tables import Confirmation


def test_a_step_needs_as_many_photos_as_it_says(scene: Scene) -> None:
    scene.define(photos(), evidence="photo:2")
    scene.play.file("zhoulan", "proof")
    assert scene.refused() == {"board": "Photos: 2 needed, 0 so far"}
    one = scene.shot()
    assert scene.refused(board=[one]) == {"board": "Photos: 2 needed, 1 so far"}
    scene.complete(board=[one, scene.shot()])
    assert scene.play.open_tasks() == ["after"]
    done = scene.play.task("prepare", status=TaskStatus.COMPLETED)
    assert scene.stored(one).task_id == done.id


def test_the_refusal_says_what_is_missing_and_keeps_what_was_typed(scene: Scene) -> None:
    scene.define(photos(), field("textfield", "note"), evidence="photo:2")
    scene.play.file("zhoulan", "proof")
    with pytest.raises(EvidenceMissing, match="Photos: 2 needed, 1 so far") as refused:
        scene.complete(board=[scene.shot()], note="第一张")
    assert refused.value.submission.entered["note"] == "第一张"
    assert len(refused.value.submission.entered["board"]) == 1


def test_a_step_that_is_not_mandatory_can_go_without(scene: Scene) -> None:
    scene.define(photos(), evidence="photo:2", mandatory="false")
    scene.play.file("zhoulan", "proof")
    scene.complete()
    assert scene.play.open_tasks() == ["after"]


def test_the_same_photo_twice_is_one(scene: Scene) -> None:
    scene.define(photos(), evidence="photo:2")
    scene.play.file("zhoulan", "proof")
    content = photo()
    twice = [scene.send("lina", content, "a.jpg"), scene.send("lina", content, "b.jpg")]
    assert "the same photo as “a.jpg”" in scene.refused(board=twice)["board"]


def test_a_photo_is_evidence_of_one_step_only(scene: Scene) -> None:
    scene.define(photos(), evidence="photo")
    content = photo()
    scene.play.file("zhoulan", "proof")
    scene.complete(board=[scene.send("lina", content)])
    scene.play.file("zhoulan", "proof")
    assert "was evidence of another step" in scene.refused(board=[scene.send("lina", content)])["board"]
    scene.complete(board=[scene.shot()])


def test_a_picture_that_is_none_is_no_photo(scene: Scene) -> None:
    scene.define(photos(), evidence="photo")
    scene.play.file("zhoulan", "proof")
    fake = scene.send("lina", b"\xff\xd8\xff\xe0" + b"\0" * 600)
    assert "can't be read as a picture" in scene.refused(board=[fake])["board"]
    text = scene.send("lina", b"hello", "board.jpg")
    assert "not a photo" in scene.refused(board=[text])["board"]


def test_a_photo_from_before_the_step_is_refused_with_both_times(scene: Scene) -> None:
    scene.define(photos(after="opened"), evidence="photo")
    scene.play.file("zhoulan", "proof")
    opened = scene.play.cast.clock.now().astimezone(ZONE)
    scene.play.cast.clock.advance(an_hour_times(2))
    before = scene.shot(taken=opened.replace(hour=1), offset="+08:00")
    error = scene.refused(board=[before])["board"]
    assert "was taken at" in error
    assert "before this step began at" in error
    here = opened.replace(tzinfo=None) + an_hour_times(1)
    scene.complete(board=[scene.shot(taken=here)])


def test_a_photo_without_a_time_was_taken_when_it_came(scene: Scene) -> None:
    scene.define(photos(after="opened"), evidence="photo")
    early = scene.shot()
    scene.play.cast.clock.advance(an_hour_times(1))
    scene.play.file("zhoulan", "proof")
    assert "was taken at" in scene.refused(board=[early])["board"]
    scene.complete(board=[scene.shot()])


def test_a_photo_is_never_newer_than_its_upload(scene: Scene) -> None:
    scene.define(photos(after="opened"), evidence="photo")
    early = scene.shot(taken="2031:01:01 10:00:00")
    scene.play.cast.clock.advance(an_hour_times(1))
    scene.play.file("zhoulan", "proof")
    assert "was taken at" in scene.refused(board=[early])["board"]


def test_a_photo_without_an_offset_is_read_in_the_place_s_zone(scene: Scene) -> None:
    scene.define(photos(after="opened"), evidence="photo")
    scene.play.file("zhoulan", "proof")
    local = scene.play.cast.clock.now().astimezone(ZONE).replace(tzinfo=None)
    scene.play.cast.clock.advance(an_hour_times(3))
    assert "was taken at" in scene.refused(board=[scene.shot(taken=local - an_hour_times(1))])["board"]
    scene.complete(board=[scene.shot(taken=local + an_hour_times(1))])


def test_a_location_from_before_the_step_is_refused(scene: Scene) -> None:
    scene.define(field("textfield", "here", evidence="location", after="opened"), evidence="location")
    scene.play.file("zhoulan", "proof")
    now = scene.play.cast.clock.now()
    there = {"lat": 22.5, "lon": 114.0, "accuracy": 8}
    assert "missing" in scene.refused()["here"]
    old = {**there, "at": (now - an_hour_times(1)).isoformat()}
    assert "before this step began" in scene.refused(here=old)["here"]
    scene.complete(here={**there, "at": now.isoformat()})


def test_names_are_signed_in(scene: Scene) -> None:
    rows = {"type": "dynamiclist", "path": "signed", "label": "签到", "properties": {"evidence": "signin"}}
    scene.define({**rows, "components": [field("textfield", "name"), field("checkbox", "there")]}, evidence="signin:2")
    scene.play.file("zhoulan", "proof")
    signed = [{"name": "张三", "there": True}, {"name": "李四", "there": False}]
    assert scene.refused(signed=signed) == {"signed": "Names signed in: 2 needed, 1 so far"}
    scene.complete(signed=[{**row, "there": True} for row in signed])


def test_a_second_person_confirms(scene: Scene) -> None:
    scene.define(evidence="confirmation")
    number = scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    task = scene.play.task("prepare").public_id
    runtime, cast = scene.play.runtime, scene.play.cast
    assert scene.refused() == {"confirmation": "Confirmations by others: 1 needed, 0 so far"}
    with pytest.raises(Forbidden):
        confirming.confirm(runtime, cast.lina, task)
    with pytest.raises(NotFound):
        confirming.confirm(runtime, cast.huangyi, task)
    assert confirming.confirm(runtime, cast.zhangwei, task, "在场") == number
    confirming.confirm(runtime, cast.zhangwei, task)
    assert scene.play.told(number).count("vouched") == 1
    scene.complete()
    with pytest.raises(TaskClosed):
        confirming.confirm(runtime, cast.chenxiao, task)


def test_a_confirmation_is_taken_back_while_the_step_is_open(scene: Scene) -> None:
    scene.define(evidence="confirmation")
    number = scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    task, runtime, cast = scene.play.task("prepare").public_id, scene.play.runtime, scene.play.cast
    theirs = Confirmation.task_id == scene.play.task("prepare").id
    confirming.confirm(runtime, cast.zhangwei, task, "在场")
    confirming.take_back(runtime, cast.chenxiao, task)
    assert scene.play.count(Confirmation, theirs) == 1, "it is not theirs"
    for _ in range(2):
        assert confirming.take_back(runtime, cast.zhangwei, task) == number
    assert scene.play.count(Confirmation, theirs) == 0
    assert scene.play.told(number).count("vouch_taken_back") == 1
    assert "confirmation" in scene.refused()
    with pytest.raises(NotFound):
        confirming.take_back(runtime, cast.huangyi, task)
    confirming.confirm(runtime, cast.zhangwei, task)
    scene.complete()
    with pytest.raises(TaskClosed):
        confirming.take_back(runtime, cast.zhangwei, task)
    assert scene.play.count(Confirmation, theirs) == 1, "what was done with it keeps it"


def test_whoever_confirmed_does_not_complete_on_their_own_word(scene: Scene) -> None:
    scene.define(evidence="confirmation")
    scene.play.file("zhoulan", "proof")
    task = scene.play.task("prepare").public_id
    runtime, cast = scene.play.runtime, scene.play.cast
    confirming.confirm(runtime, cast.zhangwei, task)
    scene.play.claim("lina", "prepare")
    passing.transfer(runtime, cast.lina, task, passing.Target(cast.people["zhangwei"]), "交给你")
    assert scene.refused("zhangwei") == {"confirmation": "Confirmations by others: 1 needed, 0 so far"}


def test_a_colleague_is_asked_to_confirm(scene: Scene) -> None:
    scene.define(evidence="confirmation")
    number = scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    task = scene.play.task("prepare").public_id
    runtime, cast = scene.play.runtime, scene.play.cast
    with pytest.raises(NotFound):
        confirming.confirm(runtime, cast.wanglei, task)
    confirming.ask(runtime, cast.lina, task, [cast.people["wanglei"]], "请看一下")
    assert "asked_to_vouch" in scene.play.told(number)
    confirming.confirm(runtime, cast.wanglei, task)
    scene.complete()


def test_a_step_that_asks_for_none_is_not_confirmed(scene: Scene) -> None:
    scene.define(photos(), evidence="photo")
    scene.play.file("zhoulan", "proof")
    with pytest.raises(Conflict):
        confirming.confirm(scene.play.runtime, scene.play.cast.zhangwei, scene.play.task("prepare").public_id)


def test_a_delegated_step_comes_back_and_is_then_looked_at(scene: Scene) -> None:
    scene.define(photos(), evidence="photo confirmation")
    scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    task = scene.play.task("prepare").public_id
    runtime, cast = scene.play.runtime, scene.play.cast
    passing.delegate(runtime, cast.lina, task, cast.people["zhangwei"])
    scene.complete("zhangwei", board=[shot := scene.shot("zhangwei")])
    assert scene.play.open_tasks() == ["prepare"]
    assert "confirmation" in scene.refused(board=[shot])
    confirming.confirm(runtime, cast.zhangwei, task)
    scene.complete(board=[shot])


def test_a_step_taken_back_needs_its_evidence_anew(scene: Scene) -> None:
    scene.define(photos(after="opened"), evidence="photo confirmation")
    scene.play.file("zhoulan", "proof")
    runtime, cast = scene.play.runtime, scene.play.cast
    confirming.confirm(runtime, cast.zhangwei, scene.play.task("prepare").public_id)
    scene.complete(board=[first := scene.shot()])
    scene.play.claim("lina", "after")
    cast.clock.advance(an_hour_times(1))
    returning.step_back(runtime, cast.lina, scene.play.task("after").public_id, "照片不清楚")
    assert set(scene.refused(board=[first])) == {"board", "confirmation"}


def test_an_event_that_ends_the_step_does_not_count_as_done(scene: Scene) -> None:
    event = build.boundary(
        "gone", "prepare", "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    )
    flow = build.flow("gone", "after")
    scene.define(photos(), inner=event + flow, evidence="photo", key="proof_timed")
    scene.play.file("zhoulan", "proof_timed")
    scene.play.pass_time(hours=2)
    assert scene.play.open_tasks() == ["after"]
    assert scene.play.task("prepare", status=TaskStatus.CANCELLED).submitted is None


def test_what_would_be_missing_is_said_before_a_ticket_is_ended(scene: Scene) -> None:
    scene.define(photos(), evidence="photo")
    number = scene.play.file("zhoulan", "proof")
    with scene.play.runtime.reading() as session:
        left = left_undone(session, scene.play.cast.zhoulan, number)
        assert left_undone(session, scene.play.cast.huangyi, number) == []
    assert [step.name for step in left] == ["prepare"]
    ending.withdraw(scene.play.runtime, scene.play.cast.zhoulan, number, "不开课了")
    assert scene.play.task("prepare", number, status=TaskStatus.CANCELLED).closed_by_id is None


def test_originals_are_for_those_who_work_on_it_and_those_who_may(scene: Scene) -> None:
    scene.define(photos(), evidence="photo")
    scene.play.file("zhoulan", "proof")
    scene.complete(board=[shot := scene.shot()])
    file = scene.stored(shot)
    cast = scene.play.cast
    with scene.play.runtime.reading() as session:
        for actor in (cast.lina, cast.chenxiao, cast.zhaomin):
            assert readable_file(session, actor, file.public_id).id == file.id
        assert readable_file(session, cast.zhangwei, file.public_id, small=True).id == file.id
        with pytest.raises(Forbidden, match="original photos"):
            readable_file(session, cast.zhangwei, file.public_id)
        for stranger in (cast.huangyi, cast.sunyue):
            with pytest.raises(NotFound):
                readable_file(session, stranger, file.public_id, small=True)


def test_confirmations_count_per_task(scene: Scene) -> None:
    scene.define(evidence="confirmation:2")
    scene.play.file("zhoulan", "proof")
    task = scene.play.task("prepare")
    runtime, cast = scene.play.runtime, scene.play.cast
    confirming.confirm(runtime, cast.zhangwei, task.public_id)
    assert scene.refused() == {"confirmation": "Confirmations by others: 2 needed, 1 so far"}
    confirming.confirm(runtime, cast.chenxiao, task.public_id)
    assert scene.play.count(Confirmation, Confirmation.task_id == task.id) == 2
    scene.complete()


def an_hour_times(hours: int) -> timedelta:
    return timedelta(hours=hours)


def test_of_two_steps_that_take_the_same_photo_at_once_one_has_it(scene: Scene) -> None:
    scene.define(photos(), evidence="photo")
    for _ in range(4):
        numbers = [scene.play.file("zhoulan", "proof") for _ in range(4)]
        content = photo()
        sent = {number: scene.send("lina", content) for number in numbers}
        for number in numbers:
            scene.play.claim("lina", "prepare", number)
        gate = Barrier(len(numbers))

        def complete(number: str, gate: Barrier = gate, sent: dict[str, str] = sent) -> bool:
            gate.wait()
            try:
                scene.complete(number=number, board=[sent[number]])
            except EvidenceMissing:
                return False
            return True

        with ThreadPoolExecutor(len(numbers)) as pool:
            assert sorted(pool.map(complete, numbers)) == [False, False, False, True]
