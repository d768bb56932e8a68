"""Deploying: what an upload becomes, what is refused, and whom a new version serves."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.models import DeployedFile, Deployment, MessageSubscription, ProcessDefinition, UserTask
from tests.engine.build import call, chain, document, element, end, message, script, settings, start, whole
from tests.tickets.play import SHIPPED_TYPES, Play, files, form, shipped, staff, text
from tickets.audit import AuditEntry
from tickets.deploying import deploy
from tickets.errors import Forbidden
from tickets.people import Person
from tickets.staff import grant_role
from tickets.types import TicketType


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


ONE_TASK = (start(), staff("look"), end(), chain("begin", "look", "done"))


def newest(play: Play, key: str) -> ProcessDefinition:
    query = sa.select(ProcessDefinition).where(ProcessDefinition.key == key).order_by(ProcessDefinition.version.desc())
    with play.runtime.reading() as session:
        return session.scalars(query).first() or pytest.fail(f"no {key}")


def codes(found: Any) -> list[str]:
    return [problem.code for problem in found.report.problems]


@pytest.mark.parametrize("key", SHIPPED_TYPES)
def test_the_shipped_types_are_accepted_without_a_word(play: Play, key: str) -> None:
    made = play.ship(key)
    assert made.report.accepted
    # a connector's secret is added once the type is there
    assert codes(made) == (["secret-missing"] if key == "coupon_approval" else [])
    assert [(one.key, one.version) for one in made.types] == [(key, 1)]


def test_the_same_files_again_make_no_new_version(play: Play) -> None:
    upload = files(*ONE_TASK, key="same")
    first = play.upload(upload).types[0]
    before = play.count(Deployment)
    again = play.upload(dict(reversed(upload.items()))).types[0]
    assert (again.version, again.new, again.public_id) == (1, False, first.public_id)
    assert play.count(Deployment) == before


def test_the_files_are_kept_byte_for_byte(play: Play) -> None:
    upload = files(*ONE_TASK, key="kept", forms={"unused": [text("a")]})
    play.upload(upload)
    definition = newest(play, "kept")
    query = sa.select(DeployedFile.path, DeployedFile.content).where(
        DeployedFile.deployment_id == definition.deployment_id
    )
    with play.runtime.reading() as session:
        assert {row.path: row.content for row in session.execute(query)} == upload


def test_changed_files_make_a_version_and_running_tickets_stay_on_theirs(play: Play) -> None:
    play.define(*ONE_TASK, key="grow")
    old = play.file("zhoulan", "grow")
    play.define(start(), staff("look"), staff("more"), end(), chain("begin", "look", "more", "done"), key="grow")
    new = play.file("zhoulan", "grow")
    for number in (old, new):
        play.complete("lina", "look", number)
    assert (play.ticket(old).status, play.open_tasks(new)) == ("closed", ["more"])
    assert newest(play, "grow").version == 2


def test_only_the_form_changed_is_a_new_version_too(play: Play) -> None:
    shown = (start(camunda__formRef="ask"), staff("look"), end(), chain("begin", "look", "done"))
    play.define(*shown, key="formed", forms={"ask": [text("a")]})
    play.define(*shown, key="formed", forms={"ask": [text("b")]})
    assert newest(play, "formed").version == 2
    play.file("zhoulan", "formed", b="1")
    assert play.ticket().data == {"b": "1"}


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("ask", "form-missing"),
        ("embedded:app:forms/ask.html", "form-elsewhere"),
        ("app:ask.jsf", "form-elsewhere"),
        ("https://example.com/ask", "form-elsewhere"),
    ],
)
def test_a_form_that_is_not_in_the_upload_is_said_and_the_task_shown_without(play: Play, key: str, code: str) -> None:
    found = play.upload(files(start(camunda__formKey=key), *ONE_TASK[1:], key="formless"))
    assert (found.report.accepted, codes(found)) == (True, [code])
    said = str(found.report.problems[0].problem)
    assert key in said
    assert "task" not in said, "it is said of what begins a process"
    play.file("zhoulan", "formless")
    assert play.open_tasks() == ["look"]


def test_a_form_of_the_live_version_is_not_lost_because_its_file_was_forgotten(play: Play) -> None:
    def upload(reference: str, **forms: list[dict[str, Any]]) -> Any:
        shown = (start(), staff("look", camunda__formRef=reference), staff("more", camunda__formRef="else"), end())
        return play.upload(files(*shown, chain("begin", "look", "more", "done"), key="keeps", forms=forms))

    assert codes(upload("ask", ask=[text("a")])) == ["form-missing"], "the other has none yet"
    refused = upload("ask")
    assert not refused.report.accepted
    assert {(one.code, one.element, one.level) for one in refused.report.problems} == {
        ("form-lost", "look", "error"),
        ("form-missing", "more", "warning"),
    }
    assert newest(play, "keeps").version == 1
    assert upload("").report.accepted, "who clears the reference means it"
    assert newest(play, "keeps").version == 2


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"components": 5}', b"\xff\xfe", form({"type": "html"})])
def test_a_bad_form_is_refused_with_its_file_named(play: Play, broken: bytes) -> None:
    found = play.upload({**files(*ONE_TASK, key="broken"), "ask.form": broken})
    assert not found.report.accepted
    assert {problem.file for problem in found.report.problems} == {"ask.form"}


def test_an_upload_without_a_process_is_refused(play: Play) -> None:
    for upload in ({}, {"readme.txt": b"hello"}, {"ask.form": form(text("a"))}):
        found = play.upload(upload)
        assert (found.report.accepted, codes(found), found.types) == (False, ["nothing"], [])


def test_a_called_process_is_bound_at_deploy(play: Play) -> None:
    inner = whole(start("i_begin"), staff("check"), end("i_done"), chain("i_begin", "check", "i_done"), process="inner")
    outer = whole(start(), call("calling", "inner"), end(), chain("begin", "calling", "done"), process="outer")
    both = play.upload({"both.bpmn": document(inner, outer)})
    assert [one.key for one in both.types] == ["inner", "outer"]
    with play.runtime.reading() as session:
        offered = sa.select(TicketType.key).where(TicketType.key.in_(("inner", "outer")), TicketType.fileable)
        assert session.scalars(offered).all() == ["outer"]
    number = play.file("zhoulan", "outer")
    play.upload({"inner.bpmn": document(inner.replace("check", "recheck"))})
    assert play.open_tasks(number) == ["inner/check"]
    assert play.open_tasks(play.file("zhoulan", "outer")) == ["inner/check"]
    play.upload({"outer.bpmn": document(outer)})
    assert play.open_tasks(play.file("zhoulan", "outer")) == ["inner/recheck"]


def test_a_process_deployed_before_brings_its_forms_to_those_who_call_it(play: Play) -> None:
    asking = (start(), staff("ask", camunda__formRef="ask"), end(), chain("begin", "ask", "done"))
    play.define(*asking, key="asked", forms={"ask": [text("a")]})
    calling = (start(), call("calling", "asked"), end(), chain("begin", "calling", "done"))
    play.define(*calling, key="asking")
    number = play.file("zhoulan", "asking")
    assert play.open_tasks(number) == ["asked/ask"]
    with play.runtime.reading() as session:
        digests = sa.select(UserTask.form_digest).where(UserTask.element == "asked/ask")
        assert session.scalars(digests).one() is not None


def test_a_called_process_that_is_nowhere_is_refused(play: Play) -> None:
    found = play.upload(files(start(), call("calling", "nowhere"), end(), chain("begin", "calling", "done")))
    assert (found.report.accepted, codes(found)) == (False, ["call-missing"])


def test_a_brands_own_type_hides_the_groups(play: Play) -> None:
    play.define(*ONE_TASK, key="local")
    brand = play.cast.places["qinghe"]
    own = files(start(), staff("campus"), end(), chain("begin", "campus", "done"), key="local")
    assert play.upload(own, brand_id=brand).types[0].version == 1
    assert play.open_tasks(play.file("zhoulan", "local")) == ["campus"]
    assert play.open_tasks(play.file("huangyi", "local")) == ["look"]


def test_camunda_form_data_becomes_a_form(play: Play) -> None:
    fields = (
        "<extensionElements><camunda:formData>"
        '<camunda:formField id="model" label="Model" type="string"><camunda:validation>'
        '<camunda:constraint name="required" /></camunda:validation></camunda:formField>'
        '<camunda:formField id="amount" label="Amount" type="long" /></camunda:formData></extensionElements>'
    )
    play.define(start(inner=fields), *ONE_TASK[1:], key="fields")
    play.file("zhoulan", "fields", model="P40", amount=3)
    assert play.ticket().data == {"model": "P40", "amount": 3}


def test_a_form_serves_several_tasks_and_is_stored_once(play: Play) -> None:
    tasks = (staff("one", camunda__formRef="ask"), staff("two", camunda__formRef="ask.form"))
    play.define(start(), *tasks, end(), chain("begin", "one", "two", "done"), key="shared", forms={"ask": [text("a")]})
    number = play.file("zhoulan", "shared")
    play.complete("lina", "one", number, a="1")
    play.complete("lina", "two", number, a="2")
    assert play.ticket(number).data == {"a": "2"}


def test_only_those_who_may_publish_do(play: Play) -> None:
    upload = files(*ONE_TASK, key="publish")
    with pytest.raises(Forbidden):
        play.upload(upload, by=play.cast.lina)
    made = play.upload(upload, by=play.cast.hejing)
    assert made.types[0].new
    entry = sa.select(AuditEntry.actor_id).where(AuditEntry.what == "publish v1")
    with play.runtime.reading() as session:
        assert session.scalars(entry).all() == [play.cast.people["hejing"]]


def test_a_brands_designer_publishes_for_their_brand_only(play: Play) -> None:
    with play.writing() as session, session.begin():
        person = session.get_one(Person, play.cast.people["zhoulan"])
        grant_role(session, person, role_id=play.cast.roles["designer"], place_id=play.cast.places["qinghe"])
    zhoulan = play.cast.zhoulan
    play.upload(files(*ONE_TASK, key="ours"), by=zhoulan)
    assert newest(play, "ours").brand_id == play.cast.places["qinghe"]
    for place in ("kapok", "qiming"):
        with pytest.raises(Forbidden):
            play.upload(files(*ONE_TASK, key="theirs"), by=zhoulan, brand_id=play.cast.places[place])


def test_what_begins_with_a_message_is_offered_to_messages_and_not_to_people(play: Play) -> None:
    begins = (start(inner=message()), staff("look"), end(), chain("begin", "look", "done"))
    play.define(*begins, key="told")
    play.define(*begins, staff("more"), chain("look", "more"), key="told")
    query = sa.select(ProcessDefinition.version).join(
        MessageSubscription, MessageSubscription.definition_id == ProcessDefinition.id
    )
    with play.runtime.reading() as session:
        assert session.scalars(query.where(ProcessDefinition.key == "told")).all() == [2]
        assert session.scalars(sa.select(TicketType.fileable).where(TicketType.key == "told")).all() == [False]


@pytest.mark.parametrize(
    ("named", "value"),
    [
        ("prefix", "cr"),
        ("prefix", "A-VERY-LONG-PREFIX"),
        ("sla.resolution", "tomorrow"),
        ("title", "${unknown_function()}"),
        ("owner", "${owner("),
        ("correlation", "${nobody("),
    ],
)
def test_a_setting_that_would_fail_later_is_refused_now(play: Play, named: str, value: str) -> None:
    found = play.upload(files(*ONE_TASK, key="settings", forms=None, **{named.replace(".", "__"): value}))
    assert not found.report.accepted
    assert found.types == []


def test_ids_and_names_of_any_length_are_kept_or_refused_with_a_word(play: Play) -> None:
    found = play.upload(files(*ONE_TASK, key="k" * 300))
    assert not found.report.accepted
    assert found.types == []
    named = element("process", "long_names", "".join(ONE_TASK), name="名" * 5000, isExecutable="true")
    assert play.upload({"a.bpmn": document(named)}).types[0].new


def test_shipped_types_make_no_second_version_when_a_designer_uploads_them(play: Play) -> None:
    play.ship("crash_report")
    assert [one.new for one in play.upload(shipped("crash_report"), by=play.cast.hejing).types] == [False]


def unknown(play: Play, *parts: str, lanes: str = "", **settings: str) -> dict[str, tuple[str, str]]:
    """What an upload warns of roles: by element, the problem and the remedy."""
    made = files(start(), *parts, end(), chain("begin", "look", "done"), key="roles", forms=None, **settings)
    content = made["roles.bpmn"].replace(b"<startEvent", lanes.encode() + b"<startEvent", 1)
    report = play.upload({"roles.bpmn": content}).report
    assert report.accepted
    found = [problem for problem in report.problems if problem.code == "role-unknown"]
    return {problem.element: (str(problem.problem), str(problem.remedy)) for problem in found}


@pytest.mark.parametrize(
    ("group", "named", "near"),
    [
        ("suport", "suport", "support"),
        ("Support", "", ""),
        ("技术支持", "", ""),
        ("support, 技术支持组", "技术支持组", "support"),
        ("zzzz", "zzzz", ""),
        ("${role('suport')}", "suport", "support"),
        ("${team}", "", ""),
        ("${least_loaded('support')}", "", ""),
    ],
)
def test_a_role_that_there_is_not_is_warned_of_with_the_one_likely_meant(
    play: Play, group: str, named: str, near: str
) -> None:
    found = unknown(play, staff("look", to=group))
    assert list(found) == (["look"] if named else [])
    for problem, remedy in found.values():
        assert f"“{named}” is no role here" in problem
        assert ("Did you mean" in remedy) is bool(near)
        assert f"“{near}”" in remedy or not near
        assert "support" in remedy


def test_a_lane_that_is_no_role_is_warned_of_where_nothing_else_says_who(play: Play) -> None:
    lane = '<laneSet id="s"><lane id="l" name="财神"><flowNodeRef>look</flowNodeRef></lane></laneSet>'
    assert "“财神” is no role here" in unknown(play, staff("look", to=""), lanes=lane)["look"][0]
    assert unknown(play, staff("look"), lanes=lane) == {}


@pytest.mark.parametrize(
    ("assignee", "warned"), [("demo", True), ("lina", False), ("LINA", False), ("support", False), ("${x}", False)]
)
def test_a_person_who_is_not_here_is_warned_of(play: Play, assignee: str, warned: bool) -> None:
    found = unknown(play, staff("look", to="", camunda__assignee=assignee))
    assert list(found) == (["look"] if warned else [])
    assert not warned or "“demo” is neither a person's login nor a role here" in found["look"][0]


def test_who_may_file_is_named_by_the_roles_key(play: Play) -> None:
    found = unknown(play, staff("look"), start__roles="support, 技术支持")
    assert "lets nobody file" in found["roles"][0]
    assert "Did you mean “support”?" in found["roles"][1]


def test_what_else_is_to_be_mended_is_told_beside_an_error_and_not_once_that_is_gone(play: Play) -> None:
    wrong = (start(), script("sum", "a = 1 +"), staff("look", to="suport", camunda__formRef="ask"))
    asks = staff("next", settings(assign="nobody()", evidence="smell", standardStep="a b"), to="${x +}")
    report = play.upload(files(*wrong, asks, end(), chain("begin", "sum", "look", "next", "done"), key="all")).report
    assert not report.accepted
    assert {(each.code, each.element) for each in report.problems} >= {
        ("expression", "sum"),
        ("expression", "next"),
        ("role-unknown", "look"),
        ("form-missing", "look"),
        ("assign", "next"),
        ("evidence", "next"),
        ("standard-key", "next"),
    }


def test_a_forgotten_form_is_an_error_beside_other_errors_too(play: Play) -> None:
    look = staff("look", camunda__formRef="ask")
    good = files(start(), look, end(), chain("begin", "look", "done"), key="keeps", forms={"ask": [text("a")]})
    assert play.upload(good).report.accepted
    wrong = files(start(), look, script("sum", "a = 1 +"), end(), chain("begin", "look", "sum", "done"), key="keeps")
    assert {(each.code, each.element) for each in play.upload(wrong).report.problems if each.level == "error"} == {
        ("expression", "sum"),
        ("form-lost", "look"),
    }


def test_a_trial_says_nothing_of_roles_that_only_an_installation_has(play: Play) -> None:
    report = deploy(play.runtime, None, files(*ONE_TASK[:1], staff("look", to="nobody"), *ONE_TASK[2:]), lenient=True)
    assert "role-unknown" not in codes(report)
